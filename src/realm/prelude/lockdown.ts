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
} from './primordials.ts';

/** The part of V8's CallSite that the formatter uses. https://v8.dev/docs/stack-trace-api */
interface CallSite {
  getFileName(): string | null | undefined;
  toString(): string;
}

/** What the realm is made for. */
export interface LockDownOptions {
  /** The worker's code mentions Temporal, so the realm pays for building it. */
  readonly keepTemporal: boolean;
  /** The script name of the worker: stacks show the frames of no other script, be it the prelude's, the host's or another service's. */
  readonly script: string;
}

/** Locks what an escape needs. */
export function lockDown({ keepTemporal, script }: LockDownOptions): void {
  lockStacks(script);
  removeTemporal(keepTemporal);
  removeForbidden();
}

/**
 * Node formats `error.stack` with a function of the main realm unless `globalThis.Error.prepareStackTrace` of the realm is a
 * function; the main realm's own formatter throws its own errors at hostile values. So the realm's formatter, the Error it hangs
 * on and the global that leads there are all locked.
 */
function lockStacks(script: string): void {
  workerScript = script;
  siteMethods = captureSiteMethods();
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

let workerScript = '';
let siteMethods: CallSite | undefined;

/** From a genuine call site: the worker can call the formatter itself, with look-alikes whose methods would be given the genuine ones. */
function captureSiteMethods(): CallSite | undefined {
  let methods: CallSite | undefined;
  const format = (_error: unknown, sites: readonly CallSite[]): void => {
    const { getFileName, toString } = ReflectGetPrototypeOf(sites[0] as CallSite) as CallSite;
    methods = { getFileName, toString };
  };
  const value = { __proto__: null, value: format, configurable: true } as PropertyDescriptor;
  ReflectDefineProperty(ErrorCtor, 'prepareStackTrace', value);
  void new ErrorCtor().stack;
  return methods;
}

/** Header and frames of the worker's own code. Never throws. */
function formatStack(error: unknown, sites: readonly CallSite[]): string {
  try {
    const methods = siteMethods as CallSite;
    const lines = [stackHeader(error)];
    for (let i = 0; i < sites.length; i++) {
      const site = sites[i] as CallSite;
      if (ReflectApply(methods.getFileName, site, []) !== workerScript) continue;
      lines[lines.length] = `    at ${ReflectApply(methods.toString, site, [])}`;
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
