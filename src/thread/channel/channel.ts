/**
 * One end of the data path to a thread of another group. Messages of one turn travel in one post: a call by itself leaves at once
 * after the turn, and a thousand calls cost one wake-up.
 */

import type { MessagePort } from 'node:worker_threads';
import type {
  BodyMessage,
  ChannelBatch,
  ChannelMessage,
  FetchReply,
  FetchRequest,
} from '../../messages/channel.ts';
import { discardResponse, neutral } from '../../realm/neutral.ts';
import type {
  BodyState,
  CallState,
  ErrorState,
  RequestState,
  ResponseState,
  SourceState,
  TargetState,
} from '../../realm/prelude/state.ts';
import { makeHostError } from '../../services/host-error.ts';
import type { RemoteThread } from '../../services/remote.ts';
import {
  currentRequest,
  endRequest,
  nextDepth,
  type RequestContext,
  runInRequest,
} from '../../services/request-context.ts';
import type { OnSettle, Outcome } from '../../realm/prelude/rpc/rpc-state.ts';
import { assertNever } from '../../shared/assert.ts';
import { assertHeadroom } from '../../shared/headroom.ts';
import { RpcCalls } from './rpc/calls.ts';
import { ChannelSockets } from './channel-sockets.ts';
import { IncomingStreams } from './incoming-streams.ts';
import { toErrorMessage } from './error-message.ts';
import { OutgoingStreams, type Send } from './outgoing-streams.ts';

const transferBuffer = ArrayBuffer.prototype.transfer;

export interface ChannelOptions {
  readonly port: MessagePort;
  /** The way to a service of this thread. */
  readonly target: (service: string, entrypoint: string, props: string) => TargetState;
  /** Gives a stack the positions of sources, which only the thread of a worker knows. */
  readonly mapStack: (stack: string) => string;
  readonly nextTick: (flush: () => void) => void;
  /** The other thread is gone. */
  readonly onClose: () => void;
}

export class Channel implements RemoteThread {
  readonly #options: ChannelOptions;
  /** Calls of this thread, by id. */
  readonly #calls = new Map<number, CallState>();
  /** Calls of the other thread that are answered here, by its id; and those whose response is still being sent. */
  readonly #answering = new Map<number, CallState>();
  readonly #streaming = new Map<number, CallState>();
  readonly #outgoing: OutgoingStreams;
  readonly #incoming: IncomingStreams;
  readonly #rpc: RpcCalls;
  readonly #sockets: ChannelSockets;
  readonly #gone = neutral.error('domexception', 'AbortError', 'Nobody waits for the response.', '', '');
  #nextId = 1;
  #outbox: ChannelMessage[] = [];
  #transfers: ArrayBuffer[] = [];
  #closed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    const send: Send = (message, transfers) => this.#send(message, transfers);
    this.#outgoing = new OutgoingStreams(send);
    this.#incoming = new IncomingStreams(send);
    this.#rpc = new RpcCalls({
      send,
      sendBody: (body) => this.#sendBody(body),
      receiveBody: (body) => this.#receiveBody(body),
      target: options.target,
      mapStack: options.mapStack,
    });
    this.#sockets = new ChannelSockets(send);
    options.port.on('message', (batch: ChannelBatch) => {
      for (const message of batch) this.#receive(message);
      this.#rpc.endBatch();
    });
    options.port.on('close', () => this.#close());
  }

  fetch(service: string, entrypoint: string, props: string, request: RequestState, call: CallState): void {
    if (this.#closed) return call.settle(call, undefined, makeHostError('CHANNEL_LOST', {}));
    assertHeadroom(); // what follows is begun and finished, or not begun
    const depth = nextDepth();
    if (depth === undefined) return call.settle(call, undefined, makeHostError('CALL_TOO_DEEP', {}));
    const id = this.#nextId++;
    this.#calls.set(id, call);
    const others = call.onAbort;
    call.onAbort = (reason) => {
      others?.(reason);
      this.#calls.delete(id);
      this.#send({ type: 'abort', id, reason: toErrorMessage(reason) });
    };
    const { body, transfers } = this.#sendBody(request.body);
    const { method, url, headers, cf } = request;
    const { requestId = '', draw } = currentRequest() ?? {};
    const message = {
      id,
      service,
      entrypoint,
      props,
      requestId,
      depth,
      draw,
      method,
      url,
      headers,
      body,
      cf,
    };
    this.#send({ type: 'fetch', ...message }, transfers);
  }

  call(...[service, entrypoint, props, path, args, source]: Parameters<RemoteThread['call']>): Outcome {
    return this.#rpc.call({ kind: 'entrypoint', service, entrypoint, props }, path, args, source);
  }

  /** What the two threads keep for each other here, as far as methods go. */
  get held(): number {
    return this.#rpc.held;
  }

  /** A realm of this thread is going, and takes no results of methods any more that were to be given to this function. */
  abandon(onSettle: OnSettle): void {
    this.#rpc.abandon(onSettle);
  }

  /** What was sent in this turn still leaves. */
  close(): void {
    this.#flush();
    this.#options.port.close();
  }

  #receive(message: ChannelMessage): void {
    switch (message.type) {
      case 'fetch':
        return this.#answer(message);
      case 'reply':
        return this.#reply(message);
      case 'failure':
        return this.#settle(message.id, message.error);
      case 'abort':
        return this.#abort(message.id, message.reason);
      case 'chunk':
        return this.#incoming.chunk(message.stream, message.buffer);
      case 'end':
        return this.#incoming.end(message.stream, undefined);
      case 'stream-failure':
        return this.#incoming.end(message.stream, message.error);
      case 'credit':
        return this.#outgoing.credit(message.stream, message.bytes);
      case 'cancel':
        return this.#outgoing.cancel(message.stream, message.reason);
      case 'socket-message':
        return this.#sockets.message(message.socket, message.text, message.buffer);
      case 'socket-close':
        return this.#sockets.closed(message.socket, message.code, message.reason, message.isClean);
      case 'socket-taken':
        return this.#sockets.taken(message.socket, message.cost);
      default:
        if (!this.#rpc.receive(message)) assertNever(message as never);
    }
  }

  #answer(message: FetchRequest): void {
    const { id, method, url, headers, cf, requestId, depth, draw } = message;
    const target = this.#options.target(message.service, message.entrypoint, message.props);
    const request = neutral.request(method, url, headers, this.#receiveBody(message.body), cf);
    const context: RequestContext = { requestId, depth, draw, service: message.service };
    const settle: CallState['settle'] = (settled, response, error) => {
      const isAwaited = this.#answering.delete(id);
      const goesOn = isStream(response?.body) || response?.webSocket !== undefined;
      if (!isAwaited || !goesOn) endRequest(context);
      if (!isAwaited) {
        if (response !== undefined) discardResponse(response, call.aborted ?? this.#gone);
        return;
      }
      if (response === undefined) {
        const message = toErrorMessage(error as ErrorState);
        this.#send({
          type: 'failure',
          id,
          error: { ...message, stack: this.#options.mapStack(message.stack) },
        });
        return;
      }
      this.#sendReply(id, call, response, context);
    };
    const call = neutral.call(settle, target, request, undefined, undefined, undefined);
    this.#answering.set(id, call);
    runInRequest(context, () => target.fetch(request, call));
  }

  /** The request ends with its streamed body, or with its WebSocket. */
  #sendReply(id: number, call: CallState, response: ResponseState, context: RequestContext): void {
    const { status, statusText, headers, webSocket: end } = response;
    if (isStream(response.body)) this.#streaming.set(id, call);
    const { body, transfers } = this.#sendBody(response.body, () => {
      this.#streaming.delete(id);
      endRequest(context);
    });
    const webSocket = end === undefined ? 0 : this.#sockets.share(end, () => endRequest(context));
    this.#send({ type: 'reply', id, status, statusText, headers, body, webSocket }, transfers);
  }

  #reply(message: FetchReply): void {
    const call = this.#calls.get(message.id);
    const body = this.#receiveBody(message.body);
    const { status, statusText, headers, webSocket } = message;
    const end = webSocket === 0 ? undefined : this.#sockets.receive(webSocket);
    const response = neutral.response(status, statusText, headers, body, end);
    if (call === undefined) {
      discardResponse(response, this.#gone);
      return;
    }
    this.#calls.delete(message.id);
    call.settle(call, response, undefined);
  }

  #settle(id: number, error: ErrorState): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.settle(call, undefined, error);
  }

  #abort(id: number, reason: ErrorState): void {
    const call = this.#answering.get(id) ?? this.#streaming.get(id);
    if (call === undefined) return;
    this.#answering.delete(id);
    this.#streaming.delete(id);
    call.aborted = reason;
    call.onAbort?.(reason);
  }

  /** `onEnd`: a streamed body is over, however it ended. */
  #sendBody(
    body: BodyState,
    onEnd: () => void = () => {},
  ): { body: BodyMessage; transfers: readonly ArrayBuffer[] } {
    if (body === undefined || typeof body === 'string') return { body, transfers: [] };
    if (body.kind === 'bytes') {
      const buffer = transferBuffer.call(body.buffer as ArrayBuffer);
      return { body: { kind: 'bytes', buffer }, transfers: [buffer] };
    }
    const stream = this.#outgoing.open(body.source as SourceState, onEnd);
    return { body: { kind: 'stream', stream, length: body.length }, transfers: [] };
  }

  #receiveBody(body: BodyMessage): BodyState {
    if (body === undefined || typeof body === 'string') return body;
    if (body.kind === 'bytes') return neutral.bytesBody(body.buffer, body.buffer.byteLength);
    return neutral.streamBody(this.#incoming.open(body.stream), body.length);
  }

  #send(message: ChannelMessage, transfers: readonly ArrayBuffer[] = []): void {
    if (this.#closed) return;
    if (this.#outbox.length === 0) {
      assertHeadroom();
      this.#options.nextTick(() => this.#flush());
    }
    this.#outbox.push(message);
    for (const buffer of transfers) this.#transfers.push(buffer);
  }

  #flush(): void {
    const batch: ChannelBatch = this.#outbox;
    const transfers = this.#transfers;
    this.#outbox = [];
    this.#transfers = [];
    if (!this.#closed) this.#options.port.postMessage(batch, transfers);
  }

  /** Calls and streams under way fail, each on its own side. */
  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const lost = makeHostError('CHANNEL_LOST', {});
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.settle(call, undefined, lost);
    for (const id of [...this.#answering.keys(), ...this.#streaming.keys()]) this.#abort(id, lost);
    this.#outgoing.cancelAll(lost);
    this.#incoming.failAll(lost);
    this.#rpc.close();
    this.#sockets.dropAll();
    this.#options.onClose();
  }
}

function isStream(body: BodyState): boolean {
  return typeof body === 'object' && body.kind === 'stream';
}
