/** One request from outside and its response: refused, brought to a service, answered, or switched to a WebSocket. Runs in a thread. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { discardResponse, neutral } from '../../realm/neutral.ts';
import type { CallState, ErrorState, ResponseState } from '../../realm/prelude/state.ts';
import { countCall } from '../../services/edge.ts';
import { retryAfterOf } from '../../services/retry-after.ts';
import { endRequest, type RequestContext, runInRequest } from '../../services/request-context.ts';
import { type ErrorCode, type ErrorEntry, errorTable } from '../../shared/errors.ts';
import { quote } from '../../shared/text.ts';
import type { Door } from './door.ts';
import type { IngressPowers } from './ingress-powers.ts';
import { RequestBody } from './request-source.ts';
import { hasBody, toRequestState } from './request-state.ts';
import { sendResponse } from './send-response.ts';
import { stickyDraw } from './sticky.ts';
import type { Upgrade, Upgrades } from './upgrades.ts';

export interface ExchangeOptions {
  readonly door: Door;
  readonly requestId: string;
  readonly powers: IngressPowers;
  readonly isDraining: () => boolean;
  /** Of a request for a WebSocket. */
  readonly upgrade: Upgrade | undefined;
  readonly upgrades: Upgrades;
  /** Called when there is nothing more to send; perhaps more than once. */
  readonly onEnd: () => void;
}

/** One request and its response. */
export class Exchange {
  readonly #message: IncomingMessage;
  readonly #out: ServerResponse;
  readonly #options: ExchangeOptions;
  readonly #context: RequestContext;
  #call: CallState | undefined;
  #body: RequestBody | undefined;
  #count: ReturnType<typeof countCall> | undefined;
  #isSwitched = false;
  /** What answers. */
  #service = '';

  constructor(message: IncomingMessage, out: ServerResponse, options: ExchangeOptions) {
    this.#message = message;
    this.#out = out;
    this.#options = options;
    out.once('close', options.onEnd);
    this.#context = { requestId: options.requestId, depth: 0 };
  }

  /** `expects`: the client sends its body when it is told to go on. */
  start(expects: boolean): void {
    const message = this.#message;
    const { powers, upgrade, door } = this.#options;
    const limit = powers.limits.bodyBytes;
    if (message.httpVersionMajor < 1) return this.#refuse('BAD_REQUEST');
    if (message.method === 'TRACE') return this.#refuse('METHOD_REFUSED');
    if (Number(message.headers['content-length'] ?? 0) > limit) return this.#refuse('BODY_TOO_LARGE');
    if (hasBody(message))
      this.#body = new RequestBody(message, { limit, onTooLarge: () => this.#refuse('BODY_TOO_LARGE') });
    const isBodyless = message.method === 'GET' || message.method === 'HEAD';
    const request = toRequestState(
      message,
      isBodyless ? undefined : this.#body?.source,
      upgrade !== undefined,
      door,
    );
    if (request === undefined) return this.#refuse('BAD_REQUEST');
    const to = door.to(request.url);
    if (to === undefined) return this.#refuse('ROUTE_NOT_FOUND');
    const { target, service } = to;
    this.#service = service;
    this.#context.service = service;
    this.#context.entrypoint = to.entrypoint;
    if (door.sticky !== undefined) this.#context.draw = stickyDraw(message.headers, door.sticky);
    if (expects) this.#out.writeContinue();
    const count = (this.#count = countCall(target.counts));
    const settle: CallState['settle'] = (_call, response, error) => {
      count.end(response === undefined ? 'errors' : 'well');
      if (response === undefined) this.#fail(error as ErrorState);
      else if (this.#out.headersSent || this.#out.destroyed) discardResponse(response, clientGone);
      else if (response.webSocket !== undefined) this.#switch(this.#rewritten(response));
      else this.#send(this.#rewritten(response));
    };
    const call = neutral.call(settle, target, request, undefined, undefined, undefined);
    this.#call = call;
    this.#inRequest(() => target.fetch(request, call));
  }

  /** What a worker does then, and logs, belongs to this request. */
  #inRequest(run: () => void): void {
    this.#options.powers.onEnter(this.#service);
    runInRequest(this.#context, run);
  }

  /** The connection is done with this exchange; if the worker is not, nobody waits for it any more. */
  close(): void {
    this.#body?.close();
    endRequest(this.#context);
    const call = this.#call;
    if (call === undefined || this.#isSwitched || this.#out.writableFinished || call.aborted !== undefined)
      return;
    call.aborted = clientGone;
    this.#count?.end('canceled');
    this.#inRequest(() => call.onAbort?.(clientGone));
  }

  #rewritten(response: ResponseState): ResponseState {
    const { rewriter } = this.#options.door;
    return rewriter === undefined ? response : rewriter.response(response);
  }

  #send(response: ResponseState): void {
    try {
      sendResponse(this.#out, response, {
        isHead: this.#message.method === 'HEAD',
        close: this.#options.isDraining(),
        inRequest: (run) => this.#inRequest(run),
        onUnsendable: (error) => this.#inRequest(() => this.#cannotSend(response, error as Error)),
        onBodyError: (error, isSent) => this.#bodyFailed(error, isSent),
      });
    } catch (error) {
      this.#cannotSend(response, error as Error);
    }
  }

  /** The client notices by the end of the connection, or is told. */
  #bodyFailed(error: ErrorState, isSent: boolean): void {
    const text = `a response body failed: ${error.name}: ${error.message}`;
    this.#inRequest(() => this.#options.powers.log(50, text, this.#service, error));
    if (!isSent) this.#refuseWith(statusOf(error));
  }

  /** The connection becomes a WebSocket, and the response is complete with that. */
  #switch(response: ResponseState): void {
    const { upgrade, upgrades, onEnd, powers } = this.#options;
    if (upgrade === undefined)
      return this.#cannotSend(response, new Error('nobody has asked for a WebSocket'));
    try {
      this.#out.detachSocket(upgrade.socket as Socket);
      this.#isSwitched = true;
      this.#inRequest(() =>
        upgrades.accept(upgrade, response, {
          onFault: (reason) => powers.log(40, `a WebSocket was closed: ${reason}`, this.#service),
          onClosed: onEnd,
        }),
      );
    } catch (error) {
      this.#isSwitched = false;
      this.#out.assignSocket(upgrade.socket as Socket);
      this.#cannotSend(response, error as Error);
    }
  }

  #cannotSend(response: ResponseState, { message }: Error): void {
    this.#options.powers.log(50, `a response cannot be sent: ${message}`, this.#service);
    discardResponse(response, clientGone);
    this.#refuse('INTERNAL');
  }

  /**
   * No internals leave: what happened stands in the log under the request id. A worker has logged what it threw; an error of nanod itself,
   * which no worker has thrown on, has no stack, and is logged here.
   */
  #fail(error: ErrorState): void {
    const { code, message, stack } = error;
    const { log } = this.#options.powers;
    if (code !== '' && stack === '') log(50, `${quote(this.#service)} did not answer: ${message}`, '');
    this.#refuseWith(statusOf(error), retryAfterOf(error));
  }

  #refuse(code: ErrorCode): void {
    this.#refuseWith((errorTable[code] as ErrorEntry<never>).httpStatus ?? 500);
  }

  #refuseWith(status: number, retryAfter?: number): void {
    const out = this.#out;
    if (out.headersSent || out.destroyed) return;
    const unread = !this.#message.complete;
    const text = `${status} ${statusNames[status] ?? 'Error'} (request ${this.#options.requestId})\n`;
    const fields = `content-type\ntext/plain;charset=UTF-8\nx-request-id\n${this.#options.requestId}\n`;
    const { rewriter } = this.#options.door;
    const headers = (rewriter === undefined ? fields : rewriter.responseHeaders(fields))
      .split('\n')
      .slice(0, -1);
    headers.push('content-length', String(text.length));
    if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
    if (unread || this.#options.isDraining()) headers.push('connection', 'close');
    out.writeHead(status, headers);
    out.end(this.#message.method === 'HEAD' ? '' : text);
  }
}

function statusOf({ code }: ErrorState): number {
  return (errorTable as Record<string, ErrorEntry<never> | undefined>)[code]?.httpStatus ?? 500;
}

const statusNames: Readonly<Record<number, string>> = Object.freeze({
  400: 'Bad Request',
  404: 'Not Found',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  508: 'Loop Detected',
});

const clientGone = neutral.error('domexception', 'AbortError', 'The client disconnected.', '', '');
