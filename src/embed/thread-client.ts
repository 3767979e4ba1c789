/**
 * The other end of a thread's data path, for a program that has threads in its process: what two threads say to each other
 * (src/messages/channel.ts), as far as somebody does who calls, and is not called. Runs on the main thread.
 */

import type { MessagePort } from 'node:worker_threads';
import { assertNever } from '../shared/assert.ts';
import { makeError } from '../shared/errors.ts';
import type {
  CallMessage,
  ChannelBatch,
  ChannelMessage,
  ErrorMessage,
  FetchReply,
  FetchRequest,
  ReturnMessage,
} from '../messages/channel.ts';
import { receiveResponse, sendBytes, sendHeaders, sendStream, type Streams } from './bodies.ts';
import { receiveError, sendError } from './errors.ts';
import { IncomingStreams, OutgoingStreams, type Send } from './streams.ts';
import { receiveValue, sendValues } from './values.ts';

/** Whom a call goes to; see DesignatorSpec. */
export interface Designator {
  readonly service: string;
  readonly entrypoint: string;
  /** JSON, or ''. */
  readonly props: string;
}

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

let requests = 0;

/** As the log shows it: `p-1`, `p-2`, for what the program has asked. */
function nextRequest(): { requestId: string; depth: number; draw: undefined } {
  return { requestId: `p-${(++requests).toString(36)}`, depth: 1, draw: undefined };
}

export class ThreadClient {
  readonly #port: MessagePort;
  readonly #streams: Streams;
  readonly #fetches = new Map<number, Waiting<Response>>();
  readonly #calls = new Map<number, Waiting<unknown>>();
  readonly #send: Send;
  #nextId = 1;
  #isClosed = false;

  /** `onClose`: the thread is gone. */
  constructor(port: MessagePort, onClose: () => void) {
    this.#port = port;
    this.#send = (message, transfers = []) => {
      if (!this.#isClosed) port.postMessage([message] satisfies ChannelBatch, [...transfers]);
    };
    this.#streams = { outgoing: new OutgoingStreams(this.#send), incoming: new IncomingStreams(this.#send) };
    port.on('message', (batch: ChannelBatch) => {
      for (const message of batch) this.#receive(message);
    });
    port.on('close', () => {
      this.#close();
      onClose();
    });
  }

  /** Asks a service. `hasAllBytes`: nothing of the body is still to come. Rejects as the service fails, or with the reason of the request's signal. */
  async fetch(to: Designator, request: Request, cf: string, hasAllBytes: boolean): Promise<Response> {
    request.signal.throwIfAborted();
    const headers = sendHeaders(request.headers);
    const { body, transfers } = hasAllBytes
      ? await sendBytes(request)
      : sendStream(request.body, this.#streams);
    const id = this.#nextId++;
    const { method, signal } = request;
    const url = request.url.replace(/#.*$/su, '');
    const message: FetchRequest = {
      type: 'fetch',
      id,
      target: { kind: 'entrypoint', ...to },
      ...nextRequest(),
      method,
      url,
      headers,
      body,
      cf,
    };
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    if (this.#isClosed) throw lost();
    this.#fetches.set(id, { resolve, reject });
    this.#send(message, transfers);
    const abort = (): void => {
      this.#fetches.delete(id);
      this.#send({ type: 'abort', id, reason: sendError(signal.reason) });
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort(); // while the body was read
    return promise;
  }

  /** Calls a method. Rejects as it fails. */
  async call(to: Designator, method: string, args: readonly unknown[]): Promise<unknown> {
    const { payload, transfers } = sendValues(args, this.#streams);
    if (this.#isClosed) throw lost();
    const id = this.#nextId++;
    const target = { kind: 'entrypoint', ...to } as const;
    const message: CallMessage = {
      type: 'call',
      id,
      target,
      path: [method],
      args: payload,
      ...nextRequest(),
    };
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#send(message, transfers);
    });
  }

  close(): void {
    this.#port.close();
    this.#close();
  }

  #receive(message: ChannelMessage): void {
    switch (message.type) {
      case 'reply':
        return this.#reply(message);
      case 'failure':
        return this.#fail(message.id, message.error);
      case 'return':
        return this.#return(message);
      case 'chunk':
        return this.#streams.incoming.chunk(message.stream, message.buffer);
      case 'end':
        return this.#streams.incoming.end(message.stream, undefined);
      case 'stream-failure':
        return this.#streams.incoming.end(message.stream, message.error);
      case 'credit':
        return this.#streams.outgoing.credit(message.stream, message.bytes);
      case 'cancel':
        return this.#streams.outgoing.cancel(message.stream, receiveError(message.reason));
      case 'socket-message':
      case 'socket-close':
      case 'socket-taken':
        return; // of a connection that was refused
      case 'fetch':
      case 'abort':
      case 'call':
      case 'call-drop':
      case 'call-forget':
      case 'release':
      case 'watch':
      case 'broken':
      case 'leave':
        throw new Error(`a thread asks the program: ${message.type}`);
      default:
        return assertNever(message);
    }
  }

  #reply(message: FetchReply): void {
    const waiting = this.#fetches.get(message.id);
    this.#fetches.delete(message.id);
    if (message.webSocket !== 0) {
      const close = { code: 1006, reason: '', isClean: false };
      this.#send({ type: 'socket-close', socket: -message.webSocket, ...close });
      const reason = 'the service has answered with a WebSocket: connect to one of the sockets for that';
      waiting?.reject(new TypeError(reason));
      return;
    }
    const response = receiveResponse(message, this.#streams);
    if (waiting === undefined) void response.body?.cancel();
    else waiting.resolve(response);
  }

  #fail(id: number, error: ErrorMessage): void {
    this.#fetches.get(id)?.reject(receiveError(error));
    this.#fetches.delete(id);
  }

  #return({ id, outcome, payload, failure, isKept }: ReturnMessage): void {
    const waiting = this.#calls.get(id);
    this.#calls.delete(id);
    try {
      if (failure !== undefined) throw receiveError(failure);
      const value = receiveValue(payload, this.#streams, this.#send);
      if (outcome === 'error') throw value;
      waiting?.resolve(value);
    } catch (error) {
      waiting?.reject(error);
    }
    // Nothing is asked of a result but what is in it.
    if (isKept) this.#send({ type: 'call-forget', ids: [id] });
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const error = lost();
    for (const { reject } of [...this.#fetches.values(), ...this.#calls.values()]) reject(error);
    this.#fetches.clear();
    this.#calls.clear();
    this.#streams.outgoing.cancelAll(error);
    this.#streams.incoming.failAll(sendError(error));
  }
}

function lost(): Error {
  return makeError('CHANNEL_LOST', {});
}
