/** Lists what a map or a set holds, as it is now. */

import { MapPrototypeForEach, SetPrototypeForEach } from '../primordials.ts';

/** One entry, and those after it. */
export interface Entry {
  readonly key: unknown;
  readonly value: unknown;
  next: Entry | undefined;
}

/** The first entry of a map. */
export function entriesOf(map: Map<unknown, unknown>): Entry | undefined {
  const head: Entry = { key: undefined, value: undefined, next: undefined };
  let last = head;
  MapPrototypeForEach(map, (value, key) => {
    last = last.next = { key, value, next: undefined };
  });
  return head.next;
}

/** The first value of a set. */
export function valuesOf(set: Set<unknown>): Entry | undefined {
  const head: Entry = { key: undefined, value: undefined, next: undefined };
  let last = head;
  SetPrototypeForEach(set, (value) => {
    last = last.next = { key: undefined, value, next: undefined };
  });
  return head.next;
}
