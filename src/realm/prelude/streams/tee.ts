/** Teeing a stream of any values. https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee */

import { PromisePrototypeThen } from '../primordials.ts';
import { DefaultController } from './default-controller.ts';
import { Deferred, microtask } from './promises.ts';
import { acquireReader, cancelReadable, readDefault } from './readable-ops.ts';
import { type ReadableState, type ReaderState, ReadRequest, SourceAlgorithms } from './readable-state.ts';

/** What the branches of both kinds of tees share: they cancel their stream once both are canceled. */
export abstract class TeeCancellation {
  readonly #stream: ReadableState;
  readonly #deferred = new Deferred<unknown>();
  #reason1: unknown = undefined;
  #reason2: unknown = undefined;
  canceled1 = false;
  canceled2 = false;

  constructor(stream: ReadableState) {
    this.#stream = stream;
  }

  cancel(branch: 1 | 2, reason: unknown): Deferred<unknown> {
    if (branch === 1) {
      this.canceled1 = true;
      this.#reason1 = reason;
    } else {
      this.canceled2 = true;
      this.#reason2 = reason;
    }
    if (this.canceled1 && this.canceled2) this.cancelStream([this.#reason1, this.#reason2]);
    return this.#deferred;
  }

  /** Cancels the stream; the branches' cancellations end with it. */
  cancelStream(reason: unknown): void {
    PromisePrototypeThen(cancelReadable(this.#stream, reason), this.#deferred.resolve, this.#deferred.reject);
  }

  /** The stream has ended, so that a branch's cancellation has nothing to wait for. */
  ended(): void {
    if (!this.canceled1 || !this.canceled2) this.#deferred.resolve(undefined);
  }
}

class TeeReadRequest extends ReadRequest {
  readonly #tee: Tee;

  constructor(tee: Tee) {
    super();
    this.#tee = tee;
  }

  chunk(value: unknown): void {
    this.#tee.chunkArrived(value);
  }

  close(): void {
    this.#tee.sourceClosed();
  }

  error(): void {
    this.#tee.reading = false;
  }
}

class Branch extends SourceAlgorithms {
  readonly pulls = true;
  readonly #tee: Tee;
  readonly #number: 1 | 2;

  constructor(tee: Tee, number: 1 | 2) {
    super();
    this.#tee = tee;
    this.#number = number;
  }

  pull(): undefined {
    this.#tee.pull();
  }

  cancel(reason: unknown): unknown {
    return this.#tee.cancel(this.#number, reason);
  }
}

class Tee extends TeeCancellation {
  readonly #source: ReadableState;
  readonly #reader: ReaderState;
  readonly #request = new TeeReadRequest(this);
  readonly #clone: ((chunk: unknown) => unknown) | undefined;
  readonly branch1: DefaultController;
  readonly branch2: DefaultController;
  reading = false;
  #readAgain = false;
  #arrived: unknown = undefined;
  readonly #onArrived = (): void => this.#distribute();

  constructor(source: ReadableState, clone: ((chunk: unknown) => unknown) | undefined) {
    super(source);
    this.#source = source;
    this.#clone = clone;
    this.#reader = acquireReader(source, 'default');
    this.branch1 = new DefaultController(new Branch(this, 1), 1);
    this.branch2 = new DefaultController(new Branch(this, 2), 1);
    this.branch1.start(undefined);
    this.branch2.start(undefined);
    PromisePrototypeThen(this.#reader.closed.promise, undefined, (reason) => this.#fail(reason));
  }

  pull(): void {
    if (this.reading) {
      this.#readAgain = true;
      return;
    }
    this.reading = true;
    readDefault(this.#source, this.#request);
  }

  /** A microtask later, so that an error of the source, which takes one to be noticed, is not overtaken. */
  chunkArrived(chunk: unknown): void {
    this.#arrived = chunk;
    microtask(this.#onArrived);
  }

  #distribute(): void {
    const chunk = this.#arrived;
    this.#arrived = undefined;
    this.#readAgain = false;
    let second = chunk;
    if (this.#clone !== undefined && !this.canceled2) {
      try {
        second = this.#clone(chunk);
      } catch (error) {
        this.branch1.error(error);
        this.branch2.error(error);
        this.cancelStream(error);
        return;
      }
    }
    if (!this.canceled1) this.branch1.enqueue(chunk);
    if (!this.canceled2) this.branch2.enqueue(second);
    this.reading = false;
    if (this.#readAgain) this.pull();
  }

  sourceClosed(): void {
    this.reading = false;
    if (!this.canceled1) this.branch1.close();
    if (!this.canceled2) this.branch2.close();
    this.ended();
  }

  #fail(reason: unknown): void {
    this.branch1.error(reason);
    this.branch2.error(reason);
    this.ended();
  }
}

/** The two branches of a tee. */
export interface Branches {
  readonly first: ReadableState;
  readonly second: ReadableState;
}

/**
 * ReadableStreamDefaultTee. Throws a TypeError where the stream is locked. `clone`, where given, makes the second branch's chunks;
 * what it throws fails both branches.
 */
export function teeDefault(source: ReadableState, clone?: (chunk: unknown) => unknown): Branches {
  const tee = new Tee(source, clone);
  return { first: tee.branch1.stream, second: tee.branch2.stream };
}
