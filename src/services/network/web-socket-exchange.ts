/**
 * A request for a WebSocket on its way to a server: answered with status 101 and an end of the connection, or, as any request is, with
 * what the server answers instead. The connection is made by the same connector as all others, to permitted addresses only. Runs in
 * a thread.
 */

import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { buildConnector } from 'undici';
import { type ClientOptions, WebSocket } from 'ws';
import { neutral } from '../../realm/neutral.ts';
import type {
  BodyState,
  CallState,
  ErrorState,
  RequestState,
  ResponseState,
} from '../../realm/prelude/state.ts';
import { makeError, NanodError } from '../../shared/errors.ts';
import { wireOptions } from '../web-socket/wire.ts';
import type { Wires } from '../web-socket/wires.ts';
import type { HealthRecord } from '../health.ts';
import { canDecode, decodeInto } from './content-coding.ts';
import { exchangeFailure, toFetchError } from './failures.ts';
import type { NetworkLimits } from './limits.ts';
import { reasonPhrase, responseHead, withoutCoding } from './message-head.ts';
import { type ByteConsumer, ResponseBody } from './response-body.ts';
import type { Departure, Route } from './route.ts';
import type { Turns } from './turns.ts';

export interface WebSocketExchangeOptions {
  readonly connect: buildConnector.connector;
  readonly wires: Wires;
  readonly turns: Turns;
  readonly limits: NetworkLimits;
  /** Runs what calls the realm, as part of the request that the call belongs to. */
  readonly enter: (run: () => void) => void;
  readonly route: Route;
  readonly health: HealthRecord;
}

/** What Node.js's HTTP client takes as well; the package hands on what it does not know. */
type HandshakeOptions = ClientOptions & { readonly maxHeaderSize: number };

/** As the HTTP client calls it. The package's types know only functions that give a socket at once. */
type CreateConnection = (
  options: unknown,
  oncreate: (error: Error | null, socket: Duplex) => void,
) => undefined;

/** https://fetch.spec.whatwg.org/#null-body-status, those that are final */
const nullBodyStatuses: ReadonlySet<number> = new Set([204, 205, 304]);

/** Whether the request asks for a WebSocket. */
export function asksForWebSocket({ method, headers }: RequestState): boolean {
  return method === 'GET' && /(?:^|\n)upgrade\nwebsocket\n/iu.test(headers);
}

/** Settles its call at most once. */
export class WebSocketExchange {
  readonly #options: WebSocketExchangeOptions;
  /** Until it is sent. */
  #request: RequestState | undefined;
  /** Until it is settled. */
  #call: CallState | undefined;
  #server = '';
  #sent = 0;
  #socket: WebSocket | undefined;
  #headers = '';
  #answer: ClientRequest | undefined;
  #body: ResponseBody | undefined;

  constructor(request: RequestState, call: CallState, options: WebSocketExchangeOptions) {
    this.#options = options;
    this.#request = request;
    this.#call = call;
  }

  /** Sends the request. In a turn of its own. */
  start(): void {
    const request = this.#request;
    this.#request = undefined;
    if (request === undefined || this.#call === undefined) return;
    const { route, health } = this.#options;
    const way = route.depart(request);
    this.#server = way.server;
    this.#sent = health.now();
    if (way.url === undefined) this.#fail(way.error);
    else this.#shakeHands(way);
  }

  /** The caller has given up. In a turn of its own. */
  abort(reason: ErrorState): void {
    this.#call = undefined;
    this.#body?.abort(reason);
    this.#answer?.destroy();
    this.#socket?.terminate();
  }

  #shakeHands(way: Departure): void {
    let socket;
    try {
      const { protocols, headers } = handshakeHeaders(way.headers);
      socket = new WebSocket(way.url, protocols, this.#handshakeOptions(way, headers));
    } catch (error) {
      // What the handshake cannot say: a header, or a subprotocol.
      this.#fail(makeError('NETWORK_REQUEST', { server: this.#server, reason: (error as Error).message }));
      return;
    }
    this.#socket = socket;
    const opened = socket;
    socket.on('upgrade', (response) => (this.#headers = responseHead(response.rawHeaders).headers));
    socket.once('open', () => this.#open(opened));
    socket.once('unexpected-response', (sent, response) => this.#receive(sent, response));
    socket.on('error', (error) => this.#fail(this.#failureOf(error)));
  }

  #handshakeOptions({ url, target }: Departure, headers: Readonly<Record<string, string>>): HandshakeOptions {
    const { connect, limits } = this.#options;
    const { host, port, protocol } = url;
    const hostname = url.hostname.replace(/^\[(.*)\]$/u, '$1');
    const createConnection: CreateConnection = (_options, oncreate) => {
      // With an error, Node.js looks at no socket.
      connect({ host, hostname, port, protocol }, (...[error, socket]) => oncreate(error, socket as Duplex));
    };
    return {
      ...wireOptions,
      headers,
      handshakeTimeout: limits.headersTimeout,
      maxHeaderSize: limits.headerBytes,
      followRedirects: false,
      finishRequest(sent) {
        sent.path = target;
        sent.end();
      },
      createConnection: createConnection as unknown as NonNullable<ClientOptions['createConnection']>,
    };
  }

  #open(socket: WebSocket): void {
    const { first, second } = neutral.webSocketPair();
    const nothing = (): void => undefined;
    const { health, route, wires } = this.#options;
    health.answered(this.#sent);
    wires.add(socket, first, { onFault: nothing, onClosed: nothing });
    const headers = route.arrive(this.#headers);
    this.#settle(neutral.response(101, 'Switching Protocols', headers, undefined, second), undefined);
  }

  /** The server wants no WebSocket: what it says is a response like any other. */
  #receive(sent: ClientRequest, message: IncomingMessage): void {
    this.#answer = sent;
    const status = message.statusCode ?? 0;
    const head = responseHead(message.rawHeaders);
    const isBodyless = nullBodyStatuses.has(status);
    const isDecoded = !isBodyless && canDecode(head.codings);
    const body = isBodyless ? undefined : this.#openBody(message, isDecoded ? head.codings : []);
    if (isBodyless) message.resume();
    const length = isDecoded ? -1 : head.length;
    const { route, health } = this.#options;
    const headers = route.arrive(isDecoded ? withoutCoding(head.headers) : head.headers);
    health.answered(this.#sent);
    const state: BodyState = body === undefined ? undefined : neutral.streamBody(body.makeSource(), length);
    this.#settle(
      neutral.response(status, reasonPhrase(message.statusMessage ?? ''), headers, state),
      undefined,
    );
  }

  #openBody(message: IncomingMessage, codings: readonly string[]): ResponseBody {
    const { turns, enter, limits } = this.#options;
    const { bufferedBytes } = limits;
    const body = new ResponseBody({ turns, enter, bufferedBytes, onCancel: () => message.destroy() });
    this.#body = body;
    const failWith = (reason: string): void =>
      body.fail(toFetchError(makeError('NETWORK_ANSWER', { server: this.#server, reason })));
    const consumer: ByteConsumer =
      codings.length === 0 ? body : decodeInto(body, codings, (coding) => failWith(`is not valid ${coding}`));
    consumer.onDrain = () => message.resume();
    message.on('data', (chunk: Buffer) => {
      if (!consumer.write(chunk)) message.pause();
    });
    message.on('end', () => consumer.end());
    message.on('error', () => undefined); // 'close' follows
    message.on('close', () => {
      if (!message.complete) failWith('broke off');
    });
    return body;
  }

  #failureOf(error: Error): NanodError {
    if (error instanceof NanodError || 'code' in error) {
      return exchangeFailure(this.#server, error, this.#options.limits);
    }
    // The package's own words name no address.
    const reason = `is not that of a WebSocket (${error.message})`;
    return makeError('NETWORK_ANSWER', { server: this.#server, reason });
  }

  #fail(error: NanodError): void {
    if (this.#call !== undefined) this.#options.health.failed(error);
    this.#settle(undefined, toFetchError(error));
  }

  #settle(response: ResponseState | undefined, error: ErrorState | undefined): void {
    const call = this.#call;
    this.#call = undefined;
    if (call === undefined) {
      response?.webSocket?.drop(1006, '');
      return;
    }
    this.#options.turns.run(() => {
      if (call.aborted !== undefined) {
        response?.webSocket?.drop(1006, '');
        return;
      }
      this.#options.enter(() => {
        try {
          call.settle(call, response, error);
        } catch {
          // The caller's prelude failed near stack overflow; it has nothing more to do for this call.
        }
      });
    });
  }
}

interface HandshakeHeaders {
  readonly protocols: string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** What the worker asks for, without what belongs to the handshake itself. */
function handshakeHeaders(list: readonly string[]): HandshakeHeaders {
  const protocols: string[] = [];
  const headers = Object.create(null) as Record<string, string>;
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [name = '', value = ''] = [list[i], list[i + 1]];
    if (name === 'sec-websocket-protocol') {
      for (const protocol of value.split(',')) protocols.push(protocol.trim());
    } else if (!name.startsWith('sec-websocket-')) {
      const before = headers[name];
      headers[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
    }
  }
  return { protocols, headers };
}
