/**
 * Method calls of this thread that the other one serves. A call leaves with its turn; what is asked of its result leaves at once as well,
 * and waits on the other side (pipelining), so that a chain of calls takes one message each way.
 */

import type { CallMessage, CallTarget, ReturnMessage } from '../../../messages/channel.ts';
import { neutralRpc } from '../../../realm/neutral-rpc.ts';
import type {
  AnswerState,
  CapOps,
  CapState,
  OnSettle,
  Outcome,
  PathState,
  Unwatch,
  ValueSource,
} from '../../../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState } from '../../../realm/prelude/state.ts';
import { noObject, refused } from '../../../services/deferred.ts';
import { makeHostError } from '../../../services/host-error.ts';
import { currentRequest, nextDepth } from '../../../services/request-context.ts';
import { assertHeadroom } from '../../../shared/headroom.ts';
import { receiveError } from '../error-message.ts';
import type { Send } from '../outgoing-streams.ts';
import { keysOf } from './paths.ts';
import { receivePayload, sendPayload, type SpecialsCodec } from './payload.ts';

/** What an answer of the other thread stands for. */
interface Asked {
  readonly id: number;
}

export interface AskedPowers {
  readonly send: Send;
  readonly codec: SpecialsCodec;
}

export class AskedCalls {
  readonly #powers: AskedPowers;
  /** Calls that wait, by id. */
  readonly #waiting = new Map<number, AnswerState>();
  readonly #ops: CapOps;
  /** Results that the other thread keeps, and that nobody can ask anything of any more. */
  #forgotten: number[] = [];
  readonly #collected = new FinalizationRegistry<number>((id) => {
    this.#forgotten.push(id);
    this.flush();
  });
  #nextId = 1;
  #failure: ErrorState | undefined;

  constructor(powers: AskedPowers) {
    this.#powers = powers;
    this.#ops = neutralRpc.ops(
      (cap, path, args, source) => this.#callAnswer(cap, path, args, source),
      (cap, path) => this.#callAnswer(cap, path, undefined, undefined),
      () => undefined,
      (cap) => this.#drop(cap as AnswerState),
      () => ignore,
    );
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Calls what the target leads to; without `args`, reads a property. */
  call(
    target: CallTarget,
    path: PathState,
    args: readonly unknown[] | undefined,
    source: ValueSource | undefined,
  ): Outcome {
    if (this.#failure !== undefined) return refused(this.#failure);
    assertHeadroom();
    const depth = nextDepth();
    if (depth === undefined) return refused(makeHostError('CALL_TOO_DEEP', {}));
    const sent = args === undefined ? undefined : sendPayload(args, source, 'args', this.#powers.codec);
    if (sent !== undefined && !('payload' in sent)) return refused(sent);
    const id = this.#nextId++;
    const answer = neutralRpc.answer(this.#ops, { id } satisfies Asked);
    this.#waiting.set(id, answer);
    const { requestId = '', draw } = currentRequest() ?? {};
    const message: CallMessage = {
      type: 'call',
      id,
      target,
      path: keysOf(path),
      args: sent?.payload,
      requestId,
      depth,
      draw,
    };
    this.#powers.send(message, sent?.transfers ?? []);
    return answer;
  }

  /** The other thread has answered. */
  settle({ id, outcome, payload, failure, isKept }: ReturnMessage): void {
    const answer = this.#waiting.get(id);
    // Taken also where nobody waits: what is in it is let go with it.
    const received = payload && receivePayload(payload, 'result', this.#powers.codec);
    this.#waiting.delete(id);
    const isValue = received !== undefined && 'value' in received;
    const source = isValue ? received.source : undefined;
    if (isKept) this.#keep(id, outcome === 'value' && source !== undefined ? answer : undefined);
    if (answer === undefined) return;
    if (isValue) settleAnswer(answer, outcome, received.value, source, undefined);
    else settleAnswer(answer, 'error', undefined, undefined, received ?? (failure && receiveError(failure)));
  }

  /** The call was not sent after all. */
  fail(id: number, failure: ErrorState): void {
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (answer !== undefined) settleAnswer(answer, 'error', undefined, undefined, failure);
  }

  /** Says which results the other thread need not keep: once for all that came in one batch. */
  flush(): void {
    if (this.#forgotten.length === 0) return;
    this.#powers.send({ type: 'call-forget', ids: this.#forgotten }, []);
    this.#forgotten = [];
  }

  /** A realm is going: nobody waits for results any more that were to be given to this function. */
  abandon(onSettle: OnSettle): void {
    for (const answer of [...this.#waiting.values()]) {
      if (answer.onSettle !== onSettle) continue;
      this.#drop(answer);
      onSettle(answer);
    }
  }

  /** Nobody will answer any more. */
  close(failure: ErrorState): void {
    this.#failure = failure;
    const answers = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answer of answers) settleAnswer(answer, 'error', undefined, undefined, failure);
  }

  /** The other thread keeps a result for what is asked of it: of a failure or a primitive, nothing is from now on. */
  #keep(id: number, answer: AnswerState | undefined): void {
    if (answer === undefined) this.#forgotten.push(id);
    else this.#collected.register(answer, id);
  }

  #callAnswer(
    cap: CapState,
    path: PathState,
    args: readonly unknown[] | undefined,
    source: ValueSource | undefined,
  ): Outcome {
    const answer = cap as AnswerState;
    if (answer.status === 'error') return answer;
    if (answer.status === 'value' && answer.source === undefined) return refused(noObject());
    return this.call({ kind: 'answer', id: (answer.subject as Asked).id }, path, args, source);
  }

  #drop(answer: AnswerState): void {
    if (answer.status !== 'pending') return;
    answer.onSettle = undefined;
    const { id } = answer.subject as Asked;
    this.#waiting.delete(id);
    this.#powers.send({ type: 'call-drop', id }, []);
  }
}

/** A result is not watched: what is in it can be watched by itself. */
const ignore: Unwatch = () => {};

function settleAnswer(
  answer: AnswerState,
  status: 'value' | 'error',
  value: unknown,
  source: ValueSource | undefined,
  failure: ErrorState | undefined,
): void {
  answer.status = status;
  answer.value = value;
  answer.source = source;
  answer.failure = failure;
  const { onSettle } = answer;
  answer.onSettle = undefined;
  onSettle?.(answer);
}
