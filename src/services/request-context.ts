/**
 * Which request the code that is running belongs to. The context follows through realms and their promises, at one `run` per
 * request that enters a thread, and nothing per call (HARDENING R18: AsyncLocalStorage, never async_hooks).
 */

import { AsyncLocalStorage } from 'node:async_hooks';

export interface RequestContext {
  /** Unique within the process. */
  readonly requestId: string;
  /** Hops that the request made before it came to this thread. */
  readonly depth: number;
}

const storage = new AsyncLocalStorage<RequestContext>();

/**
 * Runs `enter` as part of a request. The call stack starts anew here, and so does the depth of nested calls: what turns that were
 * interrupted have left behind is forgotten (HARDENING R19).
 */
export function runInRequest(context: RequestContext, enter: () => void): void {
  calls.nested = context.depth;
  try {
    storage.run(context, enter);
  } finally {
    calls.nested = 0;
  }
}

export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

/** Calls that may lead into each other without an await between them; more would end in a stack overflow somewhere. */
export const maxDepth = 64;

/**
 * Nested calls of the turn that is running. Whoever begins one counts it in `nested` and takes it off again, by hand: at the end of the
 * stack there is no room for a function that does so, and what is counted and not taken off would add up until no call is possible.
 */
export const calls = { nested: 0 };
