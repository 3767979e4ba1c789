/**
 * Couples a connection of the `ws` package, to a client or to a server, with an end of a pair (src/realm/web-socket-pair.ts). Messages
 * flow at the pace of whoever takes them: a connection is not read while too much of it waits for the realm, and the realm's messages
 * wait at their end while the connection is slow. Runs in a thread.
 */

import type { RawData, WebSocket } from 'ws';
import type { WebSocketState } from '../../realm/prelude/state.ts';
import { messageCost } from '../../realm/web-socket-pair.ts';
import { copyOfBytes } from '../../shared/bytes.ts';

const { apply } = Reflect;
const { transfer } = ArrayBuffer.prototype;

/** Of every connection of a thread. Sizes in bytes, times in milliseconds. */
export const wireLimits = Object.freeze({
  /** A longer message closes the connection with 1009. */
  messageBytes: 16 * 1024 * 1024,
  /** What may wait on its way before the other side has to. */
  bufferedBytes: 256 * 1024,
  /** How long the other side may take to answer a close. */
  closeTimeout: 10_000,
  /** How long it may take nothing of what waits for it. */
  stallTimeout: 60_000,
});

/** Options of `ws` that both of its sides take. No compression: what a small message unpacks to is the sender's choice. */
export const wireOptions = Object.freeze({
  perMessageDeflate: false,
  maxPayload: wireLimits.messageBytes,
  closeTimeout: wireLimits.closeTimeout,
});

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const noStatus = 1005;
const lost = 1006;
const internalError = 1011;

export interface WireEvents {
  /** The connection broke a rule of the protocol or a limit, and is being closed. */
  readonly onFault: (reason: string) => void;
  /** The connection is gone. */
  readonly onClosed: () => void;
}

export class Wire {
  readonly #socket: WebSocket;
  readonly #end: WebSocketState;
  readonly #stallTimeout: number;
  #stall: NodeJS.Timeout | undefined;
  /** Cost of messages that the realm's side has not taken. */
  #untaken = 0;
  #isWaiting = false;

  /** `socket` is open. Opens `end`. */
  constructor(
    socket: WebSocket,
    end: WebSocketState,
    { onFault, onClosed }: WireEvents,
    { stallTimeout }: { readonly stallTimeout: number } = wireLimits,
  ) {
    this.#socket = socket;
    this.#end = end;
    this.#stallTimeout = stallTimeout;
    socket.on('message', (data: RawData, isBinary: boolean) => this.#receive(data as Buffer, isBinary));
    socket.on('error', (error) => onFault(error.message));
    socket.once('close', (code, reason) => {
      clearTimeout(this.#stall);
      if (code === lost) end.drop(lost, '');
      else end.close(code, reason.toString());
      onClosed();
    });
    end.open({
      message: (text, buffer) => this.#send(text, buffer),
      closed: (code, reason, isClean) => this.#close(code, reason, isClean),
      taken: (cost) => this.#taken(cost),
    });
  }

  /** Asks the other side to close. */
  close(code: number): void {
    this.#socket.close(code);
  }

  /** Breaks the connection off. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#untaken += messageCost(data.byteLength);
    if (isBinary) this.#end.send(undefined, copyOfBytes(data));
    else this.#end.send(data.toString(), undefined);
    if (this.#untaken > wireLimits.bufferedBytes) this.#socket.pause();
  }

  #taken(cost: number): void {
    this.#untaken -= cost;
    if (this.#socket.isPaused && this.#untaken <= wireLimits.bufferedBytes) this.#socket.resume();
  }

  /** False where the connection has enough to do. */
  #send(text: string | undefined, buffer: ArrayBuffer | undefined): boolean {
    const data = text ?? new Uint8Array(apply(transfer, buffer, []));
    this.#socket.send(data, { binary: text === undefined }, () => this.#sent());
    this.#isWaiting = this.#socket.bufferedAmount > wireLimits.bufferedBytes;
    if (this.#isWaiting) this.#stall = setTimeout(() => this.terminate(), this.#stallTimeout);
    return !this.#isWaiting;
  }

  #sent(): void {
    if (!this.#isWaiting) return;
    if (this.#socket.bufferedAmount > wireLimits.bufferedBytes) {
      this.#stall?.refresh();
      return;
    }
    this.#isWaiting = false;
    clearTimeout(this.#stall);
    this.#end.resume();
  }

  #close(code: number, reason: string, isClean: boolean): void {
    // A connection that has been paused would not see the answer.
    if (this.#socket.isPaused) this.#socket.resume();
    if (code === noStatus) this.#socket.close();
    else this.#socket.close(isClean || code !== lost ? code : internalError, reason);
  }
}
