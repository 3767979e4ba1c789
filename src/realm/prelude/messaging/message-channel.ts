/** MessageChannel of the realm. https://html.spec.whatwg.org/#message-channels */

import { defineInterface } from '../webidl.ts';
import { type MessagePort, newPorts } from './message-port.ts';

/** https://html.spec.whatwg.org/#messagechannel */
export class MessageChannel {
  readonly #port1: MessagePort;
  readonly #port2: MessagePort;

  constructor() {
    const ports = newPorts();
    this.#port1 = ports[0];
    this.#port2 = ports[1];
  }

  get port1(): MessagePort {
    return this.#port1;
  }

  get port2(): MessagePort {
    return this.#port2;
  }
}

defineInterface(MessageChannel, 'MessageChannel');
