/**
 * URL of the realm. The host parses; the realm keeps the serialization, and finds the components in it when they are asked for.
 * https://url.spec.whatwg.org/#url-class
 */

import { RangeErrorCtor, StringPrototypeSlice, TypeErrorCtor } from '../primordials.ts';
import { guarded } from '../host.ts';
import type { UrlPart } from '../host-api.ts';
import { defineInterface, isObject, requireArguments, toDOMString, toUSVString } from '../webidl.ts';
import { layoutOf, unlessEmpty, type UrlLayout } from './url-layout.ts';
import { newLinkedSearchParams, resetSearchParams, type URLSearchParams } from './url-search-params.ts';

const host = guarded($host.url);
const hostParse = $host.url.parse;

/** First argument of a constructor call by the prelude; the second is serialized already. */
const SERIALIZED = { __proto__: null };

/** Whether the value is a URL of this realm. */
export let isUrl: (value: unknown) => value is URL;
/** Its serialization, whatever a worker has patched. */
export let hrefOf: (url: URL) => string;

export class URL {
  #href: string;
  #layout: UrlLayout | undefined = undefined;
  #searchParams: URLSearchParams | undefined = undefined;

  static {
    isUrl = (value): value is URL => isObject(value) && #href in value;
    hrefOf = (url) => url.#href;
  }

  static canParse(url: unknown, base: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, 'URL.canParse');
    return parse(url, base) !== undefined;
  }

  static parse(url: unknown, base: unknown = undefined): URL | null {
    requireArguments(arguments.length, 1, 'URL.parse');
    const href = parse(url, base);
    return href === undefined ? null : fromHref(href);
  }

  constructor(url: unknown, base: unknown = undefined) {
    if (url === SERIALIZED) {
      this.#href = base as string;
      return;
    }
    requireArguments(arguments.length, 1, 'URL constructor');
    const input = toDOMString(url);
    const href = parse(input, base);
    if (href === undefined) throw new TypeErrorCtor(`Invalid URL: "${StringPrototypeSlice(input, 0, 200)}"`);
    this.#href = href;
  }

  get href(): string {
    return this.#href;
  }

  set href(value: unknown) {
    void this.#href;
    const href = parse(value, undefined);
    if (href === undefined) throw new TypeErrorCtor('URL.href: the value is not a valid URL.');
    this.#replace(href, true);
  }

  get origin(): string {
    const href = this.#href;
    const { schemeEnd, hostStart, hostEnd } = this.#parts();
    switch (StringPrototypeSlice(href, 0, schemeEnd)) {
      case 'http:':
      case 'https:':
      case 'ws:':
      case 'wss:':
      case 'ftp:':
        return `${StringPrototypeSlice(href, 0, schemeEnd)}//${StringPrototypeSlice(href, hostStart, hostEnd)}`;
      case 'blob:':
        return originOfBlob(this.pathname);
      default:
        return 'null';
    }
  }

  get protocol(): string {
    return StringPrototypeSlice(this.#href, 0, this.#parts().schemeEnd);
  }

  set protocol(value: unknown) {
    this.#set('protocol', value);
  }

  get username(): string {
    const { usernameStart, usernameEnd } = this.#parts();
    return StringPrototypeSlice(this.#href, usernameStart, usernameEnd);
  }

  set username(value: unknown) {
    this.#set('username', value);
  }

  get password(): string {
    const { passwordStart, passwordEnd } = this.#parts();
    return StringPrototypeSlice(this.#href, passwordStart, passwordEnd);
  }

  set password(value: unknown) {
    this.#set('password', value);
  }

  get host(): string {
    const { hostStart, hostEnd } = this.#parts();
    return StringPrototypeSlice(this.#href, hostStart, hostEnd);
  }

  set host(value: unknown) {
    this.#set('host', value);
  }

  get hostname(): string {
    const { hostStart, hostnameEnd } = this.#parts();
    return StringPrototypeSlice(this.#href, hostStart, hostnameEnd);
  }

  set hostname(value: unknown) {
    this.#set('hostname', value);
  }

  get port(): string {
    const { hostnameEnd, hostEnd } = this.#parts();
    return (
      unlessEmpty(this.#href, hostnameEnd, hostEnd) &&
      StringPrototypeSlice(this.#href, hostnameEnd + 1, hostEnd)
    );
  }

  set port(value: unknown) {
    this.#set('port', value);
  }

  get pathname(): string {
    const { pathStart, pathEnd } = this.#parts();
    return StringPrototypeSlice(this.#href, pathStart, pathEnd);
  }

  set pathname(value: unknown) {
    this.#set('pathname', value);
  }

  get search(): string {
    const { pathEnd, searchEnd } = this.#parts();
    return unlessEmpty(this.#href, pathEnd, searchEnd);
  }

  set search(value: unknown) {
    this.#set('search', value);
  }

  get searchParams(): URLSearchParams {
    return (this.#searchParams ??= newLinkedSearchParams(this.#query(), (query) => this.#setQuery(query)));
  }

  get hash(): string {
    return unlessEmpty(this.#href, this.#parts().searchEnd, this.#href.length);
  }

  set hash(value: unknown) {
    this.#set('hash', value);
  }

  toString(): string {
    return this.#href;
  }

  toJSON(): string {
    return this.#href;
  }

  #parts(): UrlLayout {
    return (this.#layout ??= layoutOf(this.#href));
  }

  #query(): string {
    return StringPrototypeSlice(this.search, 1);
  }

  #set(part: UrlPart, value: unknown): void {
    const href = this.#href;
    this.#replace(host.set(href, part, toUSVString(value)), part === 'search');
  }

  #replace(href: string, queryChanged: boolean): void {
    this.#href = href;
    this.#layout = undefined;
    if (queryChanged && this.#searchParams !== undefined)
      resetSearchParams(this.#searchParams, this.#query());
  }

  /** Takes the query that its parameters serialize to: nothing in it needs the parser. */
  #setQuery(query: string): void {
    const href = this.#href;
    const { pathEnd, searchEnd } = this.#parts();
    const rest = StringPrototypeSlice(href, searchEnd);
    // An opaque path may change with its query gone: spaces at its end.
    const next =
      query === ''
        ? host.set(href, 'search', '')
        : `${StringPrototypeSlice(href, 0, pathEnd)}?${query}${rest}`;
    this.#replace(next, false);
  }
}

defineInterface(URL, 'URL');

/** What `guarded` does, for the one function that is called so often that sharing a call site shows (bench/url.ts). */
function parseInHost(input: string, base: string | undefined): string | undefined {
  try {
    return hostParse(input, base);
  } catch {
    throw new RangeErrorCtor('Maximum call stack size exceeded');
  }
}

function fromHref(href: string): URL {
  return new URL(SERIALIZED, href);
}

/** Undefined where it is no URL. DOMStrings will do: the host's parser makes them well-formed. */
function parse(url: unknown, base: unknown): string | undefined {
  const input = toDOMString(url);
  return parseInHost(input, base === undefined ? undefined : toDOMString(base));
}

/** https://url.spec.whatwg.org/#concept-url-origin, where the blob is not known. */
function originOfBlob(path: string): string {
  const href = parseInHost(path, undefined);
  if (href === undefined) return 'null';
  const url = fromHref(href);
  const { protocol } = url;
  return protocol === 'http:' || protocol === 'https:' ? url.origin : 'null';
}
