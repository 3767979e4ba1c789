/**
 * Reads the code that a worker gives to a loader (https://developers.cloudflare.com/workers/runtime-apis/bindings/worker-loader/). Everything
 * of it is the worker's: each member is read once, and becomes text.
 */

import { viewOf } from '../bytes.ts';
import { guarded } from '../host.ts';
import {
  ErrorCtor,
  JSONStringify,
  ObjectKeys,
  StringPrototypeEndsWith,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeErrorCtor,
} from '../primordials.ts';
import { isObject, toDictionary, toDOMString, toEnforcedRange, toSequence } from '../webidl.ts';

const encoding = guarded($host.encoding);

/** Characters of all modules together. */
const MOST_CODE = 16 * 1024 * 1024;
const MOST_CALLS = 2 ** 32 - 1;

/** Code, as the host takes it. */
export interface WorkerCode {
  /** JSON of the compatibility date, and the flags after it. */
  readonly settings: string;
  /** JSON of `[name, kind, text]` for each module, the main module first. */
  readonly modules: string;
  readonly env: unknown;
  readonly globalOutbound: unknown;
  /** Calls of services while one request is served; undefined where there is no limit. */
  readonly calls: number | undefined;
}

interface CodeMembers {
  compatibilityDate: unknown;
  compatibilityFlags: unknown;
  mainModule: unknown;
  modules: unknown;
  env: unknown;
  globalOutbound: unknown;
  limits: unknown;
}

/** Throws a TypeError for what is no code, and what reading it throws. */
export function readCode(value: unknown): WorkerCode {
  if (!isObject(value)) throw new TypeErrorCtor('WorkerLoader: the code is not an object.');
  const { compatibilityDate, compatibilityFlags, mainModule, modules, env, globalOutbound, limits } =
    value as Partial<CodeMembers>;
  if (typeof mainModule !== 'string') throw new TypeErrorCtor('WorkerLoader: mainModule is not a string.');
  return {
    settings: readSettings(compatibilityDate, compatibilityFlags),
    modules: readModules(modules, mainModule),
    env: env === undefined ? {} : env,
    globalOutbound,
    calls: readLimits(limits),
  };
}

function readSettings(date: unknown, flags: unknown): string {
  if (typeof date !== 'string') throw new TypeErrorCtor('WorkerLoader: compatibilityDate is not a string.');
  const list = flags === undefined ? [] : toSequence(flags, 'WorkerLoader: compatibilityFlags', toDOMString);
  let json = `[${JSONStringify(date)}`;
  for (let i = 0; i < list.length; i++) json += `,${JSONStringify(list[i])}`;
  return `${json}]`;
}

/** The time of a turn is not limited: `cpuMs` is looked at, and has no effect. */
function readLimits(value: unknown): number | undefined {
  const limits = toDictionary<{ cpuMs: unknown; subRequests: unknown }>(value, 'WorkerLoader: limits');
  const cpuMs = limits?.cpuMs;
  if (cpuMs !== undefined) toEnforcedRange(cpuMs, 0, MOST_CALLS, 'WorkerLoader: limits.cpuMs');
  const calls = limits?.subRequests;
  if (calls === undefined) return undefined;
  return toEnforcedRange(calls, 0, MOST_CALLS, 'WorkerLoader: limits.subRequests');
}

function readModules(modules: unknown, mainModule: string): string {
  if (!isObject(modules)) throw new TypeErrorCtor('WorkerLoader: modules is not an object.');
  const names = ObjectKeys(modules);
  let main = '';
  let others = '';
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const isMain = name === mainModule;
    const row = readModule(name, (modules as Record<string, unknown>)[name], isMain);
    if (isMain) main = row;
    else others += `,${row}`;
    if (main.length + others.length > MOST_CODE)
      throw new ErrorCtor(`WorkerLoader: the modules are larger than ${MOST_CODE} characters.`);
  }
  if (main === '') throw new TypeErrorCtor(`WorkerLoader: modules has no main module "${mainModule}".`);
  return `[${main}${others}]`;
}

function readModule(name: string, value: unknown, isMain: boolean): string {
  if (typeof value === 'string') {
    if (StringPrototypeEndsWith(name, '.js')) return row(name, 'esModule', value);
    throw new TypeErrorCtor(
      `WorkerLoader: the module "${name}" is a string, and its name does not end in .js: give an object that says what it is.`,
    );
  }
  const { kind, content } = oneMember(name, value);
  if (isMain && kind !== 'js' && kind !== 'cjs')
    throw new TypeErrorCtor(`WorkerLoader: the main module "${name}" is neither js nor cjs.`);
  switch (kind) {
    case 'js':
      return row(name, 'esModule', textOf(name, content));
    case 'cjs':
      return row(name, 'commonJs', textOf(name, content));
    case 'text':
      return row(name, 'text', textOf(name, content));
    case 'json':
      return row(name, 'json', jsonOf(name, content));
    case 'data':
    case 'wasm':
      return row(name, kind, base64Of(name, content));
    case 'py':
      throw new TypeErrorCtor(`WorkerLoader: the module "${name}" is Python, which nanod does not run.`);
  }
}

const KINDS = ['js', 'cjs', 'text', 'data', 'json', 'py', 'wasm'] as const;

/** The one member of a module that says what it is. */
function oneMember(name: string, value: unknown): { kind: (typeof KINDS)[number]; content: unknown } {
  if (!isObject(value)) throw new TypeErrorCtor(`WorkerLoader: the module "${name}" is not an object.`);
  let found: (typeof KINDS)[number] | undefined;
  let content: unknown;
  let count = 0;
  for (let i = 0; i < KINDS.length; i++) {
    const kind = KINDS[i] as (typeof KINDS)[number];
    const member = (value as Record<string, unknown>)[kind];
    if (member === undefined) continue;
    found = kind;
    content = member;
    count++;
  }
  if (found !== undefined && count === 1) return { kind: found, content };
  throw new TypeErrorCtor(
    `WorkerLoader: the module "${name}" has ${count} of js, cjs, text, data, json, py and wasm, and needs one.`,
  );
}

function textOf(name: string, content: unknown): string {
  if (typeof content === 'string') return content;
  throw new TypeErrorCtor(`WorkerLoader: the content of the module "${name}" is not a string.`);
}

function jsonOf(name: string, content: unknown): string {
  const json: unknown = JSONStringify(content);
  if (typeof json === 'string') return json;
  throw new TypeErrorCtor(`WorkerLoader: the content of the module "${name}" is nothing that JSON can hold.`);
}

function base64Of(name: string, content: unknown): string {
  const bytes = viewOf(content);
  if (bytes === undefined)
    throw new TypeErrorCtor(
      `WorkerLoader: the content of the module "${name}" is no ArrayBuffer and no view.`,
    );
  const byteLength = TypedArrayPrototypeGetByteLength(bytes);
  if (byteLength > MOST_CODE) throw new ErrorCtor(`WorkerLoader: the module "${name}" is too large.`);
  const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
  const text = encoding.decodeLatin1(buffer, TypedArrayPrototypeGetByteOffset(bytes), byteLength);
  return encoding.btoa(text) ?? '';
}

function row(name: string, kind: string, text: string): string {
  return `[${JSONStringify(name)},"${kind}",${JSONStringify(text)}]`;
}
