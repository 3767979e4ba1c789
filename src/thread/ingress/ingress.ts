/** The HTTP side of a thread: listens on sockets, brings each request to the service behind, and drains. */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { ListenFailure } from '../../messages/control.ts';
import type { IngressLimits, SocketSpec } from '../../messages/startup.ts';
import { discardResponse, neutral } from '../../realm/neutral.ts';
import type { CallState, ErrorState, ResponseState, TargetState } from '../../realm/prelude/state.ts';
import { countCall } from '../../services/edge.ts';
import { endRequest, type RequestContext, runInRequest } from '../../services/request-context.ts';
import { type ErrorCode, type ErrorEntry, errorTable } from '../../shared/errors.ts';
import { quote } from '../../shared/text.ts';
import { RequestBody } from './request-source.ts';
import { hasBody, toRequestState } from './request-state.ts';
import { sendResponse } from './send-response.ts';
import { isHandshake, type Upgrade, Upgrades } from './upgrades.ts';

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

/** What a socket leads to. A deployment changes it; a request keeps what it found. */
interface Door {
  target: TargetState;
  service: string;
  /** Nothing is accepted any more. */
  isClosing: boolean;
}

export class Ingress {
  readonly #powers: IngressPowers;
  readonly #servers = new Set<Server>();
  /** By the name of their socket. */
  readonly #open = new Map<string, { readonly server: Server; readonly door: Door }>();
  readonly #upgrades = new Upgrades();
  /** Requests that are not answered completely, and WebSockets that are not closed. */
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
    const door: Door = {
      target: this.#powers.target(socket),
      service: socket.target.service,
      isClosing: false,
    };
    const options: ServerOptions = {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      connectionsCheckingInterval: limits.checkInterval,
      highWaterMark: 64 * 1024,
      // Node.js before 24.9 knows no such option, and gives every request for an upgrade to the listener.
      shouldUpgradeCallback: isHandshake,
    };
    const server = createServer(options, (message, out) => this.#handle(door, message, out, false));
    server.on('checkContinue', (message: IncomingMessage, out: ServerResponse) =>
      this.#handle(door, message, out, true),
    );
    server.on('upgrade', (message: IncomingMessage, socket, head) =>
      this.#handleUpgrade(door, { message, socket, head }),
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
    this.#servers.add(server);
    this.#open.set(socket.name, { server, door });
    return new Promise((resolve) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        this.#servers.delete(server);
        this.#open.delete(socket.name);
        resolve({ socket: socket.name, code: error.code ?? '', message: error.message });
      });
      const host = socket.host === '*' ? {} : { host: socket.host };
      server.listen({ port: socket.port, reusePort: socket.shared, ...host }, () => resolve(undefined));
    });
  }

  /** Requests from now on go where these sockets lead. */
  lead(sockets: readonly SocketSpec[]): void {
    for (const socket of sockets) {
      const door = this.#open.get(socket.name)?.door;
      if (door === undefined) continue;
      door.target = this.#powers.target(socket);
      door.service = socket.target.service;
    }
  }

  /** Stops accepting on some sockets; what is under way there goes on, and connections end with it. */
  unlisten(names: readonly string[]): void {
    for (const name of names) {
      const open = this.#open.get(name);
      if (open === undefined) continue;
      this.#open.delete(name);
      open.door.isClosing = true;
      NetServer.prototype.close.call(open.server, () => this.#servers.delete(open.server));
      setTimeout(() => open.server.closeIdleConnections(), this.#powers.limits.lingerTimeout);
    }
  }

  /**
   * Stops accepting. Connections end with the response they carry, WebSockets are asked to close. Idle connections stay a moment longer: what
   * their clients have sent before they could hear of the end would be lost otherwise.
   */
  stopAccepting(): void {
    this.#draining = true;
    this.#lingering = true;
    // Not http's own close, which ends idle connections at once.
    for (const server of this.#servers) NetServer.prototype.close.call(server);
    this.#upgrades.closeAll();
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
    this.#upgrades.destroyAll();
    return aborted;
  }

  /** `expects`: the client sends its body when it is told to go on. */
  #handle(door: Door, message: IncomingMessage, out: ServerResponse, expects: boolean): void {
    this.#begin(door, message, out, undefined).start(door, expects);
  }

  #handleUpgrade(door: Door, upgrade: Upgrade): void {
    const out = this.#upgrades.respond(upgrade);
    const asked = isHandshake(upgrade.message) ? upgrade : undefined;
    this.#begin(door, upgrade.message, out, asked).start(door, false);
  }

  #begin(door: Door, message: IncomingMessage, out: ServerResponse, upgrade: Upgrade | undefined): Exchange {
    const requestId = this.#powers.nextRequestId();
    this.#inFlight++;
    let isOpen = true;
    const exchange = new Exchange(message, out, {
      requestId,
      powers: this.#powers,
      isDraining: () => this.#draining || door.isClosing,
      upgrade,
      upgrades: this.#upgrades,
      onEnd: () => {
        if (!isOpen) return;
        isOpen = false;
        this.#inFlight--;
        exchange.close();
        if (this.#inFlight === 0) this.#powers.onIdle();
      },
    });
    return exchange;
  }
}

interface ExchangeOptions {
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
class Exchange {
  readonly #message: IncomingMessage;
  readonly #out: ServerResponse;
  readonly #options: ExchangeOptions;
  readonly #context: RequestContext;
  #call: CallState | undefined;
  #body: RequestBody | undefined;
  #count: ReturnType<typeof countCall> | undefined;
  #isSwitched = false;

  constructor(message: IncomingMessage, out: ServerResponse, options: ExchangeOptions) {
    this.#message = message;
    this.#out = out;
    this.#options = options;
    out.once('close', options.onEnd);
    this.#context = { requestId: options.requestId, depth: 0 };
  }

  start({ target, service }: Door, expects: boolean): void {
    const message = this.#message;
    const { powers, upgrade } = this.#options;
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
    );
    if (request === undefined) return this.#refuse('BAD_REQUEST');
    if (expects) this.#out.writeContinue();
    const count = (this.#count = countCall(target.counts));
    const settle: CallState['settle'] = (_call, response, error) => {
      count.end(response === undefined ? 'errors' : 'well');
      if (response === undefined) this.#fail(error as ErrorState, service);
      else if (this.#out.headersSent || this.#out.destroyed) discardResponse(response, clientGone);
      else if (response.webSocket !== undefined) this.#switch(response);
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
    if (call === undefined || this.#isSwitched || this.#out.writableFinished || call.aborted !== undefined)
      return;
    call.aborted = clientGone;
    this.#count?.end('canceled');
    this.#inRequest(() => call.onAbort?.(clientGone));
  }

  #send(response: ResponseState): void {
    const { log } = this.#options.powers;
    try {
      sendResponse(this.#out, response, {
        isHead: this.#message.method === 'HEAD',
        close: this.#options.isDraining(),
        inRequest: (run) => this.#inRequest(run),
        onBodyError: (error) => log(50, `a response body failed: ${error.name}: ${error.message}`, error),
      });
    } catch (error) {
      this.#cannotSend(response, error as Error);
    }
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
          onFault: (reason) => powers.log(40, `a WebSocket was closed: ${reason}`),
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
    this.#options.powers.log(50, `a response cannot be sent: ${message}`);
    discardResponse(response, clientGone);
    this.#refuse('INTERNAL');
  }

  /**
   * No internals leave: what happened stands in the log under the request id. A worker has logged what it threw; an error of nanod itself,
   * which no worker has thrown on, has no stack, and is logged here.
   */
  #fail({ code, message, stack }: ErrorState, service: string): void {
    const { log } = this.#options.powers;
    if (code !== '' && stack === '') log(50, `${quote(service)} did not answer: ${message}`);
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
    const text = `${status} ${statusNames[status] ?? 'Error'} (request ${this.#options.requestId})\n`;
    out.writeHead(status, {
      'content-length': text.length,
      'content-type': 'text/plain;charset=UTF-8',
      'x-request-id': this.#options.requestId,
      ...(unread || this.#options.isDraining() ? { connection: 'close' } : {}),
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
