/** Capabilities to objects of this realm: RpcTargets and functions that have been passed to others. */

import { guarded } from '../host.ts';
import { reportException } from '../errors/report.ts';
import {
  ReflectApply,
  SymbolDispose,
  WeakMapCtor,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../primordials.ts';
import { microtask } from '../streams/promises.ts';
import type { ErrorState } from '../state.ts';
import { answersClosed, refused } from './answers.ts';
import { callAt, getAt } from './paths.ts';
import type { CapOps, CapState, Outcome, PathState, ValueSource } from './rpc-state.ts';

const rpc = guarded($host.rpc);
const realm = guarded($host.realm);

class Owned {
  readonly object: object;
  holders = 0;

  constructor(object: object) {
    this.object = object;
  }
}

interface Watcher {
  readonly onBroken: (error: ErrorState) => void;
  readonly next: Watcher | undefined;
}

let watchers: Watcher | undefined;

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

function watch(_cap: CapState, onBroken: (error: ErrorState) => void): void {
  watchers = { onBroken, next: watchers };
}

/** The realm is going: those who hold anything of it hear so. */
export function breakOwned(): void {
  const failure = realm.broken();
  for (let each = watchers; each !== undefined; each = each.next) each.onBroken(failure);
  watchers = undefined;
}
