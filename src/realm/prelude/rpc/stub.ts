/** Stubs: what stands in this realm for an RpcTarget or a function of another. */

import {
  ErrorCtor,
  ProxyCtor,
  RangeErrorCtor,
  ReflectGet,
  ReflectSetPrototypeOf,
  SymbolDispose,
  TypeErrorCtor,
  WeakMapCtor,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import { toErrorState } from '../errors/error-state.ts';
import { defineInterface, illegalInvocation, isObject } from '../webidl.ts';
import { requireCallback, watchStub } from './broken.ts';
import { type Called, calledOf } from './called.ts';
import { newProperty, sendCall } from './caller.ts';
import { failed } from './answers.ts';
import { capOf } from './owned.ts';
import type { CapState, OnBroken, Outcome, Unwatch } from './rpc-state.ts';
import { brandStub, replaceCap } from './stub-brand.ts';
import { isRpcTarget } from './targets.ts';

const rpc = guarded($host.rpc);

interface StubState {
  cap: CapState | undefined;
  called: Called;
}

const states = new WeakMapCtor<object, StubState>();

/** A reference to an RpcTarget or a function. Its methods and properties are those of what it refers to. */
export class RpcStub {
  constructor(target: unknown) {
    return makeProxy(capOfValue(target)) as RpcStub;
  }

  /** Another stub of the same. Each has to be disposed. */
  dup(): object {
    return newStub(liveCap(this));
  }

  /** Calls back once when what it refers to is gone for good, also where it is gone already. */
  onRpcBroken(callback: unknown): void {
    watchStub(this, liveCap(this), requireCallback(callback));
  }

  [SymbolDispose](): void {
    stateOf(this);
    disposeStub(this);
  }
}
defineInterface(RpcStub, 'RpcStub');

const stubMethods = RpcStub.prototype as object;

function capOfValue(value: unknown): CapState {
  if (typeof value === 'function') return capOf(value);
  if (isObject(value) && isRpcTarget(value)) return capOf(value);
  throw new TypeErrorCtor('RpcStub: the value is neither an RpcTarget nor a function.');
}

/** A stub of a capability, which it holds. */
export function newStub(cap: CapState): object {
  return makeProxy(cap);
}

const handler: ProxyHandler<object> = {
  __proto__: null,
  apply: (target: object, _self: unknown, args: unknown[]) => sendCall(stateOf(target).called, args),
  get(target: object, key: string | symbol, receiver: unknown): unknown {
    if (key === 'then') return undefined;
    if (typeof key === 'symbol' || key === 'dup' || key === 'onRpcBroken' || key === 'constructor')
      return ReflectGet(stubMethods, key, receiver);
    return newProperty(stateOf(target).called.member(key));
  },
} as ProxyHandler<object>;

function makeProxy(cap: CapState): object {
  try {
    cap.ops.hold(cap);
  } catch {
    throw new RangeErrorCtor('Maximum call stack size exceeded'); // the owner's error is none of this realm
  }
  const base = (): void => {};
  ReflectSetPrototypeOf(base, stubMethods);
  const stub = new ProxyCtor(base, handler);
  const state: StubState = { cap, called: calledOf(cap, 'stub') };
  WeakMapPrototypeSet(states, base, state);
  WeakMapPrototypeSet(states, stub, state);
  brandStub(stub, cap);
  return stub;
}

function stateOf(stub: unknown): StubState {
  const state = isObject(stub) ? WeakMapPrototypeGet(states, stub) : undefined;
  if (state === undefined) throw illegalInvocation();
  return state;
}

function liveCap(stub: unknown): CapState {
  const { cap } = stateOf(stub);
  if (cap === undefined) throw disposed();
  return cap;
}

function disposed(): Error {
  return new ErrorCtor('The RPC stub was used after it was disposed.');
}

const ignore = (): void => {};

function watchDead(_cap: CapState, onBroken: OnBroken): Unwatch {
  onBroken(toErrorState(disposed()));
  return ignore;
}

/** What a disposed stub refers to. */
function deadCap(): CapState {
  const fail = (): Outcome => failed(disposed());
  return rpc.cap(rpc.ops(fail, fail, ignore, ignore, watchDead), undefined);
}

/** Lets go of what a stub refers to. The second time nothing happens. */
export function disposeStub(stub: object): void {
  const state = stateOf(stub);
  const { cap } = state;
  if (cap === undefined) return;
  state.cap = undefined;
  const dead = deadCap();
  state.called = calledOf(dead, 'stub');
  replaceCap(stub, dead);
  try {
    cap.ops.drop(cap);
  } catch {
    // Near stack overflow, where the owner's realm has no room.
  }
}

export function isDisposed(stub: object): boolean {
  return stateOf(stub).cap === undefined;
}
