/** Requests over a channel, in both directions: those of this end that the other one answers, and those that this one does. */

import type {
  CallTarget,
  FetchAbort,
  FetchFailure,
  FetchReply,
  FetchRequest,
} from '../../messages/channel.ts';
import { discardBody, discardResponse, neutral } from '../../realm/neutral.ts';
import type {
  BodyState,
  CallState,
  ErrorState,
  RequestState,
  ResponseState,
  TargetState,
} from '../../realm/prelude/state.ts';
import { countCall } from '../../services/edge.ts';
import { makeHostError } from '../../services/host-error.ts';
import {
  currentRequest,
  endRequest,
  nextDepth,
  type RequestContext,
  runInRequest,
} from '../../services/request-context.ts';
import { assertHeadroom } from '../../shared/headroom.ts';
import type { Bodies } from './bodies.ts';
import type { ChannelSockets } from './channel-sockets.ts';
import { receiveError, toErrorMessage } from './error-message.ts';
import type { Send } from './outgoing-streams.ts';
import { type ChannelLimits, Violation } from './trust.ts';

export interface FetchesPowers {
  readonly send: Send;
  readonly bodies: Bodies;
  readonly sockets: ChannelSockets;
  /** The way to what is called here; undefined where there is nothing any more. */
  readonly target: (target: CallTarget) => TargetState | undefined;
  /** Gives a stack the positions of sources, which only the thread of a worker knows. */
  readonly mapStack: (stack: string) => string;
  /** What is said of what is gone. */
  readonly lost: () => ErrorState;
  readonly limits: ChannelLimits;
  /** Whether requests of the other side are counted on this one: another thread counts its own. */
  readonly isCounted: boolean;
}

const gone = neutral.error('domexception', 'AbortError', 'Nobody waits for the response.', '', '');

export class Fetches {
  readonly #powers: FetchesPowers;
  /** Calls of this end, by id. */
  readonly #calls = new Map<number, CallState>();
  /** Calls of the other end that are answered here, by its id; and those whose response is still being sent. */
  readonly #answering = new Map<number, CallState>();
  readonly #streaming = new Map<number, CallState>();
  #nextId = 1;
  #failure: ErrorState | undefined;

  constructor(powers: FetchesPowers) {
    this.#powers = powers;
  }

  /** Requests of this end that wait for their response. */
  get asked(): number {
    return this.#calls.size;
  }

  /** Requests of the other end that are not answered completely. */
  get served(): number {
    return this.#answering.size + this.#streaming.size;
  }

  fetch(to: CallTarget, request: RequestState, call: CallState): void {
    if (this.#failure !== undefined) return call.settle(call, undefined, this.#failure);
    assertHeadroom(); // what follows is begun and finished, or not begun
    const depth = nextDepth();
    if (depth === undefined) return call.settle(call, undefined, makeHostError('CALL_TOO_DEEP', {}));
    const refusal = this.#powers.bodies.refusal;
    if (refusal !== undefined) return call.settle(call, undefined, refusal);
    const id = this.#nextId++;
    this.#calls.set(id, call);
    const others = call.onAbort;
    call.onAbort = (reason) => {
      others?.(reason);
      this.#calls.delete(id);
      this.#powers.send({ type: 'abort', id, reason: toErrorMessage(reason) });
    };
    const { body, transfers } = this.#powers.bodies.send(request.body);
    const { method, url, headers, cf } = request;
    const { requestId = '', draw } = currentRequest() ?? {};
    const message = { id, target: to, requestId, depth, draw, method, url, headers, body, cf };
    this.#powers.send({ type: 'fetch', ...message }, transfers);
  }

  /** The other end asks. */
  answer(message: FetchRequest): void {
    const { id, method, url, headers, cf, requestId, depth, draw } = message;
    if (this.#answering.has(id) || this.#streaming.has(id)) throw new Violation('two requests have one id');
    const body = this.#powers.bodies.receive(message.body);
    const target = this.#powers.target(message.target);
    const failure = this.#refusal(target);
    if (target === undefined || failure !== undefined) {
      discardBody(body, gone);
      this.#fail(id, failure ?? this.#powers.lost());
      return;
    }
    const request = neutral.request(method, url, headers, body, cf);
    const { service = '', entrypoint = '' } = message.target.kind === 'entrypoint' ? message.target : {};
    const context: RequestContext = { requestId, depth, draw, service, entrypoint };
    const count = this.#powers.isCounted ? countCall(target.counts) : undefined;
    const settle: CallState['settle'] = (_settled, response, error) => {
      count?.end(call.aborted !== undefined ? 'canceled' : response === undefined ? 'errors' : 'well');
      const isAwaited = this.#answering.delete(id);
      const goesOn = isStream(response?.body) || response?.webSocket !== undefined;
      if (!isAwaited || !goesOn) endRequest(context);
      if (!isAwaited) {
        if (response !== undefined) discardResponse(response, call.aborted ?? gone);
        return;
      }
      const refusal = response && (this.#powers.bodies.refusal ?? this.#powers.sockets.refusal);
      if (response === undefined || refusal !== undefined) {
        if (response !== undefined) discardResponse(response, gone);
        this.#fail(id, refusal ?? (error as ErrorState));
      } else this.#sendReply(id, call, response, context);
    };
    const call = neutral.call(settle, target, request, undefined, undefined, undefined);
    this.#answering.set(id, call);
    runInRequest(context, () => target.fetch(request, call));
  }

  /** The other end has answered. */
  reply(message: FetchReply): void {
    const call = this.#calls.get(message.id);
    const body = this.#powers.bodies.receive(message.body);
    const { status, statusText, headers, webSocket } = message;
    const end = webSocket === 0 ? undefined : this.#powers.sockets.receive(webSocket);
    const response = neutral.response(status, statusText, headers, body, end);
    if (call === undefined) {
      discardResponse(response, gone);
      return;
    }
    this.#calls.delete(message.id);
    call.settle(call, response, undefined);
  }

  /** It has failed to. */
  failed({ id, error }: FetchFailure): void {
    this.fail(id, receiveError(error));
  }

  /** A request of this end has failed. */
  fail(id: number, error: ErrorState): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.settle(call, undefined, error);
  }

  /** The other end waits no longer. */
  aborted({ id, reason }: FetchAbort): void {
    this.#abort(id, receiveError(reason));
  }

  /** What the other end was to be told cannot be sent: it is told that instead. */
  refuseReply(id: number, error: ErrorState): void {
    this.#abort(id, error);
    this.#fail(id, error);
  }

  /** The channel is gone. */
  close(failure: ErrorState): void {
    this.#failure = failure;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.settle(call, undefined, failure);
    for (const id of [...this.#answering.keys(), ...this.#streaming.keys()]) this.#abort(id, failure);
  }

  #refusal(target: TargetState | undefined): ErrorState | undefined {
    const { limits } = this.#powers;
    if (target !== undefined && this.served >= limits.calls)
      return makeHostError('RPC_LIMIT', { what: `${limits.calls} requests are under way` });
    return undefined;
  }

  #fail(id: number, error: ErrorState): void {
    const message = toErrorMessage(error);
    const stack = this.#powers.mapStack(message.stack);
    this.#powers.send({ type: 'failure', id, error: { ...message, stack } });
  }

  /** The request ends with its streamed body, or with its WebSocket. */
  #sendReply(id: number, call: CallState, response: ResponseState, context: RequestContext): void {
    const { status, statusText, headers, webSocket: end } = response;
    if (isStream(response.body)) this.#streaming.set(id, call);
    const { body, transfers } = this.#powers.bodies.send(response.body, () => {
      this.#streaming.delete(id);
      endRequest(context);
    });
    const webSocket = end === undefined ? 0 : this.#powers.sockets.share(end, () => endRequest(context));
    this.#powers.send({ type: 'reply', id, status, statusText, headers, body, webSocket }, transfers);
  }

  #abort(id: number, reason: ErrorState): void {
    const call = this.#answering.get(id) ?? this.#streaming.get(id);
    if (call === undefined) return;
    this.#answering.delete(id);
    this.#streaming.delete(id);
    call.aborted = reason;
    call.onAbort?.(reason);
  }
}

function isStream(body: BodyState): boolean {
  return typeof body === 'object' && body.kind === 'stream';
}
