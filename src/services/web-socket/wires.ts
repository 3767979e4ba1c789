/** The WebSocket connections of one owner, which are closed together. Runs in a thread. */

import type { WebSocket } from 'ws';
import type { WebSocketState } from '../../realm/prelude/state.ts';
import { Wire, type WireEvents } from './wire.ts';

/** How long the other sides have to answer once all is being closed, in milliseconds. */
const grace = 500;

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const goingAway = 1001;

export class Wires {
  readonly #open = new Set<Wire>();
  #onEmpty: () => void = () => undefined;
  #isClosing = false;

  /** Couples an open connection with an end. */
  add(socket: WebSocket, end: WebSocketState, { onFault, onClosed }: WireEvents): void {
    const wire = new Wire(socket, end, {
      onFault,
      onClosed: () => {
        this.#open.delete(wire);
        onClosed();
        if (this.#open.size === 0) this.#onEmpty();
      },
    });
    this.#open.add(wire);
    if (this.#isClosing) wire.close(goingAway);
  }

  /** Asks all others to close, and those that come late as well. */
  closeSoon(): void {
    this.#isClosing = true;
    for (const wire of this.#open) wire.close(goingAway);
  }

  /** The same, and breaks off what is still open a little later. */
  async close(): Promise<void> {
    this.closeSoon();
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(() => this.terminate(), grace);
    await promise;
    clearTimeout(timer);
  }

  /** Breaks all of them off. */
  terminate(): void {
    for (const wire of this.#open) wire.terminate();
  }
}
