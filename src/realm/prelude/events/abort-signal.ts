/**
 * AbortController and AbortSignal of the realm. https://dom.spec.whatwg.org/#aborting-ongoing-activities
 *
 * A signal made by `AbortSignal.any` is held by its sources weakly, so that a long-lived source does not collect those of every
 * request; it is held firmly while somebody listens to it.
 */

import { registerInspection } from '../console/registry.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import {
  MapCtor,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGetSize,
  MapPrototypeSet,
  SetCtor,
  SetPrototypeAdd,
  SetPrototypeDelete,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  TypeErrorCtor,
  WeakRefCtor,
  WeakRefPrototypeDeref,
} from '../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  requireArguments,
  toEnforcedRange,
  toSequence,
} from '../webidl.ts';
import { Event, trusted } from './event.ts';
import { defineEventHandler } from './event-handlers.ts';
import { countListeners, dispatch, EventTarget, setSignalSupport, watchListeners } from './event-target.ts';

type Algorithm = () => void;

/** Passed to the constructor by this module alone. */
const MAKE = {};

const MAX_SAFE = 2 ** 53 - 1;
const FIRST_SWEEP = 32;

/** The links between a signal made by `any` and its sources; a signal has them only when it takes part in that. */
class Links {
  /** Not aborted, and not dependent themselves. */
  sources = new SetCtor<AbortSignal>();
  /** By the dependent's weak reference, in the order they were made; the value holds it firmly while somebody listens to it. */
  dependents = new MapCtor<WeakRef<AbortSignal>, AbortSignal | undefined>();
  sweepAt = FIRST_SWEEP;
  /** Set for a dependent signal: its key in the maps of its sources. */
  self: WeakRef<AbortSignal> | undefined;
}

/** Whether the value is an AbortSignal of this realm. */
export let isAbortSignal: (value: unknown) => value is AbortSignal;
export let signalAborted: (signal: AbortSignal) => boolean;
/** The reason; undefined while the signal is not aborted. */
export let signalReason: (signal: AbortSignal) => unknown;
/** Marks as aborted, without telling anybody. */
let setReason: (signal: AbortSignal, reason: unknown) => void;
let takeAlgorithms: (signal: AbortSignal) => Set<Algorithm> | undefined;
/** Calls `algorithm` once, when the signal is aborted: before its event. Ignored for a signal that is aborted already. */
export let addAbortAlgorithm: (signal: AbortSignal, algorithm: Algorithm) => void;
export let removeAbortAlgorithm: (signal: AbortSignal, algorithm: Algorithm) => void;
let linksOf: (signal: AbortSignal) => Links | undefined;
let makeLinks: (signal: AbortSignal) => Links;
let isListenedTo: (signal: AbortSignal) => boolean;

/** https://dom.spec.whatwg.org/#interface-AbortSignal */
export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  #algorithms: Set<Algorithm> | undefined;
  #links: Links | undefined;

  declare onabort: unknown;

  constructor(token: unknown = undefined) {
    if (token !== MAKE) throw illegalConstructor();
    super();
  }

  static abort(reason: unknown = undefined): AbortSignal {
    const signal = new AbortSignal(MAKE);
    setReason(signal, reasonOrDefault(reason));
    return signal;
  }

  static timeout(milliseconds: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout');
    const delay = toEnforcedRange(milliseconds, 0, MAX_SAFE, 'AbortSignal.timeout: milliseconds');
    const signal = new AbortSignal(MAKE);
    require('../timers.ts').startTimer(() => {
      abortSignal(signal, newDOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, delay);
    return signal;
  }

  static any(signals: unknown): AbortSignal {
    requireArguments(arguments.length, 1, 'AbortSignal.any');
    const sources = toSequence(signals, 'AbortSignal.any');
    for (let i = 0; i < sources.length; i++) {
      if (!isAbortSignal(sources[i]))
        throw new TypeErrorCtor(`AbortSignal.any: signals[${i}] is not an AbortSignal.`);
    }
    return dependentSignal(sources as AbortSignal[]);
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  static {
    isAbortSignal = (value): value is AbortSignal =>
      typeof value === 'object' && value !== null && #aborted in value;
    signalAborted = (signal) => signal.#aborted;
    signalReason = (signal) => signal.#reason;
    setReason = (signal, reason) => {
      signal.#aborted = true;
      signal.#reason = reason;
    };
    takeAlgorithms = (signal) => {
      const algorithms = signal.#algorithms;
      signal.#algorithms = undefined;
      return algorithms;
    };
    addAbortAlgorithm = (signal, algorithm) => {
      if (signal.#aborted) return;
      SetPrototypeAdd((signal.#algorithms ??= new SetCtor()), algorithm);
      if (signal.#links !== undefined) updateHold(signal);
    };
    removeAbortAlgorithm = (signal, algorithm) => {
      if (signal.#algorithms === undefined) return;
      SetPrototypeDelete(signal.#algorithms, algorithm);
      if (signal.#links !== undefined) updateHold(signal);
    };
    linksOf = (signal) => signal.#links;
    makeLinks = (signal) => (signal.#links ??= new Links());
    isListenedTo = (signal) => {
      const algorithms = signal.#algorithms;
      return (
        (algorithms !== undefined && SetPrototypeGetSize(algorithms) > 0) ||
        countListeners(signal, 'abort') > 0
      );
    };
  }
}

defineInterface(AbortSignal, 'AbortSignal');
registerInspection(isAbortSignal, (signal) => ({ aborted: signalAborted(signal as AbortSignal) }));
defineEventHandler(AbortSignal.prototype, 'abort', isAbortSignal);
setSignalSupport({ isAbortSignal, signalAborted, addAbortAlgorithm });

/** https://dom.spec.whatwg.org/#interface-abortcontroller */
export class AbortController {
  readonly #signal = new AbortSignal(MAKE);

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason: unknown = undefined): void {
    abortSignal(this.#signal, reason);
  }

  static {
    registerInspection(
      (value) => #signal in value,
      (value) => ({ signal: (value as AbortController).#signal }),
    );
  }
}

defineInterface(AbortController, 'AbortController');

function reasonOrDefault(reason: unknown): unknown {
  return reason === undefined ? newDOMException('This operation was aborted', 'AbortError') : reason;
}

/** A signal without a controller; only `abortSignal` aborts it. */
export function newAbortSignal(): AbortSignal {
  return new AbortSignal(MAKE);
}

/** Aborts a signal and those that depend on it, unless it is aborted. https://dom.spec.whatwg.org/#abortsignal-signal-abort */
export function abortSignal(signal: AbortSignal, reason: unknown): void {
  if (signalAborted(signal)) return;
  const theReason = reasonOrDefault(reason);
  setReason(signal, theReason);
  const links = linksOf(signal);
  if (links === undefined) {
    runAbortSteps(signal);
    return;
  }
  // All are marked before anybody hears of it.
  const dependents = new SetCtor<AbortSignal>();
  MapPrototypeForEach(links.dependents, (_held, reference) => {
    const dependent = WeakRefPrototypeDeref(reference);
    if (dependent === undefined || signalAborted(dependent)) return;
    setReason(dependent, theReason);
    SetPrototypeAdd(dependents, dependent);
  });
  unlink(signal);
  runAbortSteps(signal);
  SetPrototypeForEach(dependents, (dependent) => {
    unlink(dependent);
    runAbortSteps(dependent);
  });
}

function runAbortSteps(signal: AbortSignal): void {
  const algorithms = takeAlgorithms(signal);
  if (algorithms !== undefined) SetPrototypeForEach(algorithms, (algorithm) => algorithm());
  if (countListeners(signal, 'abort') > 0) dispatch(signal, trusted(new Event('abort')));
}

/**
 * A signal that follows others: aborted when the first of them is, or at once if one is already.
 * https://dom.spec.whatwg.org/#create-a-dependent-abort-signal
 */
export function dependentSignal(signals: readonly AbortSignal[]): AbortSignal {
  const result = new AbortSignal(MAKE);
  for (let i = 0; i < signals.length; i++) {
    const signal = signals[i] as AbortSignal;
    if (!signalAborted(signal)) continue;
    setReason(result, signalReason(signal));
    return result;
  }
  const links = makeLinks(result);
  const self = new WeakRefCtor(result);
  links.self = self;
  for (let i = 0; i < signals.length; i++) {
    const source = signals[i] as AbortSignal;
    const sourceLinks = linksOf(source);
    if (sourceLinks?.self === undefined) link(source, links, self);
    else SetPrototypeForEach(sourceLinks.sources, (root) => link(root, links, self));
  }
  watchListeners(result, () => updateHold(result));
  return result;
}

function link(source: AbortSignal, links: Links, self: WeakRef<AbortSignal>): void {
  SetPrototypeAdd(links.sources, source);
  const sourceLinks = makeLinks(source);
  MapPrototypeSet(sourceLinks.dependents, self, undefined);
  sweep(sourceLinks);
}

/** Drops the references to signals that are gone, once in a while. */
function sweep(links: Links): void {
  if (MapPrototypeGetSize(links.dependents) < links.sweepAt) return;
  MapPrototypeForEach(links.dependents, (held, reference) => {
    if (held === undefined && WeakRefPrototypeDeref(reference) === undefined)
      MapPrototypeDelete(links.dependents, reference);
  });
  links.sweepAt = 2 * MapPrototypeGetSize(links.dependents) + FIRST_SWEEP;
}

/** Takes an aborted signal out of the maps of its sources, and lets go of its dependents. */
function unlink(signal: AbortSignal): void {
  const links = linksOf(signal);
  if (links === undefined) return;
  const { self } = links;
  if (self !== undefined) {
    SetPrototypeForEach(links.sources, (source) => {
      const sourceLinks = linksOf(source);
      if (sourceLinks !== undefined) MapPrototypeDelete(sourceLinks.dependents, self);
    });
  }
  links.sources = new SetCtor();
  links.dependents = new MapCtor<WeakRef<AbortSignal>, AbortSignal | undefined>();
}

/** A dependent signal that somebody listens to lives as long as its sources. */
function updateHold(signal: AbortSignal): void {
  const links = linksOf(signal);
  const self = links?.self;
  if (links === undefined || self === undefined || signalAborted(signal)) return;
  const held = isListenedTo(signal) ? signal : undefined;
  SetPrototypeForEach(links.sources, (source) => {
    const sourceLinks = linksOf(source);
    if (sourceLinks !== undefined) MapPrototypeSet(sourceLinks.dependents, self, held);
  });
}
