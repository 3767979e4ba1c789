/** Tells which objects of this realm stand for a capability, and which one that is. */

import { guarded } from '../host.ts';
import { WeakMapCtor, WeakMapPrototypeGet, WeakMapPrototypeSet } from '../primordials.ts';
import type { TargetState } from '../state.ts';
import type { CapOps, CapState, ExportState, Unwatch } from './rpc-state.ts';

const rpc = guarded($host.rpc);

interface Stub {
  cap: CapState;
  /** For a binding: the service itself, which has more than methods. */
  readonly target: TargetState | undefined;
  /** Ends what was asked of it with onRpcBroken. */
  watches: Watch | undefined;
}

interface Watch {
  readonly end: Unwatch;
  readonly next: Watch | undefined;
}

const stubs = new WeakMapCtor<object, Stub>();

/** The capability of a service binding. A service is there whoever holds it. */
const serviceOps: CapOps = rpc.ops(
  (cap, path, args, source) => (cap.subject as TargetState).call(path, args, source),
  (cap, path) => (cap.subject as TargetState).get(path),
  () => undefined,
  () => undefined,
  () => () => undefined,
);

/** Makes an object a stub. */
export function brandStub(object: object, cap: CapState): void {
  WeakMapPrototypeSet(stubs, object, { cap, target: undefined, watches: undefined });
}

/** Makes an object a service binding. */
export function brandService(object: object, target: TargetState): CapState {
  const cap = rpc.cap(serviceOps, target);
  WeakMapPrototypeSet(stubs, object, { cap, target, watches: undefined });
  return cap;
}

/** Gives a stub another capability: that of one that was disposed. Nobody watches it any more. */
export function replaceCap(object: object, cap: CapState): void {
  const stub = WeakMapPrototypeGet(stubs, object);
  if (stub === undefined) return;
  stub.cap = cap;
  for (let watch = stub.watches; watch !== undefined; watch = watch.next) watch.end();
  stub.watches = undefined;
}

/** A watch that ends when the stub is disposed. */
export function addWatch(object: object, end: Unwatch): void {
  const stub = WeakMapPrototypeGet(stubs, object);
  if (stub !== undefined) stub.watches = { end, next: stub.watches };
}

export function capOfStub(object: object): CapState | undefined {
  return WeakMapPrototypeGet(stubs, object)?.cap;
}

/** What a stub is for another realm; undefined for a service that only this thread knows. */
export function exportedByStub(object: object): ExportState | undefined {
  const stub = WeakMapPrototypeGet(stubs, object);
  if (stub === undefined) return undefined;
  if (stub.target !== undefined) {
    // It would be known on some routes, and not on others.
    const isKnown = stub.target.designator !== '';
    return isKnown ? rpc.exported('service', '', stub.target, '', undefined) : undefined;
  }
  return rpc.exported('stub', typeof object, stub.cap, '', undefined);
}
