/**
 * Makes the neutral records of prelude/state.ts. One class each per thread, so that all realms see the same hidden class; their
 * prototypes have no parent, so that a record by itself leads nowhere.
 */

import type {
  BodyState,
  CallState,
  DataState,
  EdgeCounts,
  ErrorState,
  NeutralHost,
  RequestState,
  ResponseState,
  SourceState,
  TargetState,
  WebSocketState,
} from './prelude/state.ts';
import { makeWebSocketPair } from './web-socket-pair.ts';

class NeutralError implements ErrorState {
  readonly kind: ErrorState['kind'];
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code: string;

  constructor(kind: ErrorState['kind'], name: string, message: string, stack: string, code: string) {
    this.kind = kind;
    this.name = name;
    this.message = message;
    this.stack = stack;
    this.code = code;
  }
}

class NeutralSource implements SourceState {
  readonly read: SourceState['read'];
  readonly cancel: SourceState['cancel'];

  constructor(read: SourceState['read'], cancel: SourceState['cancel']) {
    this.read = read;
    this.cancel = cancel;
  }
}

class NeutralData implements DataState {
  readonly kind: DataState['kind'];
  readonly buffer: ArrayBuffer | undefined;
  readonly source: SourceState | undefined;
  readonly length: number;

  constructor(
    kind: DataState['kind'],
    buffer: ArrayBuffer | undefined,
    source: SourceState | undefined,
    length: number,
  ) {
    this.kind = kind;
    this.buffer = buffer;
    this.source = source;
    this.length = length;
  }
}

class NeutralRequest implements RequestState {
  readonly method: string;
  readonly url: string;
  readonly headers: string;
  readonly body: BodyState;
  readonly cf: string;

  constructor(method: string, url: string, headers: string, body: BodyState, cf: string) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = body;
    this.cf = cf;
  }
}

class NeutralResponse implements ResponseState {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
  readonly body: BodyState;
  readonly webSocket: WebSocketState | undefined;

  constructor(
    status: number,
    statusText: string,
    headers: string,
    body: BodyState,
    webSocket: WebSocketState | undefined,
  ) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.body = body;
    this.webSocket = webSocket;
  }
}

class NeutralCall implements CallState {
  readonly settle: CallState['settle'];
  readonly target: TargetState | undefined;
  readonly request: RequestState;
  readonly resolve: unknown;
  readonly reject: unknown;
  readonly context: unknown;
  aborted: ErrorState | undefined = undefined;
  onAbort: ((reason: ErrorState) => void) | undefined = undefined;
  previous: CallState | undefined = undefined;
  following: CallState | undefined = undefined;

  constructor(
    settle: CallState['settle'],
    target: TargetState | undefined,
    request: RequestState,
    resolve: unknown,
    reject: unknown,
    context: unknown,
  ) {
    this.settle = settle;
    this.target = target;
    this.request = request;
    this.resolve = resolve;
    this.reject = reject;
    this.context = context;
  }
}

for (const record of [
  NeutralError,
  NeutralSource,
  NeutralData,
  NeutralRequest,
  NeutralResponse,
  NeutralCall,
]) {
  delete (record.prototype as { constructor?: unknown }).constructor;
  Object.freeze(Object.setPrototypeOf(record.prototype, null));
}

/** The factories, for hosts and (through the host API) for preludes. */
/** Buckets of times in EdgeCounts. */
export const timeBuckets = 32;

function openTimes(counts: EdgeCounts): void {
  counts.times ??= new Float64Array(timeBuckets);
}

export const neutral: NeutralHost = Object.freeze({
  __proto__: null,
  error: (kind, name, message, stack, code) => new NeutralError(kind, name, message, stack, code),
  bytesBody: (buffer, length) => new NeutralData('bytes', buffer, undefined, length),
  streamBody: (source, length) => new NeutralData('stream', undefined, source, length),
  source: (read, cancel) => new NeutralSource(read, cancel),
  request: (method, url, headers, body, cf) => new NeutralRequest(method, url, headers, body, cf),
  response: (status, statusText, headers, body, webSocket) =>
    new NeutralResponse(status, statusText, headers, body, webSocket),
  webSocketPair: makeWebSocketPair,
  call: (settle, target, request, resolve, reject, context) =>
    new NeutralCall(settle, target, request, resolve, reject, context),
  openTimes,
} satisfies NeutralHost & { __proto__: null });

/** Lets go of a response that nobody will take. */
export function discardResponse(response: ResponseState, reason: ErrorState): void {
  discardBody(response.body, reason);
  response.webSocket?.drop(1006, '');
}

/** Lets go of a body that nobody will read. */
export function discardBody(body: BodyState, reason: ErrorState): void {
  if (typeof body === 'object') body.source?.cancel(reason);
}
