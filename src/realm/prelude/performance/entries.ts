/** The entries of a realm's performance timeline. https://w3c.github.io/performance-timeline/, https://w3c.github.io/user-timing/ */

import { TypeErrorCtor } from '../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  keepParent,
  requireArguments,
  toDictionary,
  toDOMString,
  toFiniteDouble,
} from '../webidl.ts';
import { currentTime } from './clock.ts';

/** Passed to constructors by the prelude alone. */
export const MAKE = {};

export type EntryType = 'mark' | 'measure';

/** What an entry says of itself. */
export interface EntryFields {
  readonly name: string;
  readonly entryType: EntryType;
  readonly startTime: number;
  readonly duration: number;
  readonly detail: unknown;
}

let fieldsOf: (entry: PerformanceEntry) => EntryFields;

/** https://w3c.github.io/performance-timeline/#dom-performanceentry */
export class PerformanceEntry {
  readonly #fields: EntryFields;

  constructor(token: unknown = undefined, fields: unknown = undefined) {
    if (token !== MAKE) throw illegalConstructor();
    this.#fields = fields as EntryFields;
  }

  get name(): string {
    return this.#fields.name;
  }

  get entryType(): string {
    return this.#fields.entryType;
  }

  get startTime(): number {
    return this.#fields.startTime;
  }

  get duration(): number {
    return this.#fields.duration;
  }

  toJSON(): object {
    const { name, entryType, startTime, duration, detail } = this.#fields;
    return { name, entryType, startTime, duration, detail };
  }

  static {
    fieldsOf = (entry) => entry.#fields;
  }
}

defineInterface(PerformanceEntry, 'PerformanceEntry');

/** The fields of an entry, whatever a worker has patched. */
export function entryFields(entry: PerformanceEntry): EntryFields {
  return fieldsOf(entry);
}

/** https://w3c.github.io/user-timing/#performancemark */
export class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(markName: unknown, markOptions: unknown = undefined) {
    const where = 'PerformanceMark constructor';
    requireArguments(arguments.length, 1, where);
    const name = toDOMString(markName);
    const given = toDictionary<{ detail: unknown; startTime: unknown }>(markOptions, where);
    const givenDetail = given?.detail;
    const givenStart = given?.startTime;
    const startTime =
      givenStart === undefined ? currentTime() : toFiniteDouble(givenStart, `${where}: startTime`);
    if (startTime < 0) throw new TypeErrorCtor(`${where}: startTime is negative.`);
    const detail = cloneDetail(givenDetail);
    super(MAKE, { name, entryType: 'mark', startTime, duration: 0, detail } satisfies EntryFields);
    this.#detail = detail;
  }

  get detail(): unknown {
    return this.#detail;
  }
}

defineInterface(PerformanceMark, 'PerformanceMark');
keepParent(PerformanceMark);

/** https://w3c.github.io/user-timing/#performancemeasure */
export class PerformanceMeasure extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(token: unknown = undefined, fields: unknown = undefined) {
    super(token, fields);
    this.#detail = (fields as EntryFields).detail;
  }

  get detail(): unknown {
    return this.#detail;
  }
}

defineInterface(PerformanceMeasure, 'PerformanceMeasure');
keepParent(PerformanceMeasure);

/** A structured clone of what was given; null for nothing. */
export function cloneDetail(detail: unknown): unknown {
  if (detail === undefined || detail === null) return null;
  return require('../clone/structured-clone.ts').cloneValue(detail, []);
}
