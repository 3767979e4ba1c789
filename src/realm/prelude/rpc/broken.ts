/** `onRpcBroken`: says when what a stub refers to is gone for good, or that a promise of a result will not become one. */

import { fromErrorState } from '../errors/error-state.ts';
import { reportException } from '../errors/report.ts';
import { enterRealm } from '../nodejs/context-hooks.ts';
import { PromisePrototypeThen, RangeErrorCtor, TypeErrorCtor } from '../primordials.ts';
import { microtask } from '../streams/promises.ts';
import type { ErrorState } from '../state.ts';
import { isCallable, isObject } from '../webidl.ts';
import { answersClosed } from './answers.ts';
import type { CapState } from './rpc-state.ts';
import { addWatch, capOfStub } from './stub-brand.ts';

type Callback = (error: unknown) => void;

/** Throws a TypeError for what is no function. */
export function requireCallback(value: unknown): Callback {
  if (!isCallable(value)) throw new TypeErrorCtor('onRpcBroken: the callback is not a function.');
  return value;
}

/** Calls back once, in a microtask of its own, until the stub is disposed. */
export function watchStub(stub: object, cap: CapState, callback: Callback): void {
  let end;
  try {
    end = cap.ops.watch(cap, (error) => callLater(callback, error));
  } catch {
    throw new RangeErrorCtor('Maximum call stack size exceeded'); // the owner's error is none of this realm
  }
  addWatch(stub, end);
}

/** A promise breaks when it is rejected, and a stub that it gives when that does. */
export function watchPromise(promise: Promise<unknown>, callback: Callback): void {
  PromisePrototypeThen(
    promise,
    (result) => {
      const cap = isObject(result) ? capOfStub(result) : undefined;
      if (cap !== undefined) watchStub(result as object, cap, callback);
    },
    (error: unknown) => callBack(callback, error),
  );
}

/** Whoever says that it is broken has code of another realm on the stack. */
function callLater(callback: Callback, error: ErrorState): void {
  enterRealm(undefined, () => microtask(() => callBack(callback, fromErrorState(error))));
}

function callBack(callback: Callback, error: unknown): void {
  if (answersClosed()) return; // this realm is gone as well
  try {
    callback(error);
  } catch (problem) {
    reportException(problem, 'onRpcBroken');
  }
}
