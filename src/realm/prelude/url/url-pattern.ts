/** URLPattern of the realm. Its regular expressions are the realm's own. https://urlpattern.spec.whatwg.org/#urlpattern-class */

import { StringPrototypeStartsWith, TypeErrorCtor } from '../primordials.ts';
import { guarded } from '../host.ts';
import { defineValue } from '../lazy.ts';
import { defineInterface, isObject, toDictionary, toUSVString } from '../webidl.ts';
import {
  canonicalizeHash,
  canonicalizeHostname,
  canonicalizeIPv6Hostname,
  canonicalizeOpaquePathname,
  canonicalizePassword,
  canonicalizePathname,
  canonicalizePort,
  canonicalizeProtocol,
  canonicalizeSearch,
  canonicalizeUsername,
  defaultPortOf,
} from './pattern/canonicalize.ts';
import { Component, type Groups } from './pattern/component.ts';
import { parseConstructorString } from './pattern/constructor-string.ts';
import { type ComponentName, type Components, componentsOf, type PatternInit } from './pattern/init.ts';
import { processInit, toPatternInit } from './pattern/init.ts';
import { DEFAULT_OPTIONS, HOSTNAME_OPTIONS, matchesSpecialScheme } from './pattern/options.ts';

const host = guarded($host.url);

type CompiledComponents = { readonly [name in ComponentName]: Component };

/** In the order in which Web IDL gives a dictionary's members. */
const NAMES: readonly ComponentName[] = [
  'hash',
  'hostname',
  'password',
  'pathname',
  'port',
  'protocol',
  'search',
  'username',
];

export class URLPattern {
  readonly #components: CompiledComponents;

  constructor(input: unknown = undefined, baseOrOptions: unknown = undefined, options: unknown = undefined) {
    const hasBase =
      arguments.length > 2 ||
      !(baseOrOptions === undefined || baseOrOptions === null || isObject(baseOrOptions));
    const given = toInput(input);
    const base = hasBase ? toUSVString(baseOrOptions) : undefined;
    const ignoreCase = toIgnoreCase(hasBase ? options : baseOrOptions);
    this.#components = compile(initOf(given, base), ignoreCase);
  }

  get protocol(): string {
    return this.#components.protocol.pattern;
  }

  get username(): string {
    return this.#components.username.pattern;
  }

  get password(): string {
    return this.#components.password.pattern;
  }

  get hostname(): string {
    return this.#components.hostname.pattern;
  }

  get port(): string {
    return this.#components.port.pattern;
  }

  get pathname(): string {
    return this.#components.pathname.pattern;
  }

  get search(): string {
    return this.#components.search.pattern;
  }

  get hash(): string {
    return this.#components.hash.pattern;
  }

  get hasRegExpGroups(): boolean {
    const components = this.#components;
    for (let i = 0; i < NAMES.length; i++)
      if (components[NAMES[i] as ComponentName].hasRegExpGroups) return true;
    return false;
  }

  test(input: unknown = undefined, baseURL: unknown = undefined): boolean {
    const components = this.#components;
    const target = targetOf(toInput(input), baseURL === undefined ? undefined : toUSVString(baseURL));
    if (target === undefined) return false;
    for (let i = 0; i < NAMES.length; i++) {
      const name = NAMES[i] as ComponentName;
      if (components[name].match(target[name]) === undefined) return false;
    }
    return true;
  }

  exec(input: unknown = undefined, baseURL: unknown = undefined): object | null {
    const components = this.#components;
    const given = toInput(input);
    const base = baseURL === undefined ? undefined : toUSVString(baseURL);
    const target = targetOf(given, base);
    if (target === undefined) return null;
    const inputs = base === undefined ? [inputOf(given)] : [inputOf(given), base];
    const result = {};
    for (let i = 0; i < NAMES.length; i++) {
      const name = NAMES[i] as ComponentName;
      const groups = components[name].match(target[name]);
      if (groups === undefined) return null;
      if (name === 'password') defineValue(result, 'inputs', inputs, true);
      defineValue(result, name, componentResult(components[name], groups, target[name]), true);
    }
    return result;
  }
}

defineInterface(URLPattern, 'URLPattern');

/** `(USVString or URLPatternInit)` */
function toInput(value: unknown): string | PatternInit {
  return value === undefined || value === null || isObject(value) ? toPatternInit(value) : toUSVString(value);
}

function toIgnoreCase(options: unknown): boolean {
  return !!toDictionary<{ ignoreCase: unknown }>(options, 'URLPattern constructor: options')?.ignoreCase;
}

/** An input as a result shows it: a dictionary is an object of the realm again. */
function inputOf(given: string | PatternInit): unknown {
  return typeof given === 'string' ? given : { ...given };
}

function initOf(given: string | PatternInit, base: string | undefined): PatternInit {
  if (typeof given !== 'string') {
    if (base !== undefined)
      throw new TypeErrorCtor('URLPattern constructor: a base URL goes with a string only.');
    return given;
  }
  const init = parseConstructorString(given);
  if (base === undefined && init.protocol === undefined) {
    throw new TypeErrorCtor(`URLPattern constructor: "${given}" is relative, and there is no base URL.`);
  }
  if (base !== undefined) init.baseURL = base;
  return init;
}

/** https://urlpattern.spec.whatwg.org/#url-pattern-create */
function compile(init: PatternInit, ignoreCase: boolean): CompiledComponents {
  const given = processInit(init, 'pattern');
  const text = (name: ComponentName): string => given[name] ?? '*';
  const protocol = new Component(text('protocol'), canonicalizeProtocol, DEFAULT_OPTIONS);
  const port = text('port') === defaultPortOf(text('protocol')) ? '' : text('port');
  const hostname = text('hostname');
  const options = { ...DEFAULT_OPTIONS, ignoreCase };
  const hierarchical = matchesSpecialScheme(protocol);
  return {
    protocol,
    username: new Component(text('username'), canonicalizeUsername, DEFAULT_OPTIONS),
    password: new Component(text('password'), canonicalizePassword, DEFAULT_OPTIONS),
    hostname: new Component(
      hostname,
      isIPv6(hostname) ? canonicalizeIPv6Hostname : canonicalizeHostname,
      HOSTNAME_OPTIONS,
    ),
    port: new Component(port, (value) => canonicalizePort(value), DEFAULT_OPTIONS),
    pathname: hierarchical
      ? new Component(text('pathname'), canonicalizePathname, { delimiter: '/', prefix: '/', ignoreCase })
      : new Component(text('pathname'), canonicalizeOpaquePathname, options),
    search: new Component(text('search'), canonicalizeSearch, options),
    hash: new Component(text('hash'), canonicalizeHash, options),
  };
}

function isIPv6(hostname: string): boolean {
  if (hostname.length < 2) return false;
  return (
    StringPrototypeStartsWith(hostname, '[') ||
    StringPrototypeStartsWith(hostname, '{[') ||
    StringPrototypeStartsWith(hostname, '\\[')
  );
}

/** What the components of a pattern are matched with; undefined for an input that is no URL. */
function targetOf(given: string | PatternInit, base: string | undefined): Components | undefined {
  if (typeof given === 'string') {
    const href = host.parse(given, base);
    return href === undefined ? undefined : componentsOf(href);
  }
  if (base !== undefined) throw new TypeErrorCtor('URLPattern: a base URL goes with a string only.');
  try {
    return processInit(given, 'url') as Components;
  } catch {
    return undefined;
  }
}

/** URLPatternComponentResult */
function componentResult(component: Component, groups: Groups, input: string): object {
  const named = {};
  for (let i = 0; i < component.names.length; i++) {
    defineValue(named, component.names[i] as string, groups[i + 1], true);
  }
  return { groups: named, input };
}
