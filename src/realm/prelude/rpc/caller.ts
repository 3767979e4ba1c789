/**
 * The calling side: calls through a capability, promises of their results that can be called themselves (pipelining), and the properties
 * of stubs.
 */

import { guarded } from '../host.ts';
import {
  ObjectCreate,
  ObjectPrototype,
  PromiseCtor,
  PromisePrototype,
  PromisePrototypeThen,
  ProxyCtor,
  RangeErrorCtor,
  ReflectApply,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectHas,
  ReflectSetPrototypeOf,
  SymbolDispose,
  SymbolHasInstance,
  SymbolToStringTag,
  TypeErrorCtor,
  WeakMapCtor,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
  WeakSetCtor,
  WeakSetPrototypeAdd,
  WeakSetPrototypeHas,
} from '../primordials.ts';
import { setPromiseProxy } from '../errors/report.ts';
import { recordTime, UNTIMED } from '../edge.ts';
import { defineValue } from '../lazy.ts';
import { addLiveResource } from '../live-resources.ts';
import { illegalConstructor, illegalInvocation, isObject, keepParent } from '../webidl.ts';
import { newBareArray } from '../bare-array.ts';
import { failed, ownAnswer } from './answers.ts';
import { requireCallback, watchPromise } from './broken.ts';
import { Called, calledOf, stubCounts } from './called.ts';
import { ownSource } from './own-source.ts';
import { isPrimitive } from '../clone/primitive.ts';
import { arePlain, receiveArguments, receiveFailure, receiveValue, Reception } from './receive.ts';
import { attachStubs } from './results.ts';
import type { AnswerState, Outcome, RpcTargetState } from './rpc-state.ts';

const realm = guarded($host.realm);

type Settle = (value: unknown) => void;

/** What the executor below has caught. */
let resolveLast: Settle;
let rejectLast: Settle;
const catchSettlers = (resolve: Settle, reject: Settle): void => {
  resolveLast = resolve;
  rejectLast = reject;
};

let answerOf: (promise: RpcPromise) => AnswerState | undefined;
let isRpcPromise: (value: object) => value is RpcPromise;

/**
 * The promise of a result. It is a real one whose `constructor` is Promise, so that `await` takes the engine's short way: two turns less
 * than with any other thenable (bench/rpc.ts).
 */
export class RpcPromise extends PromiseCtor<unknown> {
  readonly #answer: AnswerState | undefined;

  constructor(executor: (resolve: Settle, reject: Settle) => void, answer: AnswerState | undefined) {
    super(executor);
    this.#answer = answer;
  }

  static {
    answerOf = (promise) => promise.#answer;
    isRpcPromise = (value): value is RpcPromise => #answer in value;
  }
}
keepParent(RpcPromise);

/** Calls. The promise of the result never rejects with anything but an error of this realm. */
export function sendCall(called: Called, args: readonly unknown[]): RpcPromise {
  const isPlain = arePlain(args);
  if (!isPlain && hasPromises(args)) return sendWhenThere(called, args);
  const { counts } = called;
  const sent = (++counts.calls & UNTIMED) === 0 ? called.timed() : called;
  let outcome: Outcome;
  try {
    outcome = sent.target.call(sent.path, args, isPlain ? undefined : ownSource);
  } catch {
    return overflowed(sent);
  }
  return promiseOf(outcome, sent);
}

function hasPromises(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) if (isResult(args[i])) return true;
  return false;
}

/** A promise of a result, or a property of one: as an argument it stands for what it gives. */
function isResult(value: unknown): boolean {
  return isObject(value) && (isRpcPromise(value) || isResultProperty(value));
}

/** Makes a call when the promises among its arguments have given their values. The others are copied now. */
function sendWhenThere(called: Called, args: readonly unknown[]): RpcPromise {
  const reception = new Reception(ownSource);
  const { answer, follow, fail } = ownAnswer();
  let left = 0;
  const send = (own: readonly unknown[]): void => {
    follow(() => called.target.call(called.path, own, arePlain(own) ? undefined : ownSource));
  };
  try {
    const own = receiveArguments(withoutResults(args), reception);
    for (let i = 0; i < args.length; i++) {
      if (!isResult(args[i])) continue;
      left++;
      const promise = isRpcPromise(args[i] as object)
        ? args[i]
        : sendGet(calledOfProperty(args[i] as object));
      PromisePrototypeThen(
        promise as RpcPromise,
        (value) => {
          own[i] = value;
          if (--left === 0) send(own);
        },
        fail,
      );
    }
  } catch (error) {
    return rejected(error);
  }
  called.counts.calls++;
  const promise = promiseOf(answer, called);
  // What was copied for the call holds stubs, until the callee is done with them.
  const release = (): void => reception.release();
  PromisePrototypeThen(promise, release, release);
  return promise;
}

function withoutResults(args: readonly unknown[]): readonly unknown[] {
  const rest = newBareArray<unknown>();
  for (let i = 0; i < args.length; i++) rest[i] = isResult(args[i]) ? undefined : args[i];
  return rest;
}

/** Reads a property. */
export function sendGet(called: Called): RpcPromise {
  called.counts.calls++;
  let outcome: Outcome;
  try {
    outcome = called.target.get(called.path);
  } catch {
    return overflowed(called);
  }
  return promiseOf(outcome, called);
}

function overflowed({ counts }: Called): RpcPromise {
  counts.errors++;
  return rejected(new RangeErrorCtor('Maximum call stack size exceeded'));
}

/** A call that cannot be made. */
export function rejected(error: unknown): RpcPromise {
  const promise = new RpcPromise(catchSettlers, undefined);
  rejectLast(error);
  return promise;
}

function promiseOf(outcome: Outcome, called: Called): RpcPromise {
  if (typeof outcome !== 'object' || outcome === null) {
    if (called.began !== undefined) recordTime(called.counts, called.began);
    const promise = new RpcPromise(catchSettlers, undefined);
    resolveLast(outcome);
    return promise;
  }
  const promise = new RpcPromise(catchSettlers, outcome);
  outcome.resolve = resolveLast;
  outcome.reject = rejectLast;
  outcome.called = called;
  called.counts.waiting++;
  if (outcome.status === 'pending') outcome.onSettle = take;
  else take(outcome);
  return promise;
}

/** The realm is going: those whom it has called hear that nobody waits. */
addLiveResource(() => realm.leave(take));

/**
 * Takes the result of a call; whoever settled it calls this, and gets nothing thrown. One that is still pending has been given up: nobody
 * waits for it, and its promise stays as it is.
 */
function take(answer: AnswerState): void {
  const resolve = answer.resolve as Settle;
  const reject = answer.reject as Settle;
  const { label, counts, began } = answer.called as Called;
  answer.resolve = answer.reject = answer.called = undefined;
  counts.waiting--;
  if (answer.status === 'pending') {
    counts.canceled++;
    return;
  }
  try {
    if (began !== undefined) recordTime(counts, began);
    if (answer.status === 'error') {
      counts.errors++;
      reject(receiveFailure(answer, label));
    } else resolve(resultOf(answer, label));
  } catch (error) {
    reject(error);
  }
}

function resultOf({ value, source }: AnswerState, label: string): unknown {
  if (source === undefined || isPrimitive(value)) return value;
  const reception = new Reception(source);
  const result = receiveValue(value, reception);
  if (reception.stubs !== undefined) attachStubs(result, reception, label);
  return result;
}

/** A promise of a result is a stub of it: any name that promises do not have is a property of the result. */
const promiseMembers = new ProxyCtor(
  ObjectCreate(PromisePrototype) as object,
  {
    __proto__: null,
    get(target: object, key: string | symbol, receiver: unknown): unknown {
      if (typeof key === 'symbol' || ReflectHas(target, key)) return ReflectGet(target, key, receiver);
      if (!isObject(receiver) || !isRpcPromise(receiver)) return undefined;
      return newResultProperty(resultCalled(receiver).member(key));
    },
  } as ProxyHandler<object>,
);
ReflectSetPrototypeOf(RpcPromise.prototype, promiseMembers);
setPromiseProxy(promiseMembers);
defineValue(RpcPromise.prototype, 'constructor', PromiseCtor);
defineValue(RpcPromise.prototype, SymbolToStringTag, 'RpcPromise');
defineValue(RpcPromise.prototype, SymbolDispose, function (this: unknown): void {
  if (!isObject(this) || !isRpcPromise(this)) throw illegalInvocation();
  dropResult(this);
});
defineValue(RpcPromise.prototype, 'onRpcBroken', function (this: unknown, callback: unknown): void {
  if (!isObject(this) || !isRpcPromise(this)) throw illegalInvocation();
  watchPromise(this, requireCallback(callback));
});

function dropResult(promise: RpcPromise): void {
  const answer = answerOf(promise);
  if (answer === undefined) return;
  const isAwaited = answer.status === 'pending' && answer.onSettle === take;
  try {
    answer.ops.drop(answer);
    if (isAwaited) take(answer);
  } catch {
    // Near stack overflow, where the owner's realm has no room: the result is left to the collector.
  }
}

const noResult: RpcTargetState = {
  call: noMembers,
  get: noMembers,
};

/** The result is a primitive. */
function noMembers(): Outcome {
  return failed(new TypeErrorCtor('The RPC receiver is no object: it has no methods or properties.'));
}

/** What is called where a method of a result is. Whoever pipelines needs no handler for the promise itself. */
function resultCalled(promise: RpcPromise): Called {
  PromisePrototypeThen(promise, undefined, () => undefined);
  const answer = answerOf(promise);
  if (answer === undefined) return new Called(noResult, undefined, 'result', stubCounts);
  return calledOf(answer, 'result');
}

const properties = new WeakMapCtor<object, Called>();
/** Those of promises of results, which stand for a value; those of bindings and stubs are methods, as far as anybody knows. */
const ofResults = new WeakSetCtor<object>();

/** Whether the value is a property of a promise of a result. */
export function isResultProperty(value: object): boolean {
  return WeakSetPrototypeHas(ofResults, value);
}

function calledOfProperty(property: object): Called {
  return WeakMapPrototypeGet(properties, property) as Called;
}

function newResultProperty(called: Called): object {
  const property = newProperty(called);
  WeakSetPrototypeAdd(ofResults, property);
  return property;
}

/** A property of a stub: it can be called, awaited, and has properties itself. */
export function newProperty(called: Called): object {
  const property = (...args: unknown[]): RpcPromise => sendCall(called, args);
  ReflectDeleteProperty(property, 'name');
  ReflectDeleteProperty(property, 'length');
  ReflectSetPrototypeOf(property, propertyMethods);
  WeakMapPrototypeSet(properties, property, called);
  return property;
}

const propertyMembers = new ProxyCtor(
  ObjectCreate(ObjectPrototype) as object,
  {
    __proto__: null,
    get(target: object, key: string | symbol, receiver: unknown): unknown {
      if (typeof key === 'symbol' || ReflectHas(target, key)) return ReflectGet(target, key, receiver);
      const called = isObject(receiver) ? WeakMapPrototypeGet(properties, receiver) : undefined;
      if (called === undefined) return undefined;
      return isResultProperty(receiver as object)
        ? newResultProperty(called.member(key))
        : newProperty(called.member(key));
    },
  } as ProxyHandler<object>,
);

/** What properties inherit: awaiting one reads it. */
const propertyMethods = ObjectCreate(propertyMembers) as object;
defineValue(propertyMethods, SymbolToStringTag, 'RpcProperty');
definePropertyMethod('then');
definePropertyMethod('catch');
definePropertyMethod('finally');
definePropertyMethod('onRpcBroken');

function definePropertyMethod(name: string): void {
  defineValue(propertyMethods, name, function (this: unknown, first: unknown, second: unknown): unknown {
    const called = isObject(this) ? WeakMapPrototypeGet(properties, this) : undefined;
    if (called === undefined) throw illegalInvocation();
    const promise = sendGet(called);
    const method = ReflectGet(promise, name) as (first: unknown, second: unknown) => unknown;
    return ReflectApply(method, promise, [first, second]);
  });
}

/** Whether the value is a property of a stub. */
export function isProperty(value: object): boolean {
  return WeakMapPrototypeGet(properties, value) !== undefined;
}

/** What `cloudflare:workers` exports under these names: good for `instanceof`, and for nothing else. */
export const RpcPromiseInterface = interfaceOf('RpcPromise', isRpcPromise);
export const RpcPropertyInterface = interfaceOf('RpcProperty', isProperty);

function interfaceOf(name: string, isOne: (value: object) => boolean): object {
  const constructor = function (): never {
    throw illegalConstructor();
  };
  defineValue(constructor, 'name', name);
  ReflectDefineProperty(constructor, SymbolHasInstance, {
    __proto__: null,
    value: (value: unknown) => isObject(value) && isOne(value),
  } as PropertyDescriptor);
  return constructor;
}
