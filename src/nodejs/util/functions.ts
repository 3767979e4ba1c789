/** util.promisify, callbackify, inherits, deprecate, debuglog and the like. */

import { invalidArgType, invalidArgValue, nodeError } from '../errors.ts';
import { validateFunction, validateString } from '../validate.ts';
import type { AnyFunction } from '../validate.ts';
import { formatWithOptions } from './inspect.ts';

const customPromisify: unique symbol = Symbol.for('nodejs.util.promisify.custom') as never;

/** https://nodejs.org/api/util.html#utilpromisifyoriginal */
export function promisify(original: AnyFunction): AnyFunction {
  validateFunction(original, 'original');
  const custom = (original as { [customPromisify]?: unknown })[customPromisify];
  if (custom !== undefined && custom !== null) {
    validateFunction(custom, 'util.promisify.custom');
    return named(custom, customPromisify, custom);
  }
  const promisified = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [
        ...args,
        (error: unknown, value: unknown) => {
          if (error !== undefined && error !== null && error !== false) reject(error);
          else resolve(value);
        },
      ]);
    });
  };
  Object.setPrototypeOf(promisified, Object.getPrototypeOf(original) as object);
  const own: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(original);
  delete own['prototype'];
  Object.defineProperties(promisified, own);
  return named(promisified, customPromisify, promisified);
}
promisify.custom = customPromisify;

function named(target: AnyFunction, key: symbol, value: unknown): AnyFunction {
  return Object.defineProperty(target, key, { value, configurable: true });
}

/** https://nodejs.org/api/util.html#utilcallbackifyoriginal */
export function callbackify(original: AnyFunction): AnyFunction {
  validateFunction(original, 'original');
  const callbackified = function (this: unknown, ...args: unknown[]): void {
    const callback = args.pop();
    validateFunction(callback, 'last argument');
    const later = (...results: unknown[]): void =>
      queueMicrotask(() => void Reflect.apply(callback, this, results));
    (Reflect.apply(original, this, args) as Promise<unknown>).then(
      (value) => later(null, value),
      (reason: unknown) => later(reason || falsyRejection(reason)),
    );
  };
  Object.defineProperty(callbackified, 'name', {
    value: `${original.name}Callbackified`,
    configurable: true,
  });
  Object.defineProperty(callbackified, 'length', { value: original.length + 1, configurable: true });
  return callbackified;
}

function falsyRejection(reason: unknown): Error {
  const error = nodeError('ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value', Error);
  return Object.assign(error, { reason });
}

interface Constructor {
  readonly prototype: object;
}

/** https://nodejs.org/api/util.html#utilinheritsconstructor-superconstructor */
export function inherits(constructor: Constructor, superConstructor: Constructor): void {
  validateFunction(constructor, 'ctor');
  validateFunction(superConstructor, 'superCtor');
  const { prototype } = superConstructor as Constructor;
  if (prototype === undefined) throw invalidArgType('superCtor.prototype', 'of type object', prototype);
  Object.defineProperty(constructor, 'super_', {
    value: superConstructor,
    writable: true,
    configurable: true,
  });
  Object.setPrototypeOf((constructor as Constructor).prototype, prototype);
}

const warned = new Set<string>();

/** https://nodejs.org/api/util.html#utildeprecatefn-msg-code */
export function deprecate(fn: AnyFunction, message: string, code?: string): AnyFunction {
  validateFunction(fn, 'fn');
  let isWarned = false;
  const deprecated = function (this: unknown, ...args: unknown[]): unknown {
    if (!isWarned) {
      isWarned = true;
      if (code === undefined || !warned.has(code)) {
        console.warn(`${code === undefined ? '' : `[${code}] `}DeprecationWarning: ${message}`);
      }
      if (code !== undefined) warned.add(code);
    }
    return new.target === undefined
      ? Reflect.apply(fn, this, args)
      : (Reflect.construct(fn, args, new.target === deprecated ? fn : new.target) as object);
  };
  Object.setPrototypeOf(deprecated, fn);
  if (fn.prototype !== undefined) deprecated.prototype = fn.prototype as object;
  return deprecated;
}

type DebugLog = ((...args: unknown[]) => void) & { readonly enabled: boolean };

/** By NODE_DEBUG among the bindings that are strings. https://nodejs.org/api/util.html#utildebuglogsection-callback */
export function debuglog(section: string): DebugLog {
  const name = section.toUpperCase();
  const enabled = ($powers.env['NODE_DEBUG'] ?? '')
    .toUpperCase()
    .split(',')
    .some((each) =>
      new RegExp(
        `^${each
          .trim()
          .replace(/[^\w*-]/gu, '')
          .replaceAll('*', '.*')}$`,
        'u',
      ).test(name),
    );
  const log = (...args: unknown[]): void => {
    if (enabled) console.error(`${name} 1: ${formatWithOptions({}, ...args)}`);
  };
  return Object.assign(log, { enabled });
}

export function toUSVString(value: unknown): string {
  return String(value).toWellFormed();
}

/** https://nodejs.org/api/util.html#utilparseenvcontent */
export function parseEnv(content: string): Record<string, string> {
  validateString(content, 'content');
  const env: Record<string, string> = {};
  const line = /^\s*(?:export\s+)?([\w.-]+)\s*=[^\S\n]*('[^']*'|"[^"]*"|`[^`]*`|[^\n#]*)/gmu;
  for (const [, name = '', value = ''] of content.matchAll(line)) {
    const quoted = /^(['"`])([^]*)\1$/u.exec(value.trim());
    const text = quoted?.[2] ?? value.trim();
    env[name] = quoted?.[1] === '"' ? text.replaceAll('\\n', '\n') : text;
  }
  return env;
}

const styles: Readonly<Record<string, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  inverse: [7, 27],
  black: [30, 39],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  white: [37, 39],
  gray: [90, 39],
  grey: [90, 39],
};

/** https://nodejs.org/api/util.html#utilstyletextformat-text-options */
export function styleText(format: string | readonly string[], text: string): string {
  validateString(text, 'text');
  let styled = text;
  for (const name of [format].flat().toReversed()) {
    const codes = styles[name];
    if (codes === undefined) throw invalidArgValue('format', name);
    styled = `\u001B[${codes[0]}m${styled}\u001B[${codes[1]}m`;
  }
  return styled;
}

/** A promise that settles when the signal aborts. https://nodejs.org/api/util.html#utilabortedsignal-resource */
export function aborted(signal: AbortSignal, resource: object): Promise<void> {
  if (typeof resource !== 'object' || resource === null)
    throw invalidArgType('resource', 'of type object', resource);
  if (signal.aborted) return Promise.resolve();
  const held = new WeakRef(resource);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => held.deref() !== undefined && resolve(), { once: true });
  });
}
