/** A connection as its realm knows it: two streams, and what has become of them. No worker can reach it. */

import { TypeErrorCtor, Uint8ArrayCtor } from '../primordials.ts';
import { fromErrorState, toErrorState } from '../errors/error-state.ts';
import type { ErrorState, SourceState } from '../state.ts';
import { newByteSides } from '../streams/identity-stream.ts';
import { sourceStream, streamSource } from '../streams/internal.ts';
import { Deferred, markHandled } from '../streams/promises.ts';
import { readableStateOf } from '../streams/readable-brand.ts';
import { cancelReadable } from '../streams/readable-ops.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import { writableStateOf } from '../streams/writable-brand.ts';
import { abortWritable, enqueueWrite, errorWritableIfNeeded } from '../streams/writable-ops.ts';
import { WriteEntry } from '../streams/writable-state.ts';
import type { WritableStream } from '../streams/writable-stream.ts';
import { closeWithErrorPropagation } from '../streams/writer.ts';
import { Arriving, watched } from './arriving.ts';

export type SecureTransport = 'off' | 'on' | 'starttls';

/** The addresses of the two ends, where they are known. */
export interface SocketInfo {
  readonly remoteAddress: string | null;
  readonly localAddress: string | null;
}

export interface LinkOptions {
  readonly secureTransport: SecureTransport;
  readonly allowHalfOpen: boolean;
  readonly highWaterMark: number | undefined;
}

/** Everything that was written before it has been taken. */
class Flush extends WriteEntry {
  readonly deferred = new Deferred<undefined>();

  constructor() {
    super(new Uint8ArrayCtor(0));
  }

  written(): void {
    this.deferred.resolve(undefined);
  }

  failed(reason: unknown): void {
    this.deferred.reject(reason);
  }
}

export class Link {
  readonly options: LinkOptions;
  readonly opened = new Deferred<SocketInfo>();
  readonly closed = new Deferred<undefined>();
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
  /** What leaves, for the other side. */
  readonly leaving: SourceState;
  readonly #arriving: Arriving;
  isUpgraded = false;
  isStartingTls = false;
  /** By which the host knows a connection that can be encrypted later; ''. */
  token = '';
  #isClosing = false;
  #isReadOver = false;
  #isWriteOver = false;

  constructor(options: LinkOptions) {
    this.options = options;
    this.#arriving = new Arriving((error) => this.#readOver(error));
    this.readable = sourceStream(this.#arriving.source, fromErrorState);
    const sides = newByteSides(options.highWaterMark);
    this.writable = sides.writable;
    this.leaving = watched(
      streamSource(sides.readable),
      (error) => this.#writeOver(error),
      (reason) => this.#writeOver(reason),
    );
    markHandled(this.opened.promise);
    markHandled(this.closed.promise);
  }

  /** The connection is there. */
  open(arriving: SourceState, info: SocketInfo): void {
    this.#arriving.open(arriving);
    this.opened.resolve(info);
  }

  /** There will be no connection. */
  fail(error: unknown): void {
    this.opened.reject(error);
    this.closed.reject(error);
    this.#arriving.fail(toErrorState(error));
    errorWritableIfNeeded(writableStateOf(this.writable), error);
  }

  /** Sends what was written, and ends the connection. */
  close(): Promise<undefined> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      void this.#close();
    }
    return this.closed.promise;
  }

  /** Ends the connection so that the other side knows that something went wrong. */
  abort(error: unknown): void {
    markHandled(abortWritable(writableStateOf(this.writable), error));
    markHandled(cancelReadable(readableStateOf(this.readable), error));
  }

  /** Resolves when everything that was written has been taken. */
  flush(): Promise<undefined> {
    const state = writableStateOf(this.writable);
    const flush = new Flush();
    if (state.status === 'writable' && !state.isClosing) enqueueWrite(state, flush, 0);
    else flush.failed(new TypeErrorCtor('The connection is closed: it cannot be encrypted.'));
    return flush.deferred.promise;
  }

  /** The connection is another link's now. */
  upgraded(): void {
    this.isUpgraded = true;
    this.token = '';
    this.closed.resolve(undefined);
  }

  async #close(): Promise<void> {
    try {
      await this.opened.promise;
      await closeWithErrorPropagation(writableStateOf(this.writable));
    } catch {
      // what is said of it stands in `closed`
    }
    markHandled(cancelReadable(readableStateOf(this.readable), undefined));
    this.closed.resolve(undefined);
  }

  #readOver(error: ErrorState | undefined): void {
    this.#isReadOver = true;
    if (error !== undefined) this.closed.reject(fromErrorState(error));
    else if (!this.options.allowHalfOpen && !this.#isWriteOver) this.#endWriting();
    this.#settle();
  }

  /** The other side has ended: so does this one, once what was written is sent. */
  #endWriting(): void {
    markHandled(closeWithErrorPropagation(writableStateOf(this.writable)));
  }

  #writeOver(error: ErrorState | undefined): void {
    this.#isWriteOver = true;
    if (error !== undefined) this.closed.reject(fromErrorState(error));
    this.#settle();
  }

  #settle(): void {
    if (this.#isReadOver && this.#isWriteOver) this.closed.resolve(undefined);
  }
}
