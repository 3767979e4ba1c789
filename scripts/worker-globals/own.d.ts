/**
 * What src/worker-globals.d.ts takes from here instead of TypeScript's types of a browser's worker, or in addition to them: what realms have in a
 * form of their own. Only what the list in docs/workers.md names is taken. Interfaces extend those of the browser, unless they are marked
 * as replacing them.
 */

interface RealmEventMap {
  error: ErrorEvent;
  fetch: FetchEvent;
  rejectionhandled: PromiseRejectionEvent;
  unhandledrejection: PromiseRejectionEvent;
}

declare function addEventListener<Type extends keyof RealmEventMap>(
  type: Type,
  listener: (event: RealmEventMap[Type]) => unknown,
  options?: boolean | AddEventListenerOptions,
): void;
declare function addEventListener(
  type: string,
  listener: EventListenerOrEventListenerObject,
  options?: boolean | AddEventListenerOptions,
): void;
declare function removeEventListener<Type extends keyof RealmEventMap>(
  type: Type,
  listener: (event: RealmEventMap[Type]) => unknown,
  options?: boolean | EventListenerOptions,
): void;
declare function removeEventListener(
  type: string,
  listener: EventListenerOrEventListenerObject,
  options?: boolean | EventListenerOptions,
): void;

declare var onerror: ((event: ErrorEvent) => unknown) | null;
declare var onfetch: ((event: FetchEvent) => unknown) | null;
declare var onrejectionhandled: ((event: PromiseRejectionEvent) => unknown) | null;
declare var onunhandledrejection: ((event: PromiseRejectionEvent) => unknown) | null;

/** @replaces What structuredClone and postMessage can hand over. */
type Transferable = ArrayBuffer | MessagePort | ReadableStream | WritableStream | TransformStream;
/** @replaces */
type MessageEventSource = MessagePort;

/** @replaces */
interface WorkerGlobalScope extends EventTarget {}
declare var WorkerGlobalScope: { prototype: WorkerGlobalScope };
/** @replaces */
interface ServiceWorkerGlobalScope extends WorkerGlobalScope {}
declare var ServiceWorkerGlobalScope: { prototype: ServiceWorkerGlobalScope };
declare var self: ServiceWorkerGlobalScope & typeof globalThis;

/** @replaces The event of a worker in service-worker syntax. */
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
  passThroughOnException(): void;
}
declare var FetchEvent: {
  prototype: FetchEvent;
  new (type: string, init: FetchEventInit): FetchEvent;
};
/** @replaces */
interface FetchEventInit extends EventInit {
  request: Request;
}

/** @replaces */
interface Navigator {
  readonly userAgent: string;
}
declare var Navigator: { prototype: Navigator };
declare var navigator: Navigator;

/** @replaces */
interface Scheduler {
  /** Resolves after that many milliseconds; rejects when the signal aborts. */
  wait(milliseconds: number, options?: { signal?: AbortSignal }): Promise<void>;
}
declare var scheduler: Scheduler;

interface Request {
  /** What a caller has said in `cf` of its RequestInit. */
  readonly cf?: unknown;
}
interface RequestInit {
  /** What the worker that is called finds in `request.cf`: anything that is JSON. */
  cf?: unknown;
}
interface ResponseInit {
  /** With status 101: the socket that answers an upgrade request. */
  webSocket?: WebSocket | null;
}
interface Response {
  /** The socket of an answer with status 101. */
  readonly webSocket: WebSocket | null;
}

declare var ReadableStream: {
  prototype: ReadableStream;
  new (
    underlyingSource: UnderlyingByteSource,
    strategy?: { highWaterMark?: number },
  ): ReadableStream<Uint8Array<ArrayBuffer>>;
  new <R = any>(
    underlyingSource: UnderlyingDefaultSource<R>,
    strategy?: QueuingStrategy<R>,
  ): ReadableStream<R>;
  new <R = any>(underlyingSource?: UnderlyingSource<R>, strategy?: QueuingStrategy<R>): ReadableStream<R>;
  from<R>(values: AsyncIterable<R> | Iterable<R>): ReadableStream<R>;
};

/** Hands bytes on as they are, to whoever reads them. */
interface IdentityTransformStream extends TransformStream<
  ArrayBuffer | ArrayBufferView,
  Uint8Array<ArrayBuffer>
> {}
declare var IdentityTransformStream: {
  prototype: IdentityTransformStream;
  new (strategy?: { highWaterMark?: number }): IdentityTransformStream;
};
/** The same for exactly so many bytes: more or fewer are an error, and a response with it has a Content-Length. */
interface FixedLengthStream extends IdentityTransformStream {}
declare var FixedLengthStream: {
  prototype: FixedLengthStream;
  new (length: number | bigint, strategy?: { highWaterMark?: number }): FixedLengthStream;
};

/** [MDN Reference](https://developer.mozilla.org/docs/Web/API/QuotaExceededError) */
interface QuotaExceededError extends DOMException {
  readonly quota: number | null;
  readonly requested: number | null;
}
declare var QuotaExceededError: {
  prototype: QuotaExceededError;
  new (message?: string, options?: { quota?: number; requested?: number }): QuotaExceededError;
};

interface Crypto {
  /** Takes a hash of `crypto.subtle` that has no parameters, or the checksums `crc32`, `crc32c` and `crc64nvme`. */
  readonly DigestStream: new (
    algorithm: string | { readonly name: string },
  ) => import('./worker-types.js').DigestStream;
}
interface SubtleCrypto {
  /** Compares byte sequences of one length, in a time that does not depend on what they hold. */
  timingSafeEqual(a: ArrayBuffer | ArrayBufferView, b: ArrayBuffer | ArrayBufferView): boolean;
}

interface CacheStorage {
  /** The cache that a service has without opening one. */
  readonly default: Cache;
}

interface WebSocket {
  /** Opens this end of a WebSocketPair, or of a response's `webSocket`. */
  accept(): void;
}
/** Two sockets: what one sends, the other receives. */
interface WebSocketPair {
  0: WebSocket;
  1: WebSocket;
}
declare var WebSocketPair: { new (): WebSocketPair };

/** Changes HTML while it passes through. https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/ */
interface HTMLRewriter {
  /** Throws for a selector that cannot be decided at the start tag. */
  on(selector: string, handlers: import('./html-rewriter-types.js').HTMLElementHandlers): this;
  onDocument(handlers: import('./html-rewriter-types.js').HTMLDocumentHandlers): this;
  /** The response with a body that is rewritten while it is read. */
  transform(response: Response): Response;
}
declare var HTMLRewriter: { prototype: HTMLRewriter; new (): HTMLRewriter };

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
declare module '*.txt' {
  const text: string;
  export default text;
}
declare module '*.html' {
  const text: string;
  export default text;
}
declare module '*.sql' {
  const text: string;
  export default text;
}
declare module '*.bin' {
  const bytes: ArrayBuffer;
  export default bytes;
}
