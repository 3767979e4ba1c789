/** Heads of HTTP messages between neutral state and the wire. Pure functions; used in threads. */

import type { RequestState } from '../../realm/prelude/state.ts';

/** What of a response's headers decides how its body is read. */
export interface ResponseHead {
  /** In crossing form (prelude/state.ts), without what belongs to the connection. */
  readonly headers: string;
  /** Content codings in the order in which they were applied, in lower case. */
  readonly codings: readonly string[];
  /** The Content-Length, or -1. */
  readonly length: number;
}

/** Headers that belong to the connection. https://www.rfc-editor.org/rfc/rfc9110#name-connection */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What the client sets itself: from the URL and from the body. `Expect` would wait for an answer that nobody here listens for. */
const ownHeaders: ReadonlySet<string> = new Set(['content-length', 'expect', 'host']);

const userAgent = 'nanod';

/**
 * Names and values in turn. What fetch adds is added where the worker has set nothing.
 * https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 */
export function requestHeaders(request: RequestState): string[] {
  const fields = parseFields(request.headers);
  const named = connectionOptions(fields);
  const present = new Set<string>();
  const list: string[] = [];
  for (const [name, value] of fields) {
    if (hopByHop.has(name) || ownHeaders.has(name) || named.has(name)) continue;
    present.add(name);
    list.push(name, value);
  }
  if (!present.has('accept')) list.push('accept', '*/*');
  if (!present.has('user-agent')) list.push('user-agent', userAgent);
  if (!present.has('accept-encoding'))
    list.push('accept-encoding', acceptedCodings(request.url, present.has('range')));
  const { body } = request;
  // The length of other bodies the client sees by itself.
  if (typeof body === 'object' && body.kind === 'stream' && body.length >= 0)
    list.push('content-length', String(body.length));
  return list;
}

/** A part of an encoded body cannot be decoded; proxies on the way of plain HTTP are known to break the younger codings. */
function acceptedCodings(url: string, isPart: boolean): string {
  if (isPart) return 'identity';
  return url.startsWith('https:') ? 'gzip, deflate, br, zstd' : 'gzip, deflate';
}

function parseFields(raw: string): (readonly [string, string])[] {
  const parts = raw.split('\n');
  const fields: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) fields.push([parts[i] ?? '', parts[i + 1] ?? '']);
  return fields;
}

/** Headers that the Connection header makes hop-by-hop. */
function connectionOptions(fields: readonly (readonly [string, string])[]): ReadonlySet<string> {
  const options = new Set<string>();
  for (const [name, value] of fields) {
    if (name !== 'connection') continue;
    for (const option of value.split(',')) options.add(option.trim().toLowerCase());
  }
  return options;
}

/** `rawHeaders`: names and values in turn, as they came. Bytes are read as Latin-1, as fetch has it. */
export function responseHead(rawHeaders: readonly (Buffer | string)[]): ResponseHead {
  const fields: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    fields.push([latin1(rawHeaders[i]).toLowerCase(), fieldValue(latin1(rawHeaders[i + 1]))]);
  }
  const named = connectionOptions(fields);
  const isKept = ([name]: readonly [string, string]): boolean =>
    !hopByHop.has(name) && !named.has(name) && isToken(name);
  const kept = fields.filter(isKept);
  return { headers: serialize(kept), codings: codingsOf(kept), length: lengthOf(fields) };
}

/** The head of a response whose body is decoded on the way: how it was encoded, and how long it was, is true no more. */
export function withoutCoding(headers: string): string {
  return serialize(
    parseFields(headers).filter(([name]) => name !== 'content-encoding' && name !== 'content-length'),
  );
}

function serialize(fields: readonly (readonly [string, string])[]): string {
  let text = '';
  for (const [name, value] of fields) text += `${name}\n${value}\n`;
  return text;
}

function codingsOf(fields: readonly (readonly [string, string])[]): readonly string[] {
  return fields
    .filter(([name]) => name === 'content-encoding')
    .flatMap(([, value]) => value.split(','))
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

function lengthOf(fields: readonly (readonly [string, string])[]): number {
  if (fields.some(([name]) => name === 'transfer-encoding')) return -1;
  const value = fields.find(([name]) => name === 'content-length')?.[1] ?? '';
  return /^[0-9]{1,15}$/u.test(value) ? Number(value) : -1;
}

function latin1(bytes: Buffer | string | undefined): string {
  return typeof bytes === 'string' ? bytes : (bytes?.toString('latin1') ?? '');
}

/** Anything may stand in a reason phrase, and the client has read it as UTF-8: what Latin-1 does not print becomes `?`. */
export function reasonPhrase(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/gu, '?');
}

/** A line break in a value would start another header in crossing form. */
function fieldValue(text: string): string {
  return text.replace(/[\0\r\n]/gu, ' ').replace(/^[\t ]+|[\t ]+$/gu, '');
}

function isToken(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/u.test(name);
}
