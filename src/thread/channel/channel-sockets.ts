/**
 * WebSockets whose ends are on both sides of a channel: each side couples an end of its own thread with messages. A sender goes on only as
 * far as the receiver has taken what came before. The thread that shares a connection gives it a number; the other one uses the negative
 * of it, and a message always says the number by which its receiver knows the connection.
 */

import { neutral } from '../../realm/neutral.ts';
import type { ErrorState, WebSocketState } from '../../realm/prelude/state.ts';
import { messageCost } from '../../realm/web-socket-pair.ts';
import { makeHostError } from '../../services/host-error.ts';
import type { Send } from './outgoing-streams.ts';
import { Violation } from './trust.ts';

const transfer = ArrayBuffer.prototype.transfer;

/** What may be on its way, or wait over there, before this side waits; as messageCost counts. */
const windowCost = 256 * 1024;

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const lost = 1006;

interface SharedSocket {
  readonly end: WebSocketState;
  /** Cost of what was sent and has not been taken. */
  untaken: number;
  isWaiting: boolean;
  /** Messages in each direction end with a close. */
  hasSentClose: boolean;
  hasReceivedClose: boolean;
  readonly onEnd: () => void;
}

export class ChannelSockets {
  readonly #open = new Map<number, SharedSocket>();
  readonly #send: Send;
  readonly #most: number;
  #nextId = 1;

  /** `most`: connections that may be shared at a time. */
  constructor(send: Send, most: number) {
    this.#send = send;
    this.#most = most;
  }

  get size(): number {
    return this.#open.size;
  }

  /** What is to be said where the other side takes no more of them. */
  get refusal(): ErrorState | undefined {
    if (this.#open.size < this.#most) return undefined;
    return makeHostError('RPC_LIMIT', { what: `${this.#most} WebSockets are open` });
  }

  /** Shares an end of this thread with the other. Returns its number there. `onEnd`: the connection is over. */
  share(end: WebSocketState, onEnd: () => void): number {
    const id = this.#nextId++;
    this.#couple(id, end, onEnd);
    return -id;
  }

  /** An end for connection `id`, which the other thread has shared. */
  receive(id: number): WebSocketState {
    if (this.#open.has(id)) throw new Violation('two WebSockets have one number');
    if (this.#open.size >= this.#most) throw new Violation('too many WebSockets are open');
    const { first, second } = neutral.webSocketPair();
    this.#couple(id, first, () => undefined);
    return second;
  }

  message(id: number, text: string | undefined, buffer: ArrayBuffer | undefined): void {
    this.#open.get(id)?.end.send(text, buffer);
  }

  /** The other thread's end has closed. */
  closed(id: number, code: number, reason: string, isClean: boolean): void {
    const socket = this.#open.get(id);
    if (socket === undefined) return;
    socket.hasReceivedClose = true;
    if (isClean) socket.end.close(code, reason);
    else {
      socket.hasSentClose = true;
      socket.end.drop(code, reason);
    }
    this.#forgetIfOver(id, socket);
  }

  taken(id: number, cost: number): void {
    const socket = this.#open.get(id);
    if (socket === undefined) return;
    socket.untaken -= cost;
    if (!socket.isWaiting || socket.untaken > windowCost) return;
    socket.isWaiting = false;
    socket.end.resume();
  }

  /** A message of this side cannot be sent: the connection is lost on both. */
  lose(id: number): void {
    if (!this.#open.has(id)) return;
    this.#send({ type: 'socket-close', socket: -id, code: lost, reason: '', isClean: false });
    this.closed(id, lost, '', false);
  }

  /** The channel is gone. */
  dropAll(): void {
    for (const id of [...this.#open.keys()]) this.closed(id, lost, '', false);
  }

  #couple(id: number, end: WebSocketState, onEnd: () => void): void {
    const socket: SharedSocket = {
      end,
      untaken: 0,
      isWaiting: false,
      hasSentClose: false,
      hasReceivedClose: false,
      onEnd,
    };
    this.#open.set(id, socket);
    end.open({
      message: (text, buffer) => this.#forward(id, socket, text, buffer),
      closed: (code, reason, isClean) => {
        socket.hasSentClose = true;
        socket.hasReceivedClose ||= !isClean;
        this.#send({ type: 'socket-close', socket: -id, code, reason, isClean });
        this.#forgetIfOver(id, socket);
      },
      taken: (cost) => this.#send({ type: 'socket-taken', socket: -id, cost }),
    });
  }

  #forward(
    id: number,
    socket: SharedSocket,
    text: string | undefined,
    buffer: ArrayBuffer | undefined,
  ): boolean {
    const moved = buffer === undefined ? undefined : transfer.call(buffer);
    const bytes = text === undefined ? (moved?.byteLength ?? 0) : Buffer.byteLength(text);
    socket.untaken += messageCost(bytes);
    socket.isWaiting = socket.untaken > windowCost;
    const message = { type: 'socket-message', socket: -id, text, buffer: moved } as const;
    this.#send(message, moved === undefined ? [] : [moved]);
    return !socket.isWaiting;
  }

  #forgetIfOver(id: number, socket: SharedSocket): void {
    if (!socket.hasSentClose || !socket.hasReceivedClose) return;
    if (this.#open.delete(id)) socket.onEnd();
  }
}
