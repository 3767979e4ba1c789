/**
 * Asynchronous contexts of the realm, under AsyncLocalStorage. The host carries a token through promises and timers; what it stands for is
 * known in here alone, and is kept for as long as both the realm and something that still carries the token are alive: the entries of a
 * WeakMap go with their keys. Other realms may carry the token too, which means nothing to them.
 */

import {
  ReflectApply,
  TypeErrorCtor,
  WeakMapCtor,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import type { ContextToken } from '../host-api.ts';
import { isObject } from '../webidl.ts';
import { setContextHooks } from './context-hooks.ts';

const host = guarded($host.context);

/** What the worker's side keeps of a context: any object. */
type Frame = object;

const frames = new WeakMapCtor<ContextToken, Frame>();

setContextHooks({ current: host.current, run: host.run });

function open(frame: unknown): ContextToken | undefined {
  if (frame === undefined) return undefined;
  if (!isObject(frame)) throw new TypeErrorCtor('A context is an object.');
  const token = host.open();
  WeakMapPrototypeSet(frames, token, frame);
  return token;
}

/** The frame of the context that runs now; undefined outside of all, and in those of other realms. */
export function currentFrame(): Frame | undefined {
  const token = host.current();
  return token === undefined ? undefined : WeakMapPrototypeGet(frames, token);
}

/** Calls `fn` in the context of a frame, or in none. */
export function runInFrame(
  frame: unknown,
  fn: (...args: unknown[]) => unknown,
  self: unknown,
  args: unknown[],
): unknown {
  let hasThrown = false;
  let result: unknown;
  host.run(open(frame), () => {
    try {
      result = ReflectApply(fn, self, args);
    } catch (error) {
      hasThrown = true;
      result = error;
    }
  });
  if (hasThrown) throw result;
  return result;
}

/** Makes the frame's context the current one, for the rest of this turn and what it begins. */
export function enterFrame(frame: unknown): void {
  host.enter(open(frame));
}
