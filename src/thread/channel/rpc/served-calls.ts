/** Method calls of the other thread that this one serves. Results stay here as long as something may be asked of them. */

import type {
  CallDropMessage,
  CallForgetMessage,
  CallMessage,
  CallTarget,
  ReturnMessage,
} from '../../../messages/channel.ts';
import type { AnswerState, CapState, Outcome, ValueSource } from '../../../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState, TargetState } from '../../../realm/prelude/state.ts';
import { noObject, refused } from '../../../services/deferred.ts';
import { countCall } from '../../../services/edge.ts';
import { makeHostError } from '../../../services/host-error.ts';
import { endRequest, type RequestContext, runInRequest } from '../../../services/request-context.ts';
import { toErrorMessage } from '../error-message.ts';
import type { Send } from '../outgoing-streams.ts';
import { pathOf } from './paths.ts';
import { type ChannelLimits, Violation } from '../trust.ts';
import { receivePayload, sendPayload, type SpecialsCodec } from './payload.ts';

export interface ServedPowers {
  readonly send: Send;
  readonly codec: SpecialsCodec;
  readonly target: (service: string, entrypoint: string, props: string) => TargetState;
  /** A capability that this thread has passed. */
  readonly exported: (id: number) => CapState | undefined;
  /** Gives a stack the positions of sources. */
  readonly mapStack: (stack: string) => string;
  /** What is said of what is gone. */
  readonly lost: () => ErrorState;
  readonly limits: ChannelLimits;
  /** Whether calls of entrypoints are counted here: another thread counts its own. */
  readonly isCounted: boolean;
}

interface Served {
  readonly answer: AnswerState;
  readonly context: RequestContext;
  readonly count: ReturnType<typeof countCall> | undefined;
  /** Of the result, once it was sent. */
  bytes: number;
}

/** What can be called: an entrypoint, or a capability, whose calls its caller counts. */
interface Found extends Pick<TargetState, 'call' | 'get'> {
  readonly counts: TargetState['counts'] | undefined;
}

/** Arguments of one call: no function takes more. */
const mostArguments = 65_536;

export class ServedCalls {
  readonly #powers: ServedPowers;
  /** By id of the other thread. */
  readonly #served = new Map<number, Served>();

  #pending = 0;
  /** Of results that were sent, and are kept for what may be asked of them; the oldest first. */
  readonly #kept = new Set<number>();
  #keptBytes = 0;

  constructor(powers: ServedPowers) {
    this.#powers = powers;
  }

  /** Calls that are not answered yet. */
  get underWay(): number {
    return this.#pending;
  }

  get size(): number {
    return this.#served.size;
  }

  serve(message: CallMessage): void {
    const { id, requestId, depth, draw, target } = message;
    const { calls } = this.#powers.limits;
    if (this.#served.has(id)) throw new Violation('two calls have one id');
    if (this.#pending >= calls) {
      // What the arguments hold is let go.
      if (message.args !== undefined) receivePayload(message.args, 'args', this.#powers.codec);
      this.#returnFailure(id, makeHostError('RPC_LIMIT', { what: `${calls} calls are under way` }), false);
      return;
    }
    const { service = '', entrypoint = '' } = target.kind === 'entrypoint' ? target : {};
    const context: RequestContext = { requestId, depth, draw, service, entrypoint };
    runInRequest(context, () => this.#serveIn(context, message));
  }

  #serveIn(context: RequestContext, message: CallMessage): void {
    const { id, target } = message;
    const found = this.#find(target);
    const count = this.#powers.isCounted && found?.counts ? countCall(found.counts) : undefined;
    const outcome = this.#invoke(found, message);
    if (typeof outcome !== 'object' || outcome === null) {
      count?.end('well');
      this.#return(id, outcome, undefined, 'value', false);
      endRequest(context);
      return;
    }
    this.#served.set(id, { answer: outcome, context, count, bytes: 0 });
    this.#pending++;
    const settled = (answer: AnswerState): void => {
      this.#pending--;
      count?.end(answer.status === 'value' ? 'well' : 'errors');
      this.#returnAnswer(id, answer);
      endRequest(context);
    };
    if (outcome.status === 'pending') outcome.onSettle = settled;
    else settled(outcome);
  }

  /** Nobody waits for the result any more. */
  abandon({ id }: Pick<CallDropMessage, 'id'>): void {
    const served = this.#served.get(id);
    if (served === undefined) return;
    this.#forget(id);
    const isPending = served.answer.status === 'pending';
    served.answer.ops.drop(served.answer);
    if (!isPending) return;
    this.#pending--;
    served.count?.end('canceled');
    endRequest(served.context);
  }

  forget({ ids }: CallForgetMessage): void {
    // The result of a call that is under way is not known to anybody yet.
    for (const id of ids) if (this.#served.get(id)?.answer.status !== 'pending') this.#forget(id);
  }

  /** What was returned cannot be sent. */
  refuse({ id, isKept }: ReturnMessage, error: ErrorState): void {
    this.#returnFailure(id, error, isKept);
  }

  close(): void {
    for (const id of [...this.#served.keys()]) this.abandon({ id });
  }

  #forget(id: number): void {
    this.#keptBytes -= this.#served.get(id)?.bytes ?? 0;
    this.#kept.delete(id);
    this.#served.delete(id);
  }

  /** Keeps a result that was sent, and lets the oldest ones go where there are too many. */
  #keep(id: number, bytes: number): void {
    const served = this.#served.get(id);
    if (served === undefined) return;
    // A result takes more than its bytes.
    const cost = bytes + 1024;
    this.#keptBytes += cost - served.bytes;
    served.bytes = cost;
    this.#kept.add(id);
    for (const oldest of this.#kept) {
      if (this.#keptBytes <= this.#powers.limits.keptBytes) return;
      this.#forget(oldest);
    }
  }

  #invoke(found: Found | undefined, { target, path, args }: CallMessage): Outcome {
    const way = pathOf(path);
    // The result of a call is kept, unless it is a primitive.
    if (found === undefined) return refused(target.kind === 'answer' ? noObject() : this.#powers.lost());
    if (args === undefined) return found.get(way);
    const received = receivePayload(args, 'args', this.#powers.codec);
    if (!('value' in received)) return refused(received);
    const list = received.value;
    if (!Array.isArray(list) || list.length > mostArguments)
      throw new Violation('arguments are no list, or a very long one');
    return found.call(way, list as readonly unknown[], received.source);
  }

  #find(target: CallTarget): Found | undefined {
    if (target.kind === 'entrypoint')
      return this.#powers.target(target.service, target.entrypoint, target.props);
    const cap =
      target.kind === 'cap' ? this.#powers.exported(target.cap) : this.#served.get(target.id)?.answer;
    if (cap === undefined) return undefined;
    return {
      call: (path, args, source) => cap.ops.call(cap, path, args, source),
      get: (path) => cap.ops.get(cap, path),
      counts: undefined,
    };
  }

  #returnAnswer(id: number, { status, value, source, failure }: AnswerState): void {
    if (failure !== undefined) this.#returnFailure(id, failure, true);
    else this.#return(id, value, source, status === 'error' ? 'error' : 'value', true);
  }

  #returnFailure(id: number, error: ErrorState, isKept: boolean): void {
    const message = toErrorMessage(error);
    const failure = { ...message, stack: this.#powers.mapStack(message.stack) };
    if (isKept) this.#keep(id, 0);
    this.#powers.send({ type: 'return', id, outcome: 'error', payload: undefined, failure, isKept }, []);
  }

  #return(
    id: number,
    value: unknown,
    source: ValueSource | undefined,
    outcome: ReturnMessage['outcome'],
    isKept: boolean,
  ): void {
    const isPlain = (typeof value !== 'object' || value === null) && typeof value !== 'function';
    const sent = sendPayload(
      value,
      isPlain && typeof value !== 'symbol' ? undefined : source,
      'result',
      this.#powers.codec,
    );
    if (!('payload' in sent)) {
      this.#returnFailure(id, sent, isKept);
      return;
    }
    const { payload, transfers } = sent;
    if (isKept) this.#keep(id, payload.kind === 'encoded' ? payload.bytes.byteLength : 0);
    this.#powers.send({ type: 'return', id, outcome, payload, failure: undefined, isKept }, transfers);
  }
}
