/**
 * One connection of bytes between the host and a realm, whatever is at its other end: what arrives is a source that the realm reads, what the
 * realm sends is a source that is read here, both at the pace of the slower side. Each direction ends by itself. Runs in a thread.
 */

import type { Duplex } from 'node:stream';
import type { ErrorState, SourceState } from '../../realm/prelude/state.ts';
import { makeHostError } from '../host-error.ts';
import { RequestBody } from '../network/request-body.ts';
import { ResponseBody } from '../network/response-body.ts';
import type { Turns } from '../network/turns.ts';

export interface ByteConnectionOptions {
  readonly turns: Turns;
  /** Runs what calls the realm, as part of the request that the connection belongs to. */
  readonly enter: (run: () => void) => void;
  /** The connection is gone, or (detached) somebody else's. Called once, in a turn of the host's. */
  readonly onClosed: () => void;
}

/** Read ahead of the realm, in bytes. */
const bufferedBytes = 64 * 1024;

export class ByteConnection {
  /** What arrives. */
  readonly incoming: SourceState;
  readonly #socket: Duplex;
  readonly #options: ByteConnectionOptions;
  readonly #body: ResponseBody;
  #upload: RequestBody | undefined;
  #isRead = false;
  #isSent = false;
  #isClosed = false;
  #failure: string | undefined;

  /** Takes over the socket, which must be open, and permit one direction to end before the other. */
  constructor(socket: Duplex, options: ByteConnectionOptions) {
    const { turns, enter } = options;
    this.#socket = socket;
    this.#options = options;
    this.#body = new ResponseBody({ turns, enter, bufferedBytes, onCancel: () => this.#canceled() });
    this.#body.onDrain = () => void socket.resume();
    this.incoming = this.#body.makeSource();
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** What is to be sent. To be called once; without a source, nothing is. */
  send(source: SourceState | undefined): void {
    if (source === undefined) {
      this.#endSending();
      return;
    }
    const { turns, enter } = this.#options;
    this.#upload = new RequestBody(source, { turns, enter });
    if (this.#isClosed) this.#upload.cancel(this.#lost());
    else void this.#pump(this.#upload);
  }

  /** Cuts the connection. */
  abort(reason: ErrorState): void {
    this.#body.abort(reason);
    this.#socket.destroy();
  }

  /** Gives the socket back, once what was sent has left: both directions are over for the realm. Undefined where it is gone. */
  async detach(): Promise<Duplex | undefined> {
    if (this.#isClosed || this.#isSent) return undefined;
    const socket = this.#socket;
    await new Promise<void>((resolve) => socket.write('', () => resolve()));
    if (this.#isClosed) return undefined;
    socket
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose);
    socket.pause();
    this.#closed();
    return socket;
  }

  async #pump(upload: RequestBody): Promise<void> {
    const socket = this.#socket;
    try {
      for await (const chunk of upload) {
        if (this.#isClosed) return;
        if (!socket.write(chunk)) await this.#drained();
      }
      if (!this.#isClosed) this.#endSending();
    } catch {
      // The realm has aborted what it was sending, and the other side must not take it for all.
      if (!this.#isClosed) cut(socket);
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }

  #endSending(): void {
    this.#isSent = true;
    this.#socket.end();
    this.#closeIfOver();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.#body.write(chunk)) this.#socket.pause();
  };

  readonly #onEnd = (): void => {
    this.#isRead = true;
    this.#body.end();
    this.#closeIfOver();
  };

  readonly #onError = (error: Error): void => {
    this.#failure = 'code' in error ? String(error.code) : error.name;
  };

  readonly #onClose = (): void => this.#closed();

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const lost = this.#lost();
    if (!this.#isRead) this.#body.fail(lost);
    if (!this.#isSent || this.#failure !== undefined) this.#upload?.cancel(lost);
    this.#options.onClosed();
  }

  #lost(): ErrorState {
    return makeHostError('CONNECTION_LOST', { reason: this.#failure });
  }

  /** The realm reads no more: what comes is thrown away, so that the end is noticed. */
  #canceled(): void {
    this.#isRead = true;
    if (!this.#isClosed) this.#socket.resume();
    this.#closeIfOver();
  }

  #closeIfOver(): void {
    if (!this.#isRead || !this.#isSent || this.#isClosed) return;
    const socket = this.#socket;
    if (socket.writableFinished) socket.destroy();
    else socket.once('finish', () => socket.destroy());
  }
}

/** Ends a connection at once: with a reset, where there is such a thing. Unix sockets and what TLS is spoken over have none. */
export function cut(socket: Duplex): void {
  if (!('resetAndDestroy' in socket) || typeof socket.resetAndDestroy !== 'function') {
    socket.destroy();
    return;
  }
  try {
    (socket as Duplex & { resetAndDestroy(): void }).resetAndDestroy();
  } catch {
    socket.destroy();
  }
}
