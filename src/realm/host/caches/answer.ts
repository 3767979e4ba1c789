/** What a kept response becomes for one request: all of it, a part, or the news that nothing has changed. https://www.rfc-editor.org/rfc/rfc9110 */

import { type HeaderMap, toHeaderMap, withoutHeader } from './policy.ts';

/** What a request says about what it wants; `''` for nothing. */
export interface Conditions {
  readonly range: string;
  readonly ifNoneMatch: string;
  readonly ifModifiedSince: string;
}

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  /** In the form of state.ts. */
  readonly headers: string;
  /** Which of the kept bytes; undefined for none. */
  readonly part: { readonly start: number; readonly end: number } | undefined;
}

export function answerTo(
  kept: { readonly status: number; readonly statusText: string; readonly headers: string },
  length: number,
  conditions: Conditions,
): Answer {
  const { status, statusText, headers } = kept;
  const map = toHeaderMap(headers);
  if (isUnchanged(map, conditions)) return { status: 304, statusText: '', headers, part: undefined };
  const whole = { status, statusText, headers, part: { start: 0, end: length } };
  if (conditions.range === '' || status !== 200) return whole;
  const range = parseRange(conditions.range, length);
  if (range === undefined) return whole;
  const rest = withoutHeader(headers, 'content-length');
  if (range === 'none') {
    return { status: 416, statusText: '', headers: `content-range\nbytes */${length}\n`, part: undefined };
  }
  const size = `content-range\nbytes ${range.start}-${range.end - 1}/${length}\ncontent-length\n${range.end - range.start}\n`;
  return { status: 206, statusText: '', headers: withoutHeader(rest, 'content-range') + size, part: range };
}

/** If-None-Match is asked first, and alone where it stands. */
function isUnchanged(headers: HeaderMap, { ifNoneMatch, ifModifiedSince }: Conditions): boolean {
  const etag = headers.get('etag');
  if (ifNoneMatch !== '') return etag !== undefined && matchesTag(ifNoneMatch, etag);
  const modified = Date.parse(headers.get('last-modified') ?? '');
  return ifModifiedSince !== '' && modified <= Date.parse(ifModifiedSince);
}

const TAG = /(?:W\/)?("[^"]*")/g;

/** By weak comparison. */
function matchesTag(list: string, etag: string): boolean {
  const opaque = etag.replace(/^W\//, '');
  return list.trim() === '*' || [...list.matchAll(TAG)].some(([, tag]) => tag === opaque);
}

const RANGE = /^bytes=(\d*)-(\d*)$/;

/** One range of bytes; `'none'` for one with no bytes in it; undefined for what is ignored, several ranges among it. */
function parseRange(text: string, length: number): { start: number; end: number } | 'none' | undefined {
  const [found, first = '', last = ''] = RANGE.exec(text.trim()) ?? [];
  if (found === undefined || (first === '' && last === '')) return undefined;
  if (first === '')
    return last === '0' || length === 0 ? 'none' : { start: Math.max(0, length - Number(last)), end: length };
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= length) return 'none';
  return { start, end: last === '' ? length : Math.min(Number(last) + 1, length) };
}
