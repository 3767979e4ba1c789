/**
 * What the rest of the prelude does about asynchronous contexts: nothing, before the worker first uses one. A context must end where the
 * realm is left, because code of another realm, which calls in and goes on, is in the same turn.
 */

import type { ContextToken } from '../host-api.ts';

/** Set by async-context.ts when it is loaded. */
export interface ContextHooks {
  readonly current: () => ContextToken | undefined;
  /** Runs `enter` in the context of a token of this realm; in none, without a token. `enter` must not throw. */
  readonly run: (token: ContextToken | undefined, enter: () => void) => void;
}

let hooks: ContextHooks | undefined;

export function setContextHooks(made: ContextHooks): void {
  hooks = made;
}

/** Whether there is anything to be done. Cheaper than a closure for `enterRealm`. */
export function usesContexts(): boolean {
  return hooks !== undefined;
}

/** The context that runs now, for `enterRealm`. */
export function currentContext(): ContextToken | undefined {
  return hooks?.current();
}

/** Runs what others have called, which must not throw, in a context that was current here before, or in none. */
export function enterRealm(token: ContextToken | undefined, enter: () => void): void {
  if (hooks === undefined) enter();
  else hooks.run(token, enter);
}

/** The same for what gives a result, in no context. */
export function inOwnContext<T>(run: () => T): T {
  if (hooks === undefined) return run();
  let result: T | undefined;
  hooks.run(undefined, () => {
    result = run();
  });
  return result as T;
}
