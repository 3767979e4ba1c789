/**
 * Method calls over a channel. A call leaves with its turn; what is asked of its result leaves at once as well, and waits on the other
 * side (pipelining), so that a chain of calls takes one message each way.
 */

import type {
  CallMessage,
  CallTarget,
  ChannelMessage,
  ErrorMessage,
  ReturnMessage,
} from '../../../messages/channel.ts';
import { neutral } from '../../../realm/neutral.ts';
import { neutralRpc } from '../../../realm/neutral-rpc.ts';
import type {
  AnswerState,
  CapOps,
  CapState,
  Outcome,
  PathLink,
  PathState,
  ValueSource,
} from '../../../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState } from '../../../realm/prelude/state.ts';
import { noObject, refused } from '../../../services/deferred.ts';
import { makeHostError } from '../../../services/host-error.ts';
import {
  currentDepth,
  currentRequest,
  endRequest,
  maxDepth,
  runInRequest,
} from '../../../services/request-context.ts';
import { assertHeadroom } from '../../../shared/headroom.ts';
import type { Send } from '../outgoing-streams.ts';
import { toErrorMessage } from '../outgoing-streams.ts';
import { Capabilities, importedOf } from './capabilities.ts';
import { receivePayload, sendPayload, type SpecialsCodec } from './payload.ts';
import { makeSpecialsCodec, type SpecialsPowers } from './specials.ts';

export interface RpcPowers extends Omit<SpecialsPowers, 'capabilities' | 'brokenCap'> {
  readonly send: Send;
}

/** A call of this thread that the other one serves. */
interface Asked {
  readonly id: number;
}

export class RpcCalls {
  readonly #powers: RpcPowers;
  readonly #capabilities: Capabilities;
  readonly #codec: SpecialsCodec;
  /** Calls of this thread that wait, by id. */
  readonly #asked = new Map<number, AnswerState>();
  /** Results of calls that this thread serves, by id of the other one: for what is pipelined. */
  readonly #served = new Map<number, Outcome>();
  readonly #answerOps: CapOps;
  /** Nobody can ask anything of these results any more. */
  readonly #forgotten = new FinalizationRegistry<number>((id) => this.#send({ type: 'call-forget', id }));
  #nextId = 1;
  #isClosed = false;

  constructor(powers: RpcPowers) {
    this.#powers = powers;
    this.#capabilities = new Capabilities(
      {
        call: (cap, path, args, source) => this.#callCap(cap, path, args, source),
        get: (cap, path) => this.#callCap(cap, path, undefined, undefined),
      },
      (message) => this.#send(message),
    );
    this.#codec = makeSpecialsCodec({
      ...powers,
      capabilities: this.#capabilities,
      brokenCap: () => refused(lost()),
    });
    this.#answerOps = neutralRpc.ops(
      (cap, path, args, source) => this.#callAnswer(cap, path, args, source),
      (cap, path) => this.#callAnswer(cap, path, undefined, undefined),
      () => undefined,
      (cap) => this.#drop(cap as AnswerState),
      () => undefined,
    );
  }

  /** Calls an entrypoint of the other thread; without `args`, reads a property. */
  call(
    target: CallTarget,
    path: PathState,
    args: readonly unknown[] | undefined,
    source: ValueSource | undefined,
  ): Outcome {
    if (this.#isClosed) return refused(lost());
    assertHeadroom();
    const depth = Math.max(currentDepth(), currentRequest()?.depth ?? 0) + 1;
    if (depth > maxDepth) return refused(makeHostError('CALL_TOO_DEEP', {}));
    const sent = args === undefined ? undefined : sendPayload(args, source, 'args', this.#codec);
    if (sent !== undefined && !('payload' in sent)) return refused(sent);
    const id = this.#nextId++;
    const answer = neutralRpc.answer(this.#answerOps, { id } satisfies Asked);
    this.#asked.set(id, answer);
    const requestId = currentRequest()?.requestId ?? '';
    const message: CallMessage = {
      type: 'call',
      id,
      target,
      path: keysOf(path),
      args: sent?.payload,
      requestId,
      depth,
    };
    this.#send(message, sent?.transfers);
    return answer;
  }

  /** Returns false for a message that is not about method calls. */
  receive(message: ChannelMessage): boolean {
    switch (message.type) {
      case 'call':
        this.#serve(message);
        return true;
      case 'return':
        this.#settle(message);
        return true;
      case 'call-drop':
        this.#abandon(message.id);
        return true;
      case 'call-forget':
        this.#served.delete(message.id);
        return true;
      case 'release':
        this.#capabilities.released(message);
        return true;
      default:
        return false;
    }
  }

  /** The channel is gone. */
  close(): void {
    this.#isClosed = true;
    const failure = lost();
    for (const answer of this.#asked.values()) settleAnswer(answer, 'error', undefined, undefined, failure);
    this.#asked.clear();
    for (const id of [...this.#served.keys()]) this.#abandon(id);
    this.#served.clear();
    this.#capabilities.close(failure);
  }

  #send(message: ChannelMessage, transfers: readonly ArrayBuffer[] = []): void {
    if (!this.#isClosed) this.#powers.send(message, transfers);
  }

  #callCap(
    cap: CapState,
    path: PathState,
    args: readonly unknown[] | undefined,
    source: ValueSource | undefined,
  ): Outcome {
    return this.call({ kind: 'cap', cap: importedOf(cap).id }, path, args, source);
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
    this.#send({ type: 'call-drop', id: (answer.subject as Asked).id });
  }

  #serve(message: CallMessage): void {
    const { id, requestId, depth } = message;
    const context = { requestId, depth };
    runInRequest(context, () => {
      const outcome = this.#invoke(message);
      if (typeof outcome !== 'object' || outcome === null) {
        this.#return(id, outcome, undefined, 'value');
        endRequest(context);
        return;
      }
      this.#served.set(id, outcome);
      const settled = (answer: AnswerState): void => {
        this.#returnAnswer(id, answer);
        endRequest(context);
      };
      if (outcome.status === 'pending') outcome.onSettle = settled;
      else settled(outcome);
    });
  }

  #invoke({ target, path, args }: CallMessage): Outcome {
    const way = pathOf(path);
    const found = this.#find(target);
    // The result of a call is kept, unless it is a primitive.
    if (found === undefined) return refused(target.kind === 'answer' ? noObject() : lost());
    if (args === undefined) return found.get(way);
    const received = receivePayload(args, 'args', this.#codec);
    if (!('value' in received)) return refused(received);
    return found.call(way, received.value as readonly unknown[], received.source);
  }

  #find(target: CallTarget): Pick<RpcEndpoint, 'call' | 'get'> | undefined {
    if (target.kind === 'entrypoint')
      return this.#powers.target(target.service, target.entrypoint, target.props);
    const cap = target.kind === 'cap' ? this.#capabilities.exported(target.cap) : this.#served.get(target.id);
    if (typeof cap !== 'object' || cap === null) return undefined;
    return {
      call: (path, args, source) => cap.ops.call(cap, path, args, source),
      get: (path) => cap.ops.get(cap, path),
    };
  }

  #returnAnswer(id: number, { status, value, source, failure }: AnswerState): void {
    if (failure !== undefined) {
      const message = toErrorMessage(failure);
      const mapped = { ...message, stack: this.#powers.mapStack(message.stack) };
      this.#send({ type: 'return', id, outcome: 'error', payload: undefined, failure: mapped });
    } else this.#return(id, value, source, status === 'error' ? 'error' : 'value');
  }

  #return(
    id: number,
    value: unknown,
    source: ValueSource | undefined,
    outcome: ReturnMessage['outcome'],
  ): void {
    const isPlain = (typeof value !== 'object' || value === null) && typeof value !== 'function';
    const sent = sendPayload(
      value,
      isPlain && typeof value !== 'symbol' ? undefined : source,
      'result',
      this.#codec,
    );
    if ('payload' in sent) {
      this.#send({ type: 'return', id, outcome, payload: sent.payload, failure: undefined }, sent.transfers);
    } else {
      const failure = toErrorMessage(sent);
      this.#send({ type: 'return', id, outcome: 'error', payload: undefined, failure });
    }
  }

  #settle({ id, outcome, payload, failure }: ReturnMessage): void {
    const answer = this.#asked.get(id);
    this.#asked.delete(id);
    if (payload === undefined) {
      if (answer !== undefined)
        settleAnswer(answer, 'error', undefined, undefined, receiveError(failure as ErrorMessage));
      return;
    }
    const received = receivePayload(payload, 'result', this.#codec);
    if (answer === undefined) return;
    if (!('value' in received)) return settleAnswer(answer, 'error', undefined, undefined, received);
    const { value, source } = received;
    // The other thread keeps a result that is more than a primitive, for what is asked of it.
    if (source !== undefined) this.#forgotten.register(answer, id);
    settleAnswer(answer, outcome, value, source, undefined);
  }

  #abandon(id: number): void {
    const outcome = this.#served.get(id);
    if (typeof outcome === 'object' && outcome !== null) outcome.ops.drop(outcome);
    this.#served.delete(id);
  }
}

interface RpcEndpoint {
  call(path: PathState, args: readonly unknown[], source: ValueSource | undefined): Outcome;
  get(path: PathState): Outcome;
}

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

function lost(): ErrorState {
  return makeHostError('CHANNEL_LOST', {});
}

function receiveError({ kind, name, message, stack, code }: ErrorMessage): ErrorState {
  return neutral.error(kind, name, message, stack, code);
}

function keysOf(path: PathState): readonly string[] {
  if (path === undefined) return [];
  return typeof path === 'string' ? [path] : [...keysOf(path.parent), path.key];
}

function pathOf(keys: readonly string[]): PathState {
  let path: string | PathLink | undefined;
  for (const key of keys) path = path === undefined ? key : neutralRpc.link(path, key);
  return path;
}
