/** Capabilities to objects of this realm: RpcTargets and functions that have been passed to others. */

import { guarded } from '../host.ts';
import { reportException } from '../errors/report.ts';
import { addLiveResource } from '../live-resources.ts';
import {
  ReflectApply,
  SetCtor,
  SetPrototypeAdd,
  SetPrototypeDelete,
  SetPrototypeForEach,
  SymbolDispose,
  WeakMapCtor,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../primordials.ts';
import { microtask } from '../streams/promises.ts';
import { answersClosed, refused } from './answers.ts';
import { callAt, getAt } from './paths.ts';
import type { CapOps, CapState, OnBroken, Outcome, PathState, Unwatch, ValueSource } from './rpc-state.ts';

const rpc = guarded($host.rpc);
const realm = guarded($host.realm);

class Owned {
  readonly object: object;
  holders = 0;

  constructor(object: object) {
    this.object = object;
  }
}

/** Those who hold anything of this realm, and want to hear of its end. */
const watchers = new SetCtor<OnBroken>();

const ops: CapOps = rpc.ops(call, get, hold, drop, watch);

/** By object: an object that is passed twice is one capability, so that its last holder is known. */
const caps = new WeakMapCtor<object, CapState>();

/** The capability of an RpcTarget or a function of this realm. */
export function capOf(object: object): CapState {
  const known = WeakMapPrototypeGet(caps, object);
  if (known !== undefined) return known;
  const cap = rpc.cap(ops, new Owned(object));
  WeakMapPrototypeSet(caps, object, cap);
  return cap;
}

function call(
  cap: CapState,
  path: PathState,
  args: readonly unknown[],
  source: ValueSource | undefined,
): Outcome {
  if (answersClosed()) return refused(realm.broken());
  return callAt((cap.subject as Owned).object, path, args, source);
}

function get(cap: CapState, path: PathState): Outcome {
  if (answersClosed()) return refused(realm.broken());
  return getAt((cap.subject as Owned).object, path);
}

function hold(cap: CapState): void {
  (cap.subject as Owned).holders++;
}

/** The last holder has gone: the object may clean up. */
function drop(cap: CapState): void {
  const owned = cap.subject as Owned;
  owned.holders--;
  if (owned.holders === 0 && !answersClosed()) microtask(() => dispose(owned));
}

function dispose(owned: Owned): void {
  if (owned.holders > 0) return;
  try {
    const method = (owned.object as { [SymbolDispose]?: unknown })[SymbolDispose];
    if (typeof method === 'function') ReflectApply(method as () => void, owned.object, []);
  } catch (error) {
    reportException(error, 'Symbol.dispose');
  }
}

function watch(_cap: CapState, onBroken: OnBroken): Unwatch {
  if (answersClosed()) onBroken(realm.broken());
  else SetPrototypeAdd(watchers, onBroken);
  return () => SetPrototypeDelete(watchers, onBroken);
}

/** The realm is going: those who hold anything of it hear so. */
function breakOwned(): void {
  const failure = realm.broken();
  SetPrototypeForEach(watchers, (onBroken) => {
    SetPrototypeDelete(watchers, onBroken);
    try {
      onBroken(failure);
    } catch {
      // The watcher's own affair: the others hear of it all the same.
    }
  });
}

addLiveResource(breakOwned);
