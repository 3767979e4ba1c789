/** URLPatternInit: its conversion, and what a base URL adds to it. https://urlpattern.spec.whatwg.org/#urlpatterninit-processing */

import {
  StringPrototypeEndsWith,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeErrorCtor,
} from '../../primordials.ts';
import { guarded } from '../../host.ts';
import { toDictionary, toUSVString } from '../../webidl.ts';
import { layoutOf } from '../url-layout.ts';
import {
  canonicalizeHash,
  canonicalizeHostname,
  canonicalizeOpaquePathname,
  canonicalizePassword,
  canonicalizePathname,
  canonicalizePort,
  canonicalizeProtocol,
  canonicalizeSearch,
  canonicalizeUsername,
} from './canonicalize.ts';
import { escapePattern } from './escape.ts';
import { isSpecialScheme } from './options.ts';

const host = guarded($host.url);

/** The components of a URL, of a pattern, or of what a pattern is matched with; without `:`, `?` and `#`. */
export interface Components {
  protocol: string;
  username: string;
  password: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
}

export type ComponentName = keyof Components;

/** Those that are given. */
export interface PatternInit extends Partial<Components> {
  baseURL?: string;
}

const MEMBERS = [
  'baseURL',
  'hash',
  'hostname',
  'password',
  'pathname',
  'port',
  'protocol',
  'search',
  'username',
] as const;

/** The dictionary URLPatternInit. */
export function toPatternInit(value: unknown): PatternInit {
  const init: PatternInit = { __proto__: null } as PatternInit;
  const given = toDictionary<Record<string, unknown>>(value, 'URLPattern: input');
  if (given === undefined) return init;
  for (let i = 0; i < MEMBERS.length; i++) {
    const name = MEMBERS[i] as keyof PatternInit;
    const member = given[name];
    if (member !== undefined) init[name] = toUSVString(member);
  }
  return init;
}

/** The components of a serialized URL. */
export function componentsOf(href: string): Components {
  const at = layoutOf(href);
  return {
    protocol: StringPrototypeSlice(href, 0, at.schemeEnd - 1),
    username: StringPrototypeSlice(href, at.usernameStart, at.usernameEnd),
    password: StringPrototypeSlice(href, at.passwordStart, at.passwordEnd),
    hostname: StringPrototypeSlice(href, at.hostStart, at.hostnameEnd),
    port: StringPrototypeSlice(href, at.hostnameEnd + 1, at.hostEnd),
    pathname: StringPrototypeSlice(href, at.pathStart, at.pathEnd),
    search: StringPrototypeSlice(href, at.pathEnd + 1, at.searchEnd),
    hash: StringPrototypeSlice(href, at.searchEnd + 1),
  };
}

/** `pattern`: what is given are pattern strings; `url`: plain text, which is canonicalized. */
export type InitType = 'pattern' | 'url';

/** The components that an init and its base URL give; for 'url', all of them. Throws a TypeError for invalid ones. */
export function processInit(init: PatternInit, type: InitType): PatternInit {
  const result: PatternInit = { __proto__: null } as PatternInit;
  if (type === 'url') setAll(result, '');
  const base = init.baseURL === undefined ? undefined : parseBase(init.baseURL);
  if (base !== undefined) inherit(result, init, componentsOf(base), type);
  const { protocol, username, password, hostname, port, pathname, search, hash } = init;
  const isPattern = type === 'pattern';
  if (protocol !== undefined) {
    const stripped = StringPrototypeEndsWith(protocol, ':')
      ? StringPrototypeSlice(protocol, 0, -1)
      : protocol;
    result.protocol = isPattern ? stripped : canonicalizeProtocol(stripped);
  }
  if (username !== undefined) result.username = isPattern ? username : canonicalizeUsername(username);
  if (password !== undefined) result.password = isPattern ? password : canonicalizePassword(password);
  if (hostname !== undefined) result.hostname = isPattern ? hostname : canonicalizeHostname(hostname);
  const scheme = result.protocol ?? '';
  if (port !== undefined) result.port = isPattern ? port : canonicalizePort(port, scheme);
  if (pathname !== undefined) result.pathname = processPathname(pathname, base, scheme, type);
  if (search !== undefined) {
    const stripped = withoutPrefix(search, '?');
    result.search = isPattern ? stripped : canonicalizeSearch(stripped);
  }
  if (hash !== undefined) {
    const stripped = withoutPrefix(hash, '#');
    result.hash = isPattern ? stripped : canonicalizeHash(stripped);
  }
  return result;
}

function setAll(init: PatternInit, value: string): void {
  for (let i = 1; i < MEMBERS.length; i++) init[MEMBERS[i] as ComponentName] = value;
}

function parseBase(text: string): string {
  const href = host.parse(text, undefined);
  if (href === undefined) throw new TypeErrorCtor(`URLPattern: the base URL "${text}" is invalid.`);
  return href;
}

/** From a base URL comes what is less specific than everything that is given. */
function inherit(result: PatternInit, init: PatternInit, base: Components, type: InitType): void {
  const from = (text: string): string => (type === 'pattern' ? escapePattern(text) : text);
  if (init.protocol !== undefined) return;
  result.protocol = from(base.protocol);
  if (type === 'url') inheritCredentials(result, init, base);
  if (init.hostname !== undefined) return;
  result.hostname = from(base.hostname);
  if (init.port !== undefined) return;
  result.port = base.port;
  if (init.pathname !== undefined) return;
  result.pathname = from(base.pathname);
  if (init.search !== undefined) return;
  result.search = from(base.search);
  if (init.hash === undefined) result.hash = from(base.hash);
}

function inheritCredentials(result: PatternInit, init: PatternInit, base: Components): void {
  if (init.hostname !== undefined || init.port !== undefined || init.username !== undefined) return;
  result.username = base.username;
  if (init.password === undefined) result.password = base.password;
}

function processPathname(pathname: string, base: string | undefined, scheme: string, type: InitType): string {
  const resolved =
    base === undefined || hasOpaquePath(base) || isAbsolutePathname(pathname, type)
      ? pathname
      : directoryOf(base, type) + pathname;
  if (type === 'pattern') return resolved;
  return scheme === '' || isSpecialScheme(scheme)
    ? canonicalizePathname(resolved)
    : canonicalizeOpaquePathname(resolved);
}

/** Of a base URL: its path up to the last slash. */
function directoryOf(base: string, type: InitType): string {
  const { pathname } = componentsOf(base);
  const path = type === 'pattern' ? escapePattern(pathname) : pathname;
  return StringPrototypeSlice(path, 0, StringPrototypeLastIndexOf(path, '/') + 1);
}

function hasOpaquePath(href: string): boolean {
  return href[layoutOf(href).schemeEnd] !== '/';
}

function isAbsolutePathname(pathname: string, type: InitType): boolean {
  if (StringPrototypeStartsWith(pathname, '/')) return true;
  if (type === 'url') return false;
  return StringPrototypeStartsWith(pathname, '\\/') || StringPrototypeStartsWith(pathname, '{/');
}

function withoutPrefix(text: string, prefix: string): string {
  return StringPrototypeStartsWith(text, prefix) ? StringPrototypeSlice(text, 1) : text;
}
