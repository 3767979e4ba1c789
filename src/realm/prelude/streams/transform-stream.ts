/** TransformStream and TransformStreamDefaultController. https://streams.spec.whatwg.org/#ts-class */

import { RangeErrorCtor, ReflectApply, TypeErrorCtor } from '../primordials.ts';
import { registerTransferable } from '../clone/registry.ts';
import { defineInterface, illegalConstructor, illegalInvocation, isObject } from '../webidl.ts';
import { type Callback, toCallback } from './callbacks.ts';
import { Deferred } from './promises.ts';
import type { ReadableStream } from './readable-stream.ts';
import { type Sides, sidesOf } from './sides.ts';
import { highWaterMarkOf, toStrategy } from './strategy.ts';
import { TransformAlgorithms, TransformState } from './transform-state.ts';
import { checkTransferable } from './transfer.ts';
import type { WritableStream } from './writable-stream.ts';

const TOKEN = {};

let newController: (state: TransformState) => TransformStreamDefaultController;

export class TransformStreamDefaultController {
  readonly #state: TransformState;

  constructor(token: unknown = undefined, state: TransformState | undefined = undefined) {
    if (token !== TOKEN || state === undefined) throw illegalConstructor();
    this.#state = state;
  }

  get desiredSize(): number | null {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.readable.desiredSize;
  }

  enqueue(chunk: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.error(reason);
  }

  terminate(): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.terminate();
  }

  static {
    newController = (state) => new TransformStreamDefaultController(TOKEN, state);
  }
}

const WHERE = 'TransformStream constructor';

type Members = Record<'cancel' | 'flush' | 'readableType' | 'start' | 'transform' | 'writableType', unknown>;

/** The object of a worker that transforms. Its constructor throws what Web IDL asks. */
class WorkerTransformer extends TransformAlgorithms {
  readonly #transformer: object | undefined;
  readonly #cancel: Callback | undefined;
  readonly #flush: Callback | undefined;
  readonly #start: Callback | undefined;
  readonly #transform: Callback | undefined;
  readonly #types: readonly [unknown, unknown];
  /** Set once the stream has one. */
  controller: TransformStreamDefaultController | undefined = undefined;

  constructor(transformer: object | undefined) {
    super();
    this.#transformer = transformer;
    const members = transformer as Members | undefined;
    this.#cancel = toCallback(members?.cancel, WHERE, 'cancel');
    this.#flush = toCallback(members?.flush, WHERE, 'flush');
    const readableType = members?.readableType;
    this.#start = toCallback(members?.start, WHERE, 'start');
    this.#transform = toCallback(members?.transform, WHERE, 'transform');
    this.#types = [readableType, members?.writableType];
  }

  /** Throws a RangeError for a type, none of which exist yet. */
  checkTypes(): void {
    if (this.#types[0] !== undefined) throw new RangeErrorCtor(`${WHERE}: readableType must be undefined.`);
    if (this.#types[1] !== undefined) throw new RangeErrorCtor(`${WHERE}: writableType must be undefined.`);
  }

  /** Throws what the callback throws. */
  start(): unknown {
    return this.#start === undefined
      ? undefined
      : ReflectApply(this.#start, this.#transformer, [this.controller]);
  }

  transform(chunk: unknown, state: TransformState): unknown {
    if (this.#transform !== undefined)
      return ReflectApply(this.#transform, this.#transformer, [chunk, this.controller]);
    state.enqueue(chunk);
    return undefined;
  }

  flush(): unknown {
    return this.#flush === undefined
      ? undefined
      : ReflectApply(this.#flush, this.#transformer, [this.controller]);
  }

  cancel(reason: unknown): unknown {
    return this.#cancel === undefined ? undefined : ReflectApply(this.#cancel, this.#transformer, [reason]);
  }
}

function setUp(
  transformer: object | undefined,
  writableStrategy: unknown,
  readableStrategy: unknown,
): TransformState {
  const writableQueue = toStrategy(writableStrategy, WHERE);
  const readableQueue = toStrategy(readableStrategy, WHERE);
  const algorithms = new WorkerTransformer(transformer);
  algorithms.checkTypes();
  const readableMark = highWaterMarkOf(readableQueue, 0);
  const state = new TransformState(algorithms, {
    writableMark: highWaterMarkOf(writableQueue, 1),
    writableSize: writableQueue.size,
    readableMark,
    readableSize: readableQueue.size,
  });
  algorithms.controller = newController(state);
  const started = new Deferred<unknown>();
  state.start(started.promise);
  started.resolve(algorithms.start());
  return state;
}

/** The first argument of the constructor when the second is a Sides: for subclasses in the prelude. */
export const SIDES = {};

let isTransform: (value: object) => boolean;
let wasTransferred: (stream: object) => boolean;
let transfer: (stream: object) => TransformStream;

export class TransformStream {
  readonly #sides: Sides;

  constructor(
    transformer: unknown = undefined,
    writableStrategy: unknown = undefined,
    readableStrategy: unknown = undefined,
  ) {
    if (transformer === SIDES) {
      this.#sides = writableStrategy as Sides;
      return;
    }
    if (transformer !== undefined && !isObject(transformer)) {
      throw new TypeErrorCtor(`${WHERE}: the transformer is not an object.`);
    }
    this.#sides = sidesOf(setUp(transformer, writableStrategy, readableStrategy));
  }

  get readable(): ReadableStream {
    if (!(#sides in this)) throw illegalInvocation();
    return this.#sides.readable;
  }

  get writable(): WritableStream {
    if (!(#sides in this)) throw illegalInvocation();
    return this.#sides.writable;
  }

  static {
    isTransform = (value) => #sides in value;
    wasTransferred = (stream) => (stream as TransformStream).#sides.wasTransferred;
    transfer = (stream) => {
      const sides = (stream as TransformStream).#sides;
      checkTransferable(sides.isLocked);
      return new TransformStream(SIDES, sides.transfer());
    };
  }
}

defineInterface(TransformStreamDefaultController, 'TransformStreamDefaultController');
defineInterface(TransformStream, 'TransformStream');
registerTransferable(isTransform, { isDetached: wasTransferred, transfer });
