/** Plain connections of clients, each for the `connect` handler of the service behind its socket. Runs in a thread. */

import type { Socket } from 'node:net';
import { neutral } from '../../realm/neutral.ts';
import type { CallState, ErrorState, ResponseState } from '../../realm/prelude/state.ts';
import { ByteConnection, cut } from '../../services/connection/byte-connection.ts';
import { Turns } from '../../services/network/turns.ts';
import { endRequest, type RequestContext, runInRequest } from '../../services/request-context.ts';
import { quote } from '../../shared/text.ts';
import type { Destination } from './door.ts';
import type { IngressPowers } from './ingress-powers.ts';

export interface TcpConnectionsOptions {
  readonly powers: IngressPowers;
  /** Called for each connection when it is gone. */
  readonly onEnd: () => void;
}

const clientGone = neutral.error('domexception', 'AbortError', 'The client disconnected.', '', '');

export class TcpConnections {
  readonly #options: TcpConnectionsOptions;
  readonly #open = new Set<Socket>();
  readonly #turns = new Turns();

  constructor(options: TcpConnectionsOptions) {
    this.#options = options;
  }

  /** Hands a connection over; `isSecure`: it is encrypted. */
  accept(socket: Socket, { target, service, entrypoint }: Destination, isSecure: boolean): void {
    const { powers } = this.#options;
    const context: RequestContext = { requestId: powers.nextRequestId(), depth: 0, service, entrypoint };
    const enter = (run: () => void): void => {
      powers.onEnter(service);
      runInRequest(context, run);
    };
    this.#open.add(socket);
    let isSettled = false;
    const connection = new ByteConnection(socket, {
      turns: this.#turns,
      enter,
      onClosed: () => {
        this.#open.delete(socket);
        if (!isSettled && call.aborted === undefined) {
          call.aborted = clientGone;
          enter(() => call.onAbort?.(clientGone));
        }
        endRequest(context);
        this.#options.onEnd();
      },
    });
    const settle: CallState['settle'] = (_call, response, error) => {
      if (isSettled) return;
      isSettled = true;
      if (response === undefined) this.#refuse(socket, service, error as ErrorState);
      else connection.send(sourceOf(response));
    };
    const local = authority(socket.localAddress, socket.localPort);
    const headers = `remote-address\n${authority(socket.remoteAddress, socket.remotePort)}\nlocal-address\n${local}\nsecure-transport\n${isSecure ? 'on' : 'off'}\n`;
    const body = neutral.streamBody(connection.incoming, -1);
    const request = neutral.request('CONNECT', `tcp://${local}`, headers, body, '');
    const call = neutral.call(settle, target, request, undefined, undefined, undefined);
    enter(() => target.fetch(request, call));
  }

  /** Cuts off what is left. */
  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** A worker has logged what it threw; an error of nanod itself has no stack, and is logged here. */
  #refuse(socket: Socket, service: string, { code, message, stack }: ErrorState): void {
    if (code !== '' && stack === '')
      this.#options.powers.log(50, `${quote(service)} did not take a connection: ${message}`, '');
    // In a turn of its own: the realm is on the stack.
    setImmediate(() => cut(socket));
  }
}

function sourceOf({ body }: ResponseState) {
  return typeof body === 'object' ? body.source : undefined;
}

/** '' for what has none, as a Unix socket. */
function authority(address: string | undefined, port: number | undefined): string {
  if (address === undefined || port === undefined) return '';
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
