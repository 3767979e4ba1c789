/**
 * Answers that the host gives: of services that are not ready yet, or not on this thread. What is asked of a result that is not there
 * waits in order; arguments that wait are copied by their own realm first.
 */

import { neutral } from '../realm/neutral.ts';
import { neutralRpc } from '../realm/neutral-rpc.ts';
import type {
  AnswerState,
  CapOps,
  CapState,
  EncodedState,
  OnBroken,
  OnSettle,
  Outcome,
  PathState,
  Unwatch,
  ValueSource,
} from '../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState } from '../realm/prelude/state.ts';

class Waiting {
  /** The answer that this one passes on, once it is known. */
  delegate: AnswerState | undefined;
  readonly waiters: (() => void)[] = [];
}

const ops: CapOps = neutralRpc.ops(call, get, ignore, drop, watch);

function ignore(): void {}

/** Those that somebody waits for. */
const pending = new Set<AnswerState>();

/** A pending answer, to be settled by `follow`. */
export function makeDeferred(): AnswerState {
  const answer = neutralRpc.answer(ops, new Waiting());
  pending.add(answer);
  return answer;
}

/** A realm is going: nobody waits for results any more that were to be given to this function. */
export function abandonDeferred(onSettle: OnSettle): void {
  for (const answer of pending) {
    if (answer.onSettle !== onSettle) continue;
    drop(answer);
    onSettle(answer);
  }
}

/** An answer that has failed. */
export function refused(failure: ErrorState): AnswerState {
  const answer = neutralRpc.answer(ops, new Waiting());
  answer.status = 'error';
  answer.failure = failure;
  return answer;
}

/** Settles a deferred answer as the outcome says, now or when that is settled. */
export function follow(answer: AnswerState, outcome: Outcome): void {
  if (typeof outcome !== 'object' || outcome === null) {
    answer.status = 'value';
    answer.value = outcome;
    finish(answer);
  } else if (outcome.status === 'pending') {
    waitingOf(answer).delegate = outcome;
    outcome.onSettle = (other) => takeOver(answer, other);
    flush(answer);
  } else takeOver(answer, outcome);
}

/** The same outcome; `onEnd` hears when it is known, and whether it is a failure. */
export function observed(outcome: Outcome, onEnd: (isError: boolean) => void): Outcome {
  if (typeof outcome !== 'object' || outcome === null || outcome.status !== 'pending') {
    onEnd(typeof outcome === 'object' && outcome?.status === 'error');
    return outcome;
  }
  const answer = makeDeferred();
  waitingOf(answer).delegate = outcome;
  outcome.onSettle = (other) => {
    onEnd(other.status === 'error');
    takeOver(answer, other);
  };
  return answer;
}

function takeOver(answer: AnswerState, other: AnswerState): void {
  if (answer.status !== 'pending') return;
  answer.status = other.status;
  answer.value = other.value;
  answer.source = other.source;
  answer.failure = other.failure;
  waitingOf(answer).delegate = other;
  finish(answer);
}

function finish(answer: AnswerState): void {
  pending.delete(answer);
  const { onSettle } = answer;
  answer.onSettle = undefined;
  onSettle?.(answer);
  flush(answer);
}

function flush(answer: AnswerState): void {
  const { waiters } = waitingOf(answer);
  for (const waiter of waiters.splice(0)) waiter();
}

function waitingOf(answer: CapState): Waiting {
  return answer.subject as Waiting;
}

function call(
  cap: CapState,
  path: PathState,
  args: readonly unknown[],
  source: ValueSource | undefined,
): Outcome {
  const answer = cap as AnswerState;
  if (answer.status === 'error') return answer;
  const { delegate } = waitingOf(answer);
  if (delegate !== undefined) return delegate.ops.call(delegate, path, args, source);
  if (answer.status === 'value') return refused(noObject());
  const kept = keepArguments(args, source);
  if ('failure' in kept) return refused(kept.failure);
  return later(answer, () => call(answer, path, kept.args, kept.source));
}

function get(cap: CapState, path: PathState): Outcome {
  const answer = cap as AnswerState;
  if (answer.status === 'error') return answer;
  const { delegate } = waitingOf(answer);
  if (delegate !== undefined) return delegate.ops.get(delegate, path);
  return answer.status === 'value' ? refused(noObject()) : later(answer, () => get(answer, path));
}

function later(answer: AnswerState, act: () => Outcome): AnswerState {
  const result = makeDeferred();
  waitingOf(answer).waiters.push(() => follow(result, act()));
  return result;
}

/** What is said where a primitive is asked for its members. */
export function noObject(): ErrorState {
  const message = 'The RPC receiver is no object: it has no methods or properties.';
  return neutral.error('error', 'TypeError', message, '', '');
}

function drop(cap: CapState): void {
  const { delegate } = waitingOf(cap);
  (cap as AnswerState).onSettle = undefined;
  pending.delete(cap as AnswerState);
  delegate?.ops.drop(delegate);
}

/** An answer breaks by failing. A result that is there does not: what is in it can be watched by itself. */
function watch(cap: CapState, onBroken: OnBroken): Unwatch {
  const { status, failure } = cap as AnswerState;
  const { delegate, waiters } = waitingOf(cap);
  if (delegate !== undefined) return delegate.ops.watch(delegate, onBroken);
  if (failure !== undefined) onBroken(failure);
  if (status !== 'pending') return ignore;
  let end: Unwatch | undefined;
  const look = (): void => {
    end = watch(cap, onBroken);
  };
  waiters.push(look);
  return () => {
    const index = waiters.indexOf(look);
    if (index >= 0) waiters.splice(index, 1);
    end?.();
  };
}

/** Arguments that can wait: nobody can change them any more. */
export type KeptArguments =
  | { readonly args: readonly unknown[]; readonly source: ValueSource | undefined }
  | { readonly failure: ErrorState };

/** Has the arguments of a call copied, if there is anything in them to copy. */
export function keepArguments(args: readonly unknown[], source: ValueSource | undefined): KeptArguments {
  if (source === undefined) return { args, source };
  const encoded = source.encode(args, 'args');
  if (!isEncoded(encoded)) return { failure: encoded };
  return { args: encoded.value as readonly unknown[], source: encoded.source };
}

/** Tells the two results of `encode` apart. */
export function isEncoded(result: EncodedState | ErrorState): result is EncodedState {
  return 'markers' in result;
}
