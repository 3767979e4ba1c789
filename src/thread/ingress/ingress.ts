/** The HTTP side of a thread: listens on sockets, brings each request to the service behind, and drains. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { ListenFailure } from '../../messages/control.ts';
import type { IngressLimits, SocketSpec } from '../../messages/startup.ts';
import { discardBody, neutral } from '../../realm/neutral.ts';
import type { CallState, ErrorState, TargetState } from '../../realm/prelude/state.ts';
import { endRequest, type RequestContext, runInRequest } from '../../services/request-context.ts';
import { type ErrorCode, type ErrorEntry, errorTable } from '../../shared/errors.ts';
import { quote } from '../../shared/text.ts';
import { RequestBody } from './request-source.ts';
import { hasBody, toRequestState } from './request-state.ts';
import { sendResponse } from './send-response.ts';

export interface IngressPowers {
  readonly target: (socket: SocketSpec) => TargetState;
  readonly limits: IngressLimits;
  /** Unique within the process. */
  readonly nextRequestId: () => string;
  /** Called when a request or a connection ends; a drain looks whether it was the last. */
  readonly onIdle: () => void;
  /** `error`: what a worker's body failed with. */
  readonly log: (level: number, text: string, error?: ErrorState) => void;
}

/** What a socket leads to. */
interface Door {
  readonly target: TargetState;
  readonly service: string;
}

export class Ingress {
  readonly #powers: IngressPowers;
  readonly #servers: Server[] = [];
  #inFlight = 0;
  #connections = 0;
  #draining = false;
  #lingering = false;

  constructor(powers: IngressPowers) {
    this.#powers = powers;
  }

  /** Every request is answered completely, and once nothing is accepted any more, none is to come. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && !(this.#lingering && this.#connections > 0);
  }

  /** Resolves with what failed, if anything did. */
  listen(socket: SocketSpec): Promise<ListenFailure | undefined> {
    const { limits } = this.#powers;
    const door: Door = { target: this.#powers.target(socket), service: socket.target.service };
    const server = createServer(
      {
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.headersTimeout,
        requestTimeout: limits.requestTimeout,
        keepAliveTimeout: limits.keepAliveTimeout,
        connectionsCheckingInterval: limits.checkInterval,
        highWaterMark: 64 * 1024,
      },
      (message, out) => this.#handle(door, message, out, false),
    );
    server.on('checkContinue', (message: IncomingMessage, out: ServerResponse) =>
      this.#handle(door, message, out, true),
    );
    server.on('connect', (_message, socket) =>
      socket.end('HTTP/1.1 501 Not Implemented\r\nconnection: close\r\n\r\n'),
    );
    server.on('connection', (connection) => {
      this.#connections++;
      connection.once('close', () => {
        this.#connections--;
        this.#powers.onIdle();
      });
    });
    this.#servers.push(server);
    return new Promise((resolve) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        resolve({ socket: socket.name, code: error.code ?? '', message: error.message });
      });
      const host = socket.host === '*' ? {} : { host: socket.host };
      server.listen({ port: socket.port, reusePort: socket.shared, ...host }, () => resolve(undefined));
    });
  }

  /**
   * Stops accepting. Connections end with the response they carry. Idle ones stay a moment longer: what their clients have sent before
   * they could hear of the end would be lost otherwise.
   */
  stopAccepting(): void {
    this.#draining = true;
    this.#lingering = true;
    // Not http's own close, which ends idle connections at once.
    for (const server of this.#servers) NetServer.prototype.close.call(server);
    setTimeout(() => {
      this.#lingering = false;
      for (const server of this.#servers) server.close();
      this.#powers.onIdle();
    }, this.#powers.limits.lingerTimeout);
  }

  /** Cuts off what is left. Returns the number of requests that were cut off. */
  abortAll(): number {
    const aborted = this.#inFlight;
    for (const server of this.#servers) server.closeAllConnections();
    return aborted;
  }

  /** `expects`: the client sends its body when it is told to go on. */
  #handle(door: Door, message: IncomingMessage, out: ServerResponse, expects: boolean): void {
    const requestId = this.#powers.nextRequestId();
    const exchange = new Exchange(message, out, requestId, this.#powers, () => this.#draining);
    this.#inFlight++;
    out.once('close', () => {
      this.#inFlight--;
      exchange.close();
      if (this.#inFlight === 0) this.#powers.onIdle();
    });
    exchange.start(door, expects);
  }
}

/** One request and its response. */
class Exchange {
  readonly #message: IncomingMessage;
  readonly #out: ServerResponse;
  readonly #requestId: string;
  readonly #context: RequestContext;
  readonly #powers: IngressPowers;
  readonly #isDraining: () => boolean;
  #call: CallState | undefined;
  #body: RequestBody | undefined;

  constructor(
    message: IncomingMessage,
    out: ServerResponse,
    requestId: string,
    powers: IngressPowers,
    isDraining: () => boolean,
  ) {
    this.#message = message;
    this.#out = out;
    this.#requestId = requestId;
    this.#context = { requestId, depth: 0 };
    this.#powers = powers;
    this.#isDraining = isDraining;
  }

  start({ target, service }: Door, expects: boolean): void {
    const message = this.#message;
    const limit = this.#powers.limits.bodyBytes;
    if (message.httpVersionMajor < 1) return this.#refuse('BAD_REQUEST');
    if (message.method === 'TRACE') return this.#refuse('METHOD_REFUSED');
    if (Number(message.headers['content-length'] ?? 0) > limit) return this.#refuse('BODY_TOO_LARGE');
    if (hasBody(message))
      this.#body = new RequestBody(message, { limit, onTooLarge: () => this.#refuse('BODY_TOO_LARGE') });
    const isBodyless = message.method === 'GET' || message.method === 'HEAD';
    const request = toRequestState(message, isBodyless ? undefined : this.#body?.source);
    if (request === undefined) return this.#refuse('BAD_REQUEST');
    if (expects) this.#out.writeContinue();
    const settle: CallState['settle'] = (_call, response, error) => {
      if (response === undefined) this.#fail(error as ErrorState, service);
      else if (this.#out.headersSent || this.#out.destroyed) discardBody(response.body, clientGone);
      else this.#send(response);
    };
    const call = neutral.call(settle, target, request, undefined, undefined, undefined);
    this.#call = call;
    this.#inRequest(() => target.fetch(request, call));
  }

  /** What a worker does then, and logs, belongs to this request. */
  #inRequest(run: () => void): void {
    runInRequest(this.#context, run);
  }

  /** The connection is done with this exchange; if the worker is not, nobody waits for it any more. */
  close(): void {
    this.#body?.close();
    endRequest(this.#context);
    const call = this.#call;
    if (call === undefined || this.#out.writableFinished || call.aborted !== undefined) return;
    call.aborted = clientGone;
    this.#inRequest(() => call.onAbort?.(clientGone));
  }

  #send(response: Parameters<typeof sendResponse>[1]): void {
    const { log } = this.#powers;
    try {
      sendResponse(this.#out, response, {
        isHead: this.#message.method === 'HEAD',
        close: this.#isDraining(),
        inRequest: (run) => this.#inRequest(run),
        onBodyError: (error) => log(50, `a response body failed: ${error.name}: ${error.message}`, error),
      });
    } catch (error) {
      log(50, `a response cannot be sent: ${(error as Error).message}`);
      discardBody(response.body, clientGone);
      this.#refuse('INTERNAL');
    }
  }

  /**
   * No internals leave: what happened stands in the log under the request id. A worker has logged what it threw; an error of nanod itself,
   * which no worker has thrown on, has no stack, and is logged here.
   */
  #fail({ code, message, stack }: ErrorState, service: string): void {
    if (code !== '' && stack === '') this.#powers.log(50, `${quote(service)} did not answer: ${message}`);
    const entry = (errorTable as Record<string, ErrorEntry<never> | undefined>)[code];
    this.#refuseWith(entry?.httpStatus ?? 500);
  }

  #refuse(code: ErrorCode): void {
    this.#refuseWith((errorTable[code] as ErrorEntry<never>).httpStatus ?? 500);
  }

  #refuseWith(status: number): void {
    const out = this.#out;
    if (out.headersSent || out.destroyed) return;
    const unread = !this.#message.complete;
    const text = `${status} ${statusNames[status] ?? 'Error'} (request ${this.#requestId})\n`;
    out.writeHead(status, {
      'content-length': text.length,
      'content-type': 'text/plain;charset=UTF-8',
      'x-request-id': this.#requestId,
      ...(unread || this.#isDraining() ? { connection: 'close' } : {}),
    });
    out.end(this.#message.method === 'HEAD' ? '' : text);
  }
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
