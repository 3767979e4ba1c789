/** Teeing a byte stream: each branch has bytes of its own. https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee */

import { PromisePrototypeThen, Uint8ArrayCtor } from '../primordials.ts';
import { readInto } from './byob-reader.ts';
import { type ByobRequest, ByteController } from './byte-controller.ts';
import { respond, respondWithNewView } from './byte-respond.ts';
import { microtask } from './promises.ts';
import { acquireReader, readDefault, releaseReader } from './readable-ops.ts';
import { type ReadableState, type ReaderState, ReadRequest, SourceAlgorithms } from './readable-state.ts';
import { type Branches, TeeCancellation } from './tee.ts';
import { copyOfBytes, toViewParts, type ViewParts } from './views.ts';

/** A read for both branches. */
class TeeReadRequest extends ReadRequest {
  readonly #tee: ByteTee;

  constructor(tee: ByteTee) {
    super();
    this.#tee = tee;
  }

  /** A microtask later, so that an error of the source, which takes one to be noticed, is not overtaken. */
  chunk(value: unknown): void {
    microtask(() => this.#tee.distribute(partsOf(value)));
  }

  close(): void {
    this.#tee.sourceClosed();
  }

  error(): void {
    this.#tee.reading = false;
  }
}

/** A read into the buffer that one of the branches was asked to fill. */
class TeeReadIntoRequest extends ReadRequest {
  readonly #tee: ByteTee;
  readonly #forSecond: boolean;

  constructor(tee: ByteTee, forSecond: boolean) {
    super();
    this.#tee = tee;
    this.#forSecond = forSecond;
  }

  chunk(value: unknown): void {
    microtask(() => this.#tee.distributeInto(partsOf(value), this.#forSecond));
  }

  close(view: unknown): void {
    this.#tee.sourceClosedInto(view === undefined ? undefined : partsOf(view), this.#forSecond);
  }

  error(): void {
    this.#tee.reading = false;
  }
}

function partsOf(view: unknown): ViewParts {
  return toViewParts(view, 'ReadableStream.tee');
}

class Branch extends SourceAlgorithms {
  readonly pulls = true;
  readonly #tee: ByteTee;
  readonly #isSecond: boolean;

  constructor(tee: ByteTee, isSecond: boolean) {
    super();
    this.#tee = tee;
    this.#isSecond = isSecond;
  }

  pull(): undefined {
    this.#tee.pull(this.#isSecond);
  }

  cancel(reason: unknown): unknown {
    return this.#tee.cancel(this.#isSecond ? 2 : 1, reason);
  }
}

class ByteTee extends TeeCancellation {
  readonly #source: ReadableState;
  #reader: ReaderState;
  readonly branch1: ByteController;
  readonly branch2: ByteController;
  reading = false;
  #readAgain1 = false;
  #readAgain2 = false;

  constructor(source: ReadableState) {
    super(source);
    this.#source = source;
    this.#reader = acquireReader(source, 'default');
    this.branch1 = new ByteController(new Branch(this, false), 0);
    this.branch2 = new ByteController(new Branch(this, true), 0);
    this.branch1.start(undefined);
    this.branch2.start(undefined);
    this.#watch(this.#reader);
  }

  #watch(reader: ReaderState): void {
    PromisePrototypeThen(reader.closed.promise, undefined, (reason) => {
      if (reader !== this.#reader) return;
      this.branch1.error(reason);
      this.branch2.error(reason);
      this.ended();
    });
  }

  #use(kind: 'default' | 'byob'): void {
    if (this.#reader.kind === kind) return;
    releaseReader(this.#reader);
    this.#reader = acquireReader(this.#source, kind);
    this.#watch(this.#reader);
  }

  pull(forSecond: boolean): void {
    if (this.reading) {
      if (forSecond) this.#readAgain2 = true;
      else this.#readAgain1 = true;
      return;
    }
    this.reading = true;
    const request = (forSecond ? this.branch2 : this.branch1).byobRequest;
    if (request === undefined) this.#readForBoth();
    else this.#readIntoBranch(request, forSecond);
  }

  #readForBoth(): void {
    this.#use('default');
    readDefault(this.#source, new TeeReadRequest(this));
  }

  #readIntoBranch(request: ByobRequest, forSecond: boolean): void {
    this.#use('byob');
    readInto(this.#source, partsOf(request.view), 1, new TeeReadIntoRequest(this, forSecond));
  }

  distribute(chunk: ViewParts): void {
    this.#readAgain1 = false;
    this.#readAgain2 = false;
    let second = chunk;
    if (!this.canceled1 && !this.canceled2) {
      const copy = this.#copy(chunk);
      if (copy === undefined) return;
      second = copy;
    }
    if (!this.canceled1) this.branch1.enqueue(chunk);
    if (!this.canceled2) this.branch2.enqueue(second);
    this.#goOn();
  }

  distributeInto(chunk: ViewParts, forSecond: boolean): void {
    this.#readAgain1 = false;
    this.#readAgain2 = false;
    const isCanceled = forSecond ? this.canceled2 : this.canceled1;
    const isOtherCanceled = forSecond ? this.canceled1 : this.canceled2;
    const copy = isOtherCanceled ? undefined : this.#copy(chunk);
    if (!isOtherCanceled && copy === undefined) return;
    if (!isCanceled) respondWithNewView(forSecond ? this.branch2 : this.branch1, chunk);
    if (copy !== undefined) (forSecond ? this.branch1 : this.branch2).enqueue(copy);
    this.#goOn();
  }

  /** Undefined where memory is lacking; then both branches have failed. */
  #copy(chunk: ViewParts): ViewParts | undefined {
    try {
      return partsOf(new Uint8ArrayCtor(copyOfBytes(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
    } catch (error) {
      this.branch1.error(error);
      this.branch2.error(error);
      this.cancelStream(error);
      return undefined;
    }
  }

  #goOn(): void {
    this.reading = false;
    if (this.#readAgain1) this.pull(false);
    else if (this.#readAgain2) this.pull(true);
  }

  sourceClosed(): void {
    this.reading = false;
    if (!this.canceled1) this.branch1.close();
    if (!this.canceled2) this.branch2.close();
    if (this.branch1.pendingPullIntos.head !== undefined) respond(this.branch1, 0);
    if (this.branch2.pendingPullIntos.head !== undefined) respond(this.branch2, 0);
    this.ended();
  }

  sourceClosedInto(view: ViewParts | undefined, forSecond: boolean): void {
    this.reading = false;
    const branch = forSecond ? this.branch2 : this.branch1;
    const other = forSecond ? this.branch1 : this.branch2;
    const isCanceled = forSecond ? this.canceled2 : this.canceled1;
    const isOtherCanceled = forSecond ? this.canceled1 : this.canceled2;
    if (!isCanceled) branch.close();
    if (!isOtherCanceled) other.close();
    if (view !== undefined) {
      if (!isCanceled) respondWithNewView(branch, view);
      if (!isOtherCanceled && other.pendingPullIntos.head !== undefined) respond(other, 0);
    }
    this.ended();
  }
}

/** ReadableByteStreamTee. Throws a TypeError where the stream is locked. */
export function teeBytes(source: ReadableState): Branches {
  const tee = new ByteTee(source);
  return { first: tee.branch1.stream, second: tee.branch2.stream };
}
