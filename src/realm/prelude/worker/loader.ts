/** Evaluates a worker's code and finds its handlers. */

import { defineValue } from '../lazy.ts';
import { ArrayPrototypeIncludes, globalObject } from '../primordials.ts';
import { toErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import type { Loaded } from '../realm-entry.ts';
import type { RealmConfig } from './config.ts';
import { makeEnv } from './env.ts';
import { type FetchHandler, MissingHandler, moduleHandler } from './handlers.ts';
import { makeModuleScope, type WorkerExports } from './module-scope.ts';

const host = guarded($host.realm);

/** The worker of a realm, once it is loaded. */
export interface LoadedWorker {
  readonly handler: FetchHandler;
  /** Where methods are called: a classic script has none. */
  readonly exports: WorkerExports | undefined;
  readonly env: object;
  /** Whether a binding can point at this entrypoint. */
  readonly hasEntrypoint: (name: string) => boolean;
}

let worker: LoadedWorker | undefined;

let onLoaded: (() => void) | undefined;

/** Runs `use` as soon as the worker is loaded, at once if it is. */
export function whenLoaded(use: () => void): void {
  if (worker !== undefined) use();
  else onLoaded = use;
}

export function loadedWorker(): LoadedWorker | undefined {
  return worker;
}

/** Evaluates a bundled ES module: `factory` is the completion value of its script. */
export async function loadModule(config: RealmConfig, factory: unknown, done: Loaded): Promise<void> {
  try {
    const env = makeEnv(config.bindings, host);
    const { scope, exports } = makeModuleScope((name) =>
      require('./builtins.ts').builtinModule(name, env, config),
    );
    const evaluating = (factory as (scope: object) => Promise<void> | undefined)(scope);
    if (evaluating !== undefined) await evaluating;
    const found = exports();
    worker = {
      handler: moduleHandler(found, env),
      exports: found,
      env,
      hasEntrypoint: (name) => ArrayPrototypeIncludes(found.names, name),
    };
    onLoaded?.();
    done(undefined);
  } catch (error) {
    done(toErrorState(error));
  }
}

/** Evaluates a classic script: `run` runs it in this realm. Its handlers are event listeners, its bindings globals. */
export function loadScript(config: RealmConfig, run: () => unknown, done: Loaded): void {
  try {
    const env = makeEnv(config.bindings, host);
    const { handler, install } = require('./service-worker.ts').serviceWorkerHandler(env);
    install();
    // What wraps bindings runs before the worker's own code: no global of the worker's is lost.
    const { scope } = makeModuleScope(
      (name) => require('./builtins.ts').builtinModule(name, env, config),
      install,
    );
    defineValue(globalObject, '$nanod', scope);
    run();
    worker = { handler, exports: undefined, env, hasEntrypoint: (name) => name === 'default' };
    done(undefined);
  } catch (error) {
    done(toErrorState(error));
  }
}

/** Stands in until the worker is loaded. */
export const notLoaded: FetchHandler = (_request, entrypoint) => {
  throw new MissingHandler(entrypoint);
};
