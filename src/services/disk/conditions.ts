/** Conditional requests: validators of a file, and what a request says about them. Pure; used in threads. */

import type { BigIntStats } from 'node:fs';

/** What tells one state of a file from another. */
export interface Validators {
  /** Strong: a file that is replaced has another number, one that is changed another time. */
  readonly etag: string;
  /** Whole seconds since the epoch. */
  readonly modified: number;
}

export function validatorsOf({ ino, size, mtimeNs }: BigIntStats): Validators {
  const etag = `"${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}"`;
  return { etag, modified: Number(mtimeNs / 1_000_000_000n) };
}

export function httpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}

/** Gives the value of a header, or undefined. */
export type HeaderReader = (name: string) => string | undefined;

/**
 * What a request is to be answered with instead of being done. `current` is undefined where there is no such file.
 * https://www.rfc-editor.org/rfc/rfc9110#name-precedence-of-preconditions
 */
export function failedCondition(
  header: HeaderReader,
  current: Validators | undefined,
  isRead: boolean,
): 304 | 412 | undefined {
  const [match, noneMatch] = [header('if-match'), header('if-none-match')];
  const [since, unmodifiedSince] = [header('if-modified-since'), header('if-unmodified-since')];
  if (match !== undefined) {
    if (!lists(match, current, false)) return 412;
  } else if (unmodifiedSince !== undefined && isModifiedSince(unmodifiedSince, current)) return 412;
  if (noneMatch !== undefined) {
    if (lists(noneMatch, current, true)) return isRead ? 304 : 412;
  } else if (isRead && since !== undefined && isUnmodifiedSince(since, current)) return 304;
  return undefined;
}

/** Whether a part may be sent of what the client has the rest of. https://www.rfc-editor.org/rfc/rfc9110#name-if-range */
export function isRangeValid(condition: string | undefined, { etag, modified }: Validators): boolean {
  if (condition === undefined) return true;
  return condition.startsWith('"') ? condition === etag : parseDate(condition) === modified;
}

/** `weak`: by the weak comparison, for which a mark of weakness does not count. */
function lists(list: string, current: Validators | undefined, weak: boolean): boolean {
  if (current === undefined) return false;
  if (list.trim() === '*') return true;
  for (const [, mark, tag] of list.matchAll(/(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/gu)) {
    if (tag === current.etag && (weak || mark === undefined)) return true;
  }
  return false;
}

function isUnmodifiedSince(text: string, current: Validators | undefined): boolean {
  const date = parseDate(text);
  return date !== undefined && current !== undefined && current.modified <= date;
}

function isModifiedSince(text: string, current: Validators | undefined): boolean {
  const date = parseDate(text);
  return date !== undefined && (current === undefined || current.modified > date);
}

/** Undefined for what is no date, which is then as if it was not there. Dates of HTTP begin with the day of the week. */
function parseDate(text: string): number | undefined {
  const milliseconds = /^[A-Z][a-z]{2}/u.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}
