/** PerformanceObserver. https://w3c.github.io/performance-timeline/#the-performanceobserver-interface */

import { newDOMException } from '../errors/dom-exception.ts';
import { reportException } from '../errors/report.ts';
import {
  ArrayPrototypeIncludes,
  ArrayPrototypeSort,
  MapCtor,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeSet,
  ObjectFreeze,
  ReflectApply,
  TypeErrorCtor,
} from '../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  isCallable,
  requireArguments,
  toDictionary,
  toDOMString,
  toOptional,
  toSequence,
} from '../webidl.ts';
import { entryFields, MAKE, type PerformanceEntry } from './entries.ts';
import { findEntries, onEntry } from './timeline.ts';

const SUPPORTED: readonly unknown[] = ObjectFreeze(['mark', 'measure']);

/** What a callback gets: the entries since the last time. */
export class PerformanceObserverEntryList {
  readonly #entries: readonly PerformanceEntry[];

  constructor(token: unknown = undefined, entries: unknown = undefined) {
    if (token !== MAKE) throw illegalConstructor();
    this.#entries = entries as readonly PerformanceEntry[];
  }

  getEntries(): PerformanceEntry[] {
    return select(this.#entries, undefined, undefined);
  }

  getEntriesByType(type: unknown): PerformanceEntry[] {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'PerformanceObserverEntryList.getEntriesByType');
    return select(entries, undefined, toDOMString(type));
  }

  getEntriesByName(name: unknown, type: unknown = undefined): PerformanceEntry[] {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'PerformanceObserverEntryList.getEntriesByName');
    const wanted = toDOMString(name);
    return select(entries, wanted, toOptional(type, toDOMString, undefined));
  }
}

defineInterface(PerformanceObserverEntryList, 'PerformanceObserverEntryList');

function select(
  entries: readonly PerformanceEntry[],
  name: string | undefined,
  type: string | undefined,
): PerformanceEntry[] {
  const found: PerformanceEntry[] = [];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as PerformanceEntry;
    const fields = entryFields(entry);
    if (name !== undefined && fields.name !== name) continue;
    if (type === undefined || fields.entryType === type) found[found.length] = entry;
  }
  return ArrayPrototypeSort(found, (a, b) => entryFields(a).startTime - entryFields(b).startTime);
}

/** Observers that observe anything, in the order in which they began. */
const observing = new MapCtor<PerformanceObserver, true>();
let notifying = false;

interface ObserveOptions {
  buffered: unknown;
  entryTypes: unknown;
  type: unknown;
}

let offer: (observer: PerformanceObserver, entry: PerformanceEntry) => boolean;
let notify: (observer: PerformanceObserver) => void;

export class PerformanceObserver {
  readonly #callback: (...args: unknown[]) => unknown;
  #kind: 'single' | 'multiple' | undefined;
  #types: string[] = [];
  #entries: PerformanceEntry[] = [];
  #tellDropped = false;

  constructor(callback: unknown) {
    const where = 'PerformanceObserver constructor';
    requireArguments(arguments.length, 1, where);
    if (!isCallable(callback)) throw new TypeErrorCtor(`${where}: the callback is not a function.`);
    this.#callback = callback;
  }

  static get supportedEntryTypes(): readonly unknown[] {
    return SUPPORTED;
  }

  observe(options: unknown = undefined): void {
    const where = 'PerformanceObserver.observe';
    const kind = this.#kind;
    const given = toDictionary<ObserveOptions>(options, where);
    const buffered = given?.buffered;
    const entryTypes = toOptional(given?.entryTypes, (list) => toTexts(toSequence(list, where)), undefined);
    const type = toOptional(given?.type, toDOMString, undefined);
    if ((entryTypes === undefined) === (type === undefined)) {
      throw new TypeErrorCtor(`${where}: the options need either entryTypes or type.`);
    }
    const asked = type === undefined ? 'multiple' : 'single';
    if (kind !== undefined && kind !== asked) {
      throw newDOMException(
        'An observer takes either entryTypes or type, not one after the other.',
        'InvalidModificationError',
      );
    }
    this.#kind = asked;
    this.#tellDropped = true;
    if (type !== undefined) this.#observeOne(type, !!buffered);
    else if (entryTypes !== undefined) this.#observeMany(entryTypes);
  }

  #observeMany(types: readonly string[]): void {
    const known: string[] = [];
    for (let i = 0; i < types.length; i++) {
      if (ArrayPrototypeIncludes(SUPPORTED, types[i])) known[known.length] = types[i] as string;
    }
    if (known.length === 0) return;
    this.#types = known;
    MapPrototypeSet(observing, this, true);
  }

  #observeOne(type: string, buffered: boolean): void {
    if (!ArrayPrototypeIncludes(SUPPORTED, type)) return;
    if (!ArrayPrototypeIncludes(this.#types, type)) this.#types[this.#types.length] = type;
    MapPrototypeSet(observing, this, true);
    if (!buffered) return;
    const earlier = findEntries(undefined, type);
    for (let i = 0; i < earlier.length; i++)
      this.#entries[this.#entries.length] = earlier[i] as PerformanceEntry;
    notifyLater();
  }

  disconnect(): void {
    this.#types = [];
    this.#entries = [];
    MapPrototypeDelete(observing, this);
  }

  takeRecords(): PerformanceEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  static {
    offer = (observer, entry) => {
      if (!ArrayPrototypeIncludes(observer.#types, entryFields(entry).entryType)) return false;
      observer.#entries[observer.#entries.length] = entry;
      return true;
    };
    notify = (observer) => {
      const entries = observer.#entries;
      if (entries.length === 0) return;
      observer.#entries = [];
      const options = observer.#tellDropped ? { droppedEntriesCount: 0 } : {};
      observer.#tellDropped = false;
      const list = new PerformanceObserverEntryList(MAKE, entries);
      try {
        ReflectApply(observer.#callback, observer, [list, observer, options]);
      } catch (error) {
        reportException(error, 'PerformanceObserver');
      }
    };
  }
}

defineInterface(PerformanceObserver, 'PerformanceObserver');

onEntry((entry) => {
  let wanted = false;
  MapPrototypeForEach(observing, (_true, observer) => {
    if (offer(observer, entry)) wanted = true;
  });
  if (wanted) notifyLater();
});

/** Calls the observers from a task of its own, once for all that is new by then. */
function notifyLater(): void {
  if (notifying) return;
  notifying = true;
  require('../timers.ts').startTimer(() => {
    notifying = false;
    MapPrototypeForEach(observing, (_true, observer) => notify(observer));
  }, 0);
}

function toTexts(values: readonly unknown[]): string[] {
  const texts: string[] = [];
  for (let i = 0; i < values.length; i++) texts[i] = toDOMString(values[i]);
  return texts;
}
