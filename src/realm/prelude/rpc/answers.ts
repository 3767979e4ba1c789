/** Results of calls that are not there yet, or are no primitives: made by the realm that is called. */

import { toErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import {
  PromisePrototype,
  PromisePrototypeThen,
  PromiseResolve,
  ReflectGetPrototypeOf,
} from '../primordials.ts';
import type { ErrorState } from '../state.ts';
import { isObject } from '../webidl.ts';
import { abandonContext, type ExecutionContext } from '../worker/context.ts';
import { addLiveResource } from '../live-resources.ts';
import { beginWaiting, endWaiting } from './depth.ts';
import { setAbandonServed } from './links.ts';
import { ownSource } from './own-source.ts';
import { newBareArray } from '../bare-array.ts';
import { isPrimitive } from '../clone/primitive.ts';
import type { Reception } from './receive.ts';
import type {
  AnswerState,
  CapState,
  OnBroken,
  OnSettle,
  Outcome,
  PathState,
  Unwatch,
  ValueSource,
} from './rpc-state.ts';

/** How a path is followed from a value of this realm; see paths.ts, which stands on this module. */
export interface Reach {
  readonly callAt: (
    root: unknown,
    path: PathState,
    args: readonly unknown[],
    source: ValueSource | undefined,
  ) => Outcome;
  readonly getAt: (root: unknown, path: PathState) => Outcome;
}

let reach: Reach;

export function setReach(given: Reach): void {
  reach = given;
}

const rpc = guarded($host.rpc);
const realm = guarded($host.realm);

/** What this realm knows of a call that it serves. */
class Invocation {
  /** The stubs among the arguments, which go with the call. */
  readonly reception: Reception | undefined;
  readonly context: ExecutionContext | undefined;
  waiters: Waiter | undefined = undefined;
  /** The answer that this one passes on: what it is asked for is asked of that one. */
  delegate: AnswerState | undefined = undefined;
  /** Nobody waits for it: what has not begun does not begin. */
  isDropped = false;

  constructor(reception: Reception | undefined, context: ExecutionContext | undefined) {
    this.reception = reception;
    this.context = context;
  }
}

/** Something to be done with the result. */
interface Waiter {
  readonly run: () => void;
  next: Waiter | undefined;
}

/** All that is pending in this realm. */
let first: AnswerState | undefined;
let isClosed = false;

const answerOps = rpc.ops(callAnswer, getAnswer, () => undefined, dropAnswer, watchAnswer);

/** What a method returned, as its caller gets it. */
export function outcomeOf(
  result: unknown,
  reception: Reception | undefined,
  context: ExecutionContext | undefined,
): Outcome {
  const hasStubs = reception !== undefined && reception.stubs !== undefined;
  if (isPrimitive(result) && !hasStubs) return result as Outcome;
  if (isObject(result) && ReflectGetPrototypeOf(result) === PromisePrototype)
    return awaitResult(result as Promise<unknown>, reception, context);
  // Stubs among the arguments are let go when the caller has got the result: it may hold one of them.
  if (hasStubs || isThenable(result)) return awaitResult(PromiseResolve(result), reception, context);
  return settled('value', result);
}

/** The answer of a call that failed at once. */
export function failed(error: unknown): Outcome {
  return settled('error', error);
}

/** The same, where nanod itself has something to say. */
export function refused(failure: ErrorState): Outcome {
  const answer = rpc.answer(answerOps, undefined);
  answer.status = 'error';
  answer.failure = failure;
  return answer;
}

function settled(status: 'value' | 'error', value: unknown): AnswerState {
  const answer = rpc.answer(answerOps, undefined);
  answer.status = status;
  answer.value = value;
  answer.source = ownSource;
  return answer;
}

function isThenable(value: unknown): boolean {
  return isObject(value) && typeof (value as { then?: unknown }).then === 'function';
}

/** An answer that this realm gives to itself, and what settles it: with an outcome, or with what was thrown. */
export interface OwnAnswer {
  readonly answer: AnswerState;
  readonly follow: (outcome: () => Outcome) => void;
  readonly fail: (error: unknown) => void;
}

export function ownAnswer(): OwnAnswer {
  const invocation = new Invocation(undefined, undefined);
  const answer = pendingAnswer(invocation);
  return {
    answer,
    follow: (outcome) => {
      if (!invocation.isDropped) follow(answer, outcome());
    },
    fail: (error) => settle(answer, 'error', error),
  };
}

function awaitResult(
  promise: Promise<unknown>,
  reception: Reception | undefined,
  context: ExecutionContext | undefined,
): AnswerState {
  const answer = pendingAnswer(new Invocation(reception, context));
  PromisePrototypeThen(
    promise,
    (value) => settle(answer, 'value', value),
    (error) => settle(answer, 'error', error),
  );
  return answer;
}

function pendingAnswer(invocation: Invocation): AnswerState {
  const answer = rpc.answer(answerOps, invocation);
  if (isClosed) {
    answer.status = 'error';
    answer.failure = realm.broken();
    return answer;
  }
  beginWaiting();
  answer.following = first;
  if (first !== undefined) first.previous = answer;
  first = answer;
  return answer;
}

function settle(answer: AnswerState, status: 'value' | 'error', value: unknown): void {
  if (answer.status !== 'pending') return;
  answer.status = status;
  answer.value = value;
  answer.source = ownSource;
  finish(answer);
}

function fail(answer: AnswerState, failure: ErrorState): void {
  if (answer.status !== 'pending') return;
  answer.status = 'error';
  answer.failure = failure;
  finish(answer);
}

/** Takes it out of what is pending, if it is still there. */
function unlist(answer: AnswerState): void {
  const { previous, following } = answer;
  if (previous !== undefined) previous.following = following;
  else if (first === answer) first = following;
  else return;
  endWaiting();
  if (following !== undefined) following.previous = previous;
  answer.previous = answer.following = undefined;
}

function finish(answer: AnswerState): void {
  unlist(answer);
  const invocation = answer.subject as Invocation;
  try {
    answer.onSettle?.(answer);
  } catch {
    // Near stack overflow: the caller's own guard answers for the call.
  }
  for (let waiter = invocation.waiters; waiter !== undefined; waiter = waiter.next) waiter.run();
  invocation.waiters = undefined;
  invocation.reception?.release();
}

/** Pipelining: a call on a result. Arguments of a call that has to wait are copied now. */
function callAnswer(
  cap: CapState,
  path: PathState,
  args: readonly unknown[],
  source: ValueSource | undefined,
): Outcome {
  const answer = cap as AnswerState;
  if (answer.status === 'error') return answer;
  const delegate = delegateOf(answer);
  if (delegate !== undefined) return delegate.ops.call(delegate, path, args, source);
  if (answer.status === 'value') return reach.callAt(answer.value, path, args, source);
  if (source === undefined) return later(answer, () => callAnswer(answer, path, args, undefined));
  const encoded = source.encode(args, 'args');
  if (!('markers' in encoded)) return refused(encoded);
  const copies = encoded.value as readonly unknown[];
  return later(answer, () => callAnswer(answer, path, copies, encoded.source));
}

function getAnswer(cap: CapState, path: PathState): Outcome {
  const answer = cap as AnswerState;
  if (answer.status === 'error') return answer;
  const delegate = delegateOf(answer);
  if (delegate !== undefined) return delegate.ops.get(delegate, path);
  if (answer.status === 'value') return reach.getAt(answer.value, path);
  return later(answer, () => getAnswer(answer, path));
}

function delegateOf(answer: AnswerState): AnswerState | undefined {
  return (answer.subject as Invocation | undefined)?.delegate;
}

/** The answer of something that is done when another answer is there. Waiters run in the order in which they came. */
function later(answer: AnswerState, act: () => Outcome): AnswerState {
  const invocation = answer.subject as Invocation;
  const waiting = new Invocation(undefined, undefined);
  const result = pendingAnswer(waiting);
  const run = (): void => {
    if (!waiting.isDropped) follow(result, act());
  };
  invocation.waiters = append(invocation.waiters, { run, next: undefined });
  return result;
}

function append(list: Waiter | undefined, waiter: Waiter): Waiter {
  if (list === undefined) return waiter;
  let last = list;
  while (last.next !== undefined) last = last.next;
  last.next = waiter;
  return list;
}

/** Settles an answer as an outcome says. */
function follow(answer: AnswerState, outcome: Outcome): void {
  if (typeof outcome !== 'object' || outcome === null) {
    settle(answer, 'value', outcome);
    return;
  }
  if (outcome.status === 'pending') {
    (answer.subject as Invocation).delegate = outcome;
    outcome.onSettle = (other) => takeOver(answer, other);
  } else takeOver(answer, outcome);
}

function takeOver(answer: AnswerState, other: AnswerState): void {
  if (answer.status !== 'pending') return;
  answer.status = other.status;
  answer.value = other.value;
  answer.source = other.source;
  answer.failure = other.failure;
  (answer.subject as Invocation).delegate = other.source === ownSource ? undefined : other;
  finish(answer);
}

/** Nobody waits for the result any more: a method that never ends keeps nothing by that. */
function dropAnswer(cap: CapState): void {
  const answer = cap as AnswerState;
  if (answer.status !== 'pending') return;
  answer.onSettle = undefined;
  unlist(answer);
  const invocation = answer.subject as Invocation;
  invocation.isDropped = true;
  if (invocation.delegate !== undefined) invocation.delegate.ops.drop(invocation.delegate);
  if (invocation.context !== undefined) abandonContext(invocation.context);
}

/** An answer breaks by failing. A result that is there does not: what is in it can be watched by itself. */
function watchAnswer(cap: CapState, onBroken: OnBroken): Unwatch {
  const answer = cap as AnswerState;
  const delegate = delegateOf(answer);
  if (delegate !== undefined) return delegate.ops.watch(delegate, onBroken);
  if (answer.status === 'error') onBroken(answer.failure ?? toErrorState(answer.value));
  if (answer.status !== 'pending') return () => undefined;
  let isWatching = true;
  let end: Unwatch | undefined;
  const invocation = answer.subject as Invocation;
  const look = (): void => {
    if (isWatching) end = watchAnswer(answer, onBroken);
  };
  invocation.waiters = append(invocation.waiters, { run: look, next: undefined });
  return () => {
    isWatching = false;
    end?.();
  };
}

/** The realm is going: whoever waits for it hears so. */
function closeAnswers(): void {
  isClosed = true;
  while (first !== undefined) fail(first, realm.broken());
}

/** A realm that has called this one is going: nobody waits for what was to be given to this function. */
function abandonAnswers(onSettle: OnSettle): void {
  const abandoned = newBareArray<AnswerState>();
  for (let answer = first; answer !== undefined; answer = answer.following)
    if (answer.onSettle === onSettle) abandoned[abandoned.length] = answer;
  for (let i = 0; i < abandoned.length; i++) {
    const answer = abandoned[i] as AnswerState;
    if (answer.status !== 'pending') continue;
    dropAnswer(answer);
    onSettle(answer);
  }
}

export function answersClosed(): boolean {
  return isClosed;
}

addLiveResource(closeAnswers);
setAbandonServed(abandonAnswers);
