/** performance of the realm. https://w3c.github.io/hr-time/#sec-performance, https://w3c.github.io/user-timing/ */

import { newDOMException } from '../errors/dom-exception.ts';
import { EventTarget } from '../events/event-target.ts';
import { TypeErrorCtor } from '../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  isObject,
  requireArguments,
  toDOMString,
  toFiniteDouble,
  toOptional,
} from '../webidl.ts';
import { currentTime, timeOrigin } from './clock.ts';
import {
  cloneDetail,
  type EntryFields,
  MAKE,
  type PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
} from './entries.ts';
import { addEntry, findEntries, removeEntries, timeOfMark } from './timeline.ts';

interface MeasureOptions {
  readonly detail: unknown;
  readonly duration: number | undefined;
  readonly end: string | number | undefined;
  readonly start: string | number | undefined;
}

/** https://w3c.github.io/hr-time/#dom-performance */
export class Performance extends EventTarget {
  readonly #brand = true;

  constructor(token: unknown = undefined) {
    if (token !== MAKE) throw illegalConstructor();
    super();
  }

  now(): number {
    void this.#brand;
    return currentTime();
  }

  get timeOrigin(): number {
    void this.#brand;
    return timeOrigin();
  }

  toJSON(): object {
    void this.#brand;
    return { timeOrigin: timeOrigin() };
  }

  mark(markName: unknown, markOptions: unknown = undefined): PerformanceMark {
    void this.#brand;
    requireArguments(arguments.length, 1, 'Performance.mark');
    const mark = new PerformanceMark(markName, markOptions);
    addEntry(mark);
    return mark;
  }

  measure(
    measureName: unknown,
    startOrOptions: unknown = undefined,
    endMark: unknown = undefined,
  ): PerformanceMeasure {
    void this.#brand;
    requireArguments(arguments.length, 1, 'Performance.measure');
    const fields = measureFields(
      toDOMString(measureName),
      startOrOptions,
      toOptional(endMark, toDOMString, undefined),
    );
    const measure = new PerformanceMeasure(MAKE, fields);
    addEntry(measure);
    return measure;
  }

  clearMarks(markName: unknown = undefined): void {
    void this.#brand;
    removeEntries('mark', toOptional(markName, toDOMString, undefined));
  }

  clearMeasures(measureName: unknown = undefined): void {
    void this.#brand;
    removeEntries('measure', toOptional(measureName, toDOMString, undefined));
  }

  getEntries(): PerformanceEntry[] {
    void this.#brand;
    return findEntries(undefined, undefined);
  }

  getEntriesByType(type: unknown): PerformanceEntry[] {
    void this.#brand;
    requireArguments(arguments.length, 1, 'Performance.getEntriesByType');
    return findEntries(undefined, toDOMString(type));
  }

  getEntriesByName(name: unknown, type: unknown = undefined): PerformanceEntry[] {
    void this.#brand;
    requireArguments(arguments.length, 1, 'Performance.getEntriesByName');
    const wanted = toDOMString(name);
    return findEntries(wanted, toOptional(type, toDOMString, undefined));
  }
}

defineInterface(Performance, 'Performance');

/** The realm's one instance. */
export const performance = new Performance(MAKE);

/** https://w3c.github.io/user-timing/#dom-performance-measure */
function measureFields(name: string, startOrOptions: unknown, endMark: string | undefined): EntryFields {
  const isText = startOrOptions !== undefined && startOrOptions !== null && !isObject(startOrOptions);
  const startMark = isText ? toDOMString(startOrOptions) : undefined;
  const options = isText ? {} : toMeasureOptions(startOrOptions);
  const { start, duration, end, detail } = options;
  if (start !== undefined || duration !== undefined || end !== undefined || detail !== undefined) {
    checkOptions(options, endMark);
  }
  const endTime = endTimeOf(options, endMark);
  const startTime = startTimeOf(options, startMark, endTime);
  return {
    name,
    entryType: 'measure',
    startTime,
    duration: endTime - startTime,
    detail: cloneDetail(detail),
  };
}

function checkOptions({ start, duration, end }: Partial<MeasureOptions>, endMark: string | undefined): void {
  const where = 'Performance.measure';
  if (endMark !== undefined) throw new TypeErrorCtor(`${where}: an end mark cannot be given beside options.`);
  if (start === undefined && end === undefined)
    throw new TypeErrorCtor(`${where}: the options need start or end.`);
  if (start !== undefined && end !== undefined && duration !== undefined) {
    throw new TypeErrorCtor(`${where}: start, end and duration cannot be given together.`);
  }
}

function endTimeOf({ start, duration, end }: Partial<MeasureOptions>, endMark: string | undefined): number {
  if (endMark !== undefined) return toTimestamp(endMark);
  if (end !== undefined) return toTimestamp(end);
  if (start !== undefined && duration !== undefined) return toTimestamp(start) + toTimestamp(duration);
  return currentTime();
}

function startTimeOf(
  { start, duration }: Partial<MeasureOptions>,
  startMark: string | undefined,
  endTime: number,
): number {
  if (start !== undefined) return toTimestamp(start);
  if (duration !== undefined) return endTime - toTimestamp(duration);
  return startMark === undefined ? 0 : toTimestamp(startMark);
}

/** https://w3c.github.io/user-timing/#convert-a-mark-to-a-timestamp */
function toTimestamp(mark: string | number): number {
  if (typeof mark === 'number') {
    if (mark < 0) throw new TypeErrorCtor('Performance.measure: a time is negative.');
    return mark;
  }
  const time = timeOfMark(mark);
  if (time === undefined) throw newDOMException(`The mark '${mark}' does not exist.`, 'SyntaxError');
  return time;
}

function toMeasureOptions(value: unknown): Partial<MeasureOptions> {
  if (!isObject(value)) return {};
  const given = value as Record<keyof MeasureOptions, unknown>;
  const { detail } = given;
  const duration = toOptional(
    given.duration,
    (time) => toFiniteDouble(time, 'Performance.measure: duration'),
    undefined,
  );
  const end = toOptional(given.end, toMarkOrTime, undefined);
  const start = toOptional(given.start, toMarkOrTime, undefined);
  return { detail, duration, end, start };
}

function toMarkOrTime(value: unknown): string | number {
  return typeof value === 'number' ? toFiniteDouble(value, 'Performance.measure: time') : toDOMString(value);
}
