/** The timeline itself: entries in the order in which they were made, the oldest dropped when there are too many. */

import { ArrayPrototypeSort } from '../primordials.ts';
import { entryFields, type EntryType, type PerformanceEntry } from './entries.ts';

interface Link {
  readonly entry: PerformanceEntry;
  next: Link | undefined;
}

/** A worker that marks every request and never clears must not fill the heap. */
const MAX_ENTRIES = 10_000;

let first: Link | undefined;
let last: Link | undefined;
let count = 0;

let observe: ((entry: PerformanceEntry) => void) | undefined;

/** Calls `listener` with each entry from now on. There is one such listener (observer.ts). */
export function onEntry(listener: (entry: PerformanceEntry) => void): void {
  observe = listener;
}

/** Adds an entry. */
export function addEntry(entry: PerformanceEntry): void {
  observe?.(entry);
  const link: Link = { entry, next: undefined };
  if (last === undefined) first = link;
  else last.next = link;
  last = link;
  if (++count <= MAX_ENTRIES) return;
  first = first?.next;
  count--;
}

/** Entries by start time; undefined means any. */
export function findEntries(name: string | undefined, type: string | undefined): PerformanceEntry[] {
  const found: PerformanceEntry[] = [];
  for (let link = first; link !== undefined; link = link.next) {
    if (matches(link.entry, name, type)) found[found.length] = link.entry;
  }
  return ArrayPrototypeSort(found, (a, b) => entryFields(a).startTime - entryFields(b).startTime);
}

/** When the last mark of that name was set; undefined if there is none. */
export function timeOfMark(name: string): number | undefined {
  let time: number | undefined;
  for (let link = first; link !== undefined; link = link.next) {
    if (matches(link.entry, name, 'mark')) time = entryFields(link.entry).startTime;
  }
  return time;
}

/** Removes the entries of a type; all, or those of one name. */
export function removeEntries(type: EntryType, name: string | undefined): void {
  let kept: Link | undefined;
  for (let link = first; link !== undefined; link = link.next) {
    if (!matches(link.entry, name, type)) {
      kept = link;
      continue;
    }
    count--;
    if (kept === undefined) first = link.next;
    else kept.next = link.next;
  }
  last = kept;
}

function matches(entry: PerformanceEntry, name: string | undefined, type: string | undefined): boolean {
  const fields = entryFields(entry);
  return (name === undefined || fields.name === name) && (type === undefined || fields.entryType === type);
}
