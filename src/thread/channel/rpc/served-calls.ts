/** Method calls of the other thread that this one serves. Results stay here as long as something may be asked of them. */

import type {
  CallDropMessage,
  CallForgetMessage,
  CallMessage,
  CallTarget,
  ReturnMessage,
} from '../../../messages/channel.ts';
import type { AnswerState, CapState, Outcome, ValueSource } from '../../../realm/prelude/rpc/rpc-state.ts';
import type { TargetState } from '../../../realm/prelude/state.ts';
import { noObject, refused } from '../../../services/deferred.ts';
import { makeHostError } from '../../../services/host-error.ts';
import { endRequest, type RequestContext, runInRequest } from '../../../services/request-context.ts';
import { toErrorMessage } from '../error-message.ts';
import type { Send } from '../outgoing-streams.ts';
import { pathOf } from './paths.ts';
import { receivePayload, sendPayload, type SpecialsCodec } from './payload.ts';

export interface ServedPowers {
  readonly send: Send;
  readonly codec: SpecialsCodec;
  readonly target: (service: string, entrypoint: string, props: string) => TargetState;
  /** A capability that this thread has passed. */
  readonly exported: (id: number) => CapState | undefined;
  /** Gives a stack the positions of sources. */
  readonly mapStack: (stack: string) => string;
}

interface Served {
  readonly answer: AnswerState;
  readonly context: RequestContext;
}

export class ServedCalls {
  readonly #powers: ServedPowers;
  /** By id of the other thread. */
  readonly #served = new Map<number, Served>();

  constructor(powers: ServedPowers) {
    this.#powers = powers;
  }

  get size(): number {
    return this.#served.size;
  }

  serve(message: CallMessage): void {
    const { id, requestId, depth, draw, target } = message;
    const to =
      target.kind === 'entrypoint' ? { service: target.service, entrypoint: target.entrypoint } : undefined;
    const context: RequestContext = { requestId, depth, draw, ...to };
    runInRequest(context, () => {
      const outcome = this.#invoke(message);
      if (typeof outcome !== 'object' || outcome === null) {
        this.#return(id, outcome, undefined, 'value', false);
        endRequest(context);
        return;
      }
      this.#served.set(id, { answer: outcome, context });
      const settled = (answer: AnswerState): void => {
        this.#returnAnswer(id, answer);
        endRequest(context);
      };
      if (outcome.status === 'pending') outcome.onSettle = settled;
      else settled(outcome);
    });
  }

  /** Nobody waits for the result any more. */
  abandon({ id }: Pick<CallDropMessage, 'id'>): void {
    const served = this.#served.get(id);
    if (served === undefined) return;
    this.#served.delete(id);
    const isPending = served.answer.status === 'pending';
    served.answer.ops.drop(served.answer);
    if (isPending) endRequest(served.context);
  }

  forget({ ids }: CallForgetMessage): void {
    for (const id of ids) this.#served.delete(id);
  }

  close(): void {
    for (const id of [...this.#served.keys()]) this.abandon({ id });
  }

  #invoke({ target, path, args }: CallMessage): Outcome {
    const way = pathOf(path);
    const found = this.#find(target);
    // The result of a call is kept, unless it is a primitive.
    if (found === undefined)
      return refused(target.kind === 'answer' ? noObject() : makeHostError('CHANNEL_LOST', {}));
    if (args === undefined) return found.get(way);
    const received = receivePayload(args, 'args', this.#powers.codec);
    if (!('value' in received)) return refused(received);
    return found.call(way, received.value as readonly unknown[], received.source);
  }

  #find(target: CallTarget): Pick<TargetState, 'call' | 'get'> | undefined {
    if (target.kind === 'entrypoint')
      return this.#powers.target(target.service, target.entrypoint, target.props);
    const cap =
      target.kind === 'cap' ? this.#powers.exported(target.cap) : this.#served.get(target.id)?.answer;
    if (cap === undefined) return undefined;
    return {
      call: (path, args, source) => cap.ops.call(cap, path, args, source),
      get: (path) => cap.ops.get(cap, path),
    };
  }

  #returnAnswer(id: number, { status, value, source, failure }: AnswerState): void {
    if (failure !== undefined) {
      const message = toErrorMessage(failure);
      const mapped = { ...message, stack: this.#powers.mapStack(message.stack) };
      this.#powers.send(
        { type: 'return', id, outcome: 'error', payload: undefined, failure: mapped, isKept: true },
        [],
      );
    } else this.#return(id, value, source, status === 'error' ? 'error' : 'value', true);
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
    if ('payload' in sent) {
      const { payload, transfers } = sent;
      this.#powers.send({ type: 'return', id, outcome, payload, failure: undefined, isKept }, transfers);
    } else {
      const failure = toErrorMessage(sent);
      this.#powers.send({ type: 'return', id, outcome: 'error', payload: undefined, failure, isKept }, []);
    }
  }
}
