/** The object of a worker that a ReadableStream's chunks come from. https://streams.spec.whatwg.org/#underlying-source-api */

import { ReflectApply, TypeErrorCtor } from '../primordials.ts';
import { toDOMString, toEnforcedRange } from '../webidl.ts';
import { type Callback, toCallback } from './callbacks.ts';
import { SourceAlgorithms } from './readable-state.ts';

const WHERE = 'ReadableStream constructor';

/** An UnderlyingSource dictionary, and the calls of its callbacks. Its constructor throws what Web IDL asks. */
export class WorkerSource extends SourceAlgorithms {
  readonly #source: object | undefined;
  readonly #cancel: Callback | undefined;
  readonly #pull: Callback | undefined;
  readonly #start: Callback | undefined;
  readonly pulls: boolean;
  readonly isByteSource: boolean;
  readonly autoAllocateChunkSize: number | undefined;
  /** Set once the stream has one. */
  controller: object | undefined = undefined;

  constructor(source: object | undefined) {
    super();
    this.#source = source;
    const members = source as
      Record<'autoAllocateChunkSize' | 'cancel' | 'pull' | 'start' | 'type', unknown> | undefined;
    const size = members?.autoAllocateChunkSize;
    this.autoAllocateChunkSize =
      size === undefined
        ? undefined
        : toEnforcedRange(size, 0, 2 ** 53 - 1, `${WHERE}: autoAllocateChunkSize`);
    this.#cancel = toCallback(members?.cancel, WHERE, 'cancel');
    this.#pull = toCallback(members?.pull, WHERE, 'pull');
    this.#start = toCallback(members?.start, WHERE, 'start');
    const type = members?.type;
    this.isByteSource = type !== undefined;
    if (type !== undefined && toDOMString(type) !== 'bytes') {
      throw new TypeErrorCtor(`${WHERE}: type must be "bytes" or undefined.`);
    }
    this.pulls = this.#pull !== undefined;
  }

  /** Throws what the callback throws. */
  start(): unknown {
    return this.#start === undefined ? undefined : ReflectApply(this.#start, this.#source, [this.controller]);
  }

  pull(): unknown {
    return this.#pull === undefined ? undefined : ReflectApply(this.#pull, this.#source, [this.controller]);
  }

  cancel(reason: unknown): unknown {
    return this.#cancel === undefined ? undefined : ReflectApply(this.#cancel, this.#source, [reason]);
  }
}
