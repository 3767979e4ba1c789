/**
 * Makes a bare context safe before any worker code runs in it (HARDENING R1, R3, R5). Runs first of all, after the primordials
 * are captured.
 */

import {
  ArrayPrototypeJoin,
  DatePrototype,
  ErrorCtor,
  globalObject,
  ReflectApply,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGetPrototypeOf,
  StringPrototypeStartsWith,
} from './primordials.ts';

/** Frames of the prelude carry this script name; the host's carry `node:` names or absolute paths. */
const WORKER_SCRIPT_PREFIX = 'worker:';

/** The part of V8's CallSite that the formatter uses. https://v8.dev/docs/stack-trace-api */
interface CallSite {
  getFileName(): string | null | undefined;
  toString(): string;
}

/** Locks what an escape needs. `keepTemporal`: the worker's code mentions Temporal, so the realm pays for building it. */
export function lockDown(keepTemporal: boolean): void {
  lockStacks();
  removeTemporal(keepTemporal);
  removeForbidden();
}

/**
 * Node formats `error.stack` with a function of the main realm unless `globalThis.Error.prepareStackTrace` of the realm is a
 * function; the main realm's own formatter throws its own errors at hostile values. So the realm's formatter, the Error it hangs
 * on and the global that leads there are all locked.
 */
function lockStacks(): void {
  lock(ErrorCtor, 'prepareStackTrace', formatStack);
  lock(ErrorCtor, 'stackTraceLimit', 10);
  lock(globalObject, 'Error', ErrorCtor);
}

function lock(holder: object, key: string, value: unknown): void {
  ReflectDefineProperty(holder, key, {
    __proto__: null,
    value,
    writable: false,
    enumerable: false,
    configurable: false,
  } as PropertyDescriptor);
}

let siteMethods: { getFileName: () => string | null; toString: () => string } | undefined;

/** Header and frames of the worker's own code. Never throws. */
function formatStack(error: unknown, sites: readonly CallSite[]): string {
  try {
    const lines = [stackHeader(error)];
    for (let i = 0; i < sites.length; i++) {
      const site = sites[i] as CallSite;
      siteMethods ??= ReflectGetPrototypeOf(site) as typeof siteMethods & object;
      const file = ReflectApply(siteMethods.getFileName, site, []);
      if (typeof file !== 'string' || !StringPrototypeStartsWith(file, WORKER_SCRIPT_PREFIX)) continue;
      lines[lines.length] = `    at ${ReflectApply(siteMethods.toString, site, [])}`;
    }
    return ArrayPrototypeJoin(lines, '\n');
  } catch {
    return 'Error';
  }
}

function stackHeader(error: unknown): string {
  try {
    const { name, message } = error as { name: unknown; message: unknown };
    const title = name === undefined ? 'Error' : `${name as string}`;
    const text = message === undefined ? '' : `${message as string}`;
    return text === '' ? title : title === '' ? text : `${title}: ${text}`;
  } catch {
    return 'Error';
  }
}

/**
 * Temporal is built by whichever realm touches it first, so it is built here or removed: left lazy, another realm that walks a
 * value of this one could be made to build its own intrinsics into it.
 */
function removeTemporal(keep: boolean): void {
  if (keep) {
    void globalObject['Temporal'];
    void (DatePrototype as { toTemporalInstant?: unknown }).toTemporalInstant;
    return;
  }
  ReflectDeleteProperty(globalObject, 'Temporal');
  ReflectDeleteProperty(DatePrototype, 'toTemporalInstant');
}

/** What would block the thread, share memory, compile code, or reach the inspector's console. */
function removeForbidden(): void {
  ReflectDeleteProperty(globalObject, 'Atomics');
  ReflectDeleteProperty(globalObject, 'SharedArrayBuffer');
  ReflectDeleteProperty(globalObject, 'console');
  ReflectDeleteProperty(globalObject, 'gc');
  const wasm = globalObject['WebAssembly'] as Record<string, unknown> | undefined;
  if (wasm === undefined) return;
  const compiling = ['compile', 'compileStreaming', 'instantiateStreaming', 'validate'];
  for (let i = 0; i < compiling.length; i++) ReflectDeleteProperty(wasm, compiling[i] as string);
}
