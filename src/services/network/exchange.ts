/**
 * One exchange: a request of a realm on its way to a server, and the response on its way back. Settles its call at most once.
 * Everything that a realm is told or asked happens in turns of its own (turns.ts); nothing of a realm is looked at but neutral
 * records. Runs in a thread.
 */

import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { neutral } from '../../realm/neutral.ts';
import type {
  BodyState,
  CallState,
  ErrorState,
  RequestState,
  ResponseState,
} from '../../realm/prelude/state.ts';
import { makeError, type NanodError } from '../../shared/errors.ts';
import type { HealthRecord } from '../health.ts';
import { canDecode, decodeInto } from './content-coding.ts';
import { exchangeFailure, toFetchError } from './failures.ts';
import type { NetworkLimits } from './limits.ts';
import { reasonPhrase, responseHead, type ResponseHead, withoutCoding } from './message-head.ts';
import { StaleConnection } from './stale-connection.ts';
import { RequestBody, takeBuffer } from './request-body.ts';
import { type ByteConsumer, Discarder, ResponseBody } from './response-body.ts';
import type { Route } from './route.ts';
import type { Turns } from './turns.ts';

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly turns: Turns;
  readonly limits: NetworkLimits;
  /** Runs what calls the realm, as part of the request that the call belongs to. */
  readonly enter: (run: () => void) => void;
  readonly route: Route;
  readonly health: HealthRecord;
}

/** https://fetch.spec.whatwg.org/#null-body-status, those that are final */
const nullBodyStatuses: ReadonlySet<number> = new Set([204, 205, 304]);

/** https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods, those that are sent */
const idempotentMethods: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT']);

const answered = neutral.error('error', 'Error', 'The server has answered without reading the body.', '', '');

/** Is also the handler that undici calls. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #method: string;
  /** Until it is sent. */
  #request: RequestState | undefined;
  /** Until it is settled. Whatever is kept beyond that must lead to no object of the realm, or abandoned bodies are not noticed. */
  #call: CallState | undefined;
  #server = '';
  #sent = 0;
  /** What can be sent once more, if the connection turns out to be closed: nothing of it is used up. */
  #again: Dispatcher.DispatchOptions | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  readonly #upload: RequestBody | undefined;
  #body: ResponseBody | undefined;
  #consumer: ByteConsumer | undefined;
  /** Of the response body, while it counts: -1 where it is unknown. */
  #left = -1;
  #isAnswered = false;
  #isDiscarding = false;
  /** Nothing that the client says counts any more. */
  #isOver = false;

  constructor(request: RequestState, call: CallState, options: ExchangeOptions) {
    this.#options = options;
    this.#method = request.method;
    this.#request = request;
    this.#call = call;
    const source = typeof request.body === 'object' ? request.body.source : undefined;
    this.#upload = source === undefined ? undefined : new RequestBody(source, options);
  }

  /** Sends the request. In a turn of its own. */
  start(): void {
    const request = this.#request;
    this.#request = undefined;
    if (this.#isOver || request === undefined) return;
    const error = this.#dispatch(request);
    if (error !== undefined) this.onResponseError(undefined, error);
  }

  /** The caller has given up. In a turn of its own. */
  abort(reason: ErrorState): void {
    this.#call = undefined;
    this.#body?.abort(reason);
    this.#consumer?.destroy();
    this.#end(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('aborted'));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText = '',
  ): void {
    if (this.#isOver || status < 200) return;
    const raw = controller.rawHeaders;
    const head = responseHead(Array.isArray(raw) ? raw : []);
    const isBodyless = this.#method === 'HEAD' || nullBodyStatuses.has(status);
    const isDecoded = !isBodyless && canDecode(head.codings);
    const { route, health } = this.#options;
    const headers = route.arrive(isDecoded ? withoutCoding(head.headers) : head.headers);
    const body = isBodyless ? undefined : this.#openBody(controller, head, isDecoded);
    const response = neutral.response(status, reasonPhrase(statusText), headers, body);
    this.#isAnswered = true;
    this.#again = undefined;
    health.answered(this.#sent);
    this.#options.turns.run(() => this.#settle(response, undefined));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    this.#left = Math.max(-1, this.#left - chunk.byteLength);
    if (this.#consumer === undefined) this.#end(answered);
    else if (!this.#consumer.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#consumer?.end();
    this.#releaseUpload(answered);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#isOver || this.#isSentAgain(error)) return;
    this.#isOver = true;
    const reason = this.#upload?.failure;
    const failure =
      reason === undefined
        ? exchangeFailure(this.#server, error, this.#options.limits)
        : makeError('NETWORK_REQUEST', { server: this.#server, reason: `its body failed: ${reason}` });
    this.#options.health.failed(failure);
    this.#fail(toFetchError(failure));
  }

  /** Where the server has closed an idle connection and the request is safe to repeat, it is, once. */
  #isSentAgain(error: Error): boolean {
    const again = this.#again;
    this.#again = undefined;
    if (again === undefined || this.#isAnswered || !(error instanceof StaleConnection)) return false;
    this.#options.health.retried();
    // Not at once: the client is not done with the connection yet.
    this.#options.turns.run(() => {
      if (!this.#isOver) this.#options.dispatcher.dispatch(again, this);
    });
    return true;
  }

  /** Gives what keeps the request from being sent. */
  #dispatch(request: RequestState): NanodError | undefined {
    const way = this.#options.route.depart(request);
    const { server } = way;
    this.#server = server;
    if (way.url === undefined) return way.error;
    const { method } = request;
    let body;
    try {
      body = this.#takeBody(request.body);
    } catch {
      return makeError('NETWORK_REQUEST', { server, reason: 'the bytes of its body are gone' });
    }
    const { origin, target: path, headers } = way;
    const sent = { origin, path, method, headers, body };
    if (this.#upload === undefined && idempotentMethods.has(method)) this.#again = sent;
    this.#sent = this.#options.health.now();
    this.#options.dispatcher.dispatch(sent, this);
    return undefined;
  }

  /** Throws where the buffer is somebody else's already. */
  #takeBody(body: BodyState): Readable | Uint8Array | string | null {
    if (typeof body !== 'object') return body ?? null;
    switch (body.kind) {
      case 'bytes':
        return takeBuffer(body.buffer);
      case 'stream':
        // An async iterable is sent like a stream; undici's types do not say so.
        return (this.#upload ?? null) as unknown as Readable | null;
    }
  }

  #openBody(controller: Dispatcher.DispatchController, head: ResponseHead, isDecoded: boolean): BodyState {
    const { turns, enter, limits } = this.#options;
    const { bufferedBytes } = limits;
    const body = new ResponseBody({ turns, enter, bufferedBytes, onCancel: () => this.#discard() });
    this.#body = body;
    this.#left = head.length;
    this.#consumer = isDecoded ? decodeInto(body, head.codings, (coding) => this.#undecodable(coding)) : body;
    this.#consumer.onDrain = () => {
      if (!this.#isOver) controller.resume();
    };
    return neutral.streamBody(body.makeSource(), isDecoded ? -1 : head.length);
  }

  #undecodable(coding: string): void {
    if (this.#isDiscarding) return;
    const failure = makeError('NETWORK_ANSWER', { server: this.#server, reason: `is not valid ${coding}` });
    this.#body?.fail(toFetchError(failure));
    this.#consumer?.destroy();
    this.#options.health.failed(failure);
    this.#end(toFetchError(failure));
  }

  /** Nobody reads the body: what is left of it is received where it is short, so that the connection can be used again. */
  #discard(): void {
    if (this.#isDiscarding) return;
    this.#isDiscarding = true;
    this.#consumer?.destroy();
    if (this.#isOver) return;
    const { discardedBytes } = this.#options.limits;
    if (this.#left > discardedBytes) {
      this.#end(answered);
      return;
    }
    this.#consumer = new Discarder(discardedBytes, () => this.#end(answered));
    this.#controller?.resume();
  }

  #fail(error: ErrorState): void {
    if (this.#isAnswered) this.#body?.fail(error);
    else this.#options.turns.run(() => this.#settle(undefined, error));
    this.#releaseUpload(error);
  }

  /** Breaks the exchange off. */
  #end(reason: ErrorState): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller?.abort(new Error('aborted'));
    this.#releaseUpload(reason);
  }

  #settle(response: ResponseState | undefined, error: ErrorState | undefined): void {
    const call = this.#call;
    this.#call = undefined;
    if (call === undefined || call.aborted !== undefined) return;
    this.#options.enter(() => {
      try {
        call.settle(call, response, error);
      } catch {
        // The caller's prelude failed near stack overflow; it has nothing more to do for this call.
      }
    });
  }

  #releaseUpload(reason: ErrorState): void {
    if (this.#upload !== undefined) this.#options.turns.run(() => this.#upload?.cancel(reason));
  }
}
