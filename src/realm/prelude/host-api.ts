/**
 * What the host gives a realm's prelude: the only functions of the host realm that code inside a realm can call. Types only; the
 * host half lives in src/realm/host/, one file per area.
 *
 * The contract (HARDENING R8 to R13): arguments are primitives, or bytes as `(buffer, byteOffset, byteLength)`; results are
 * primitives or fresh exact-size ArrayBuffers, which the prelude must `transfer()` before a worker can see them; nothing throws
 * on purpose. An optional result is `undefined`; an error is a code or a sentinel that each function documents. The neutral
 * records of state.ts are one exception: preludes hold them in private fields and never show them to a worker. ValuesHost is the
 * other: it is handed a worker's object, and looks at nothing of it.
 */

import type { EncodedState, OnSettle, RpcHost } from './rpc/rpc-state.ts';
import type { EdgeCounts, ErrorState, NeutralHost, ResponseState, TargetState } from './state.ts';

/**
 * Everything of the host that a realm can use. Areas are shared by the realms of a thread, but for `realm`, `memoryCaches` and `loaders`, and
 * `caches` by those of a service.
 */
export interface HostApi {
  readonly realm: RealmHost;
  readonly neutral: NeutralHost;
  readonly caches: CachesHost;
  readonly rpc: RpcHost;
  /** Two numbers: calls that are nested on the stack of this thread, and calls that wait. See rpc/depth.ts. */
  readonly depth: Int32Array;
  readonly clock: ClockHost;
  readonly crypto: CryptoHost;
  readonly encoding: EncodingHost;
  readonly context: ContextHost;
  readonly hashing: HashingHost;
  readonly compression: CompressionHost;
  readonly html: HtmlHost;
  readonly memoryCaches: MemoryCachesHost;
  readonly loaders: LoadersHost;
  readonly url: UrlHost;
  readonly values: ValuesHost;
}

/** What belongs to this one realm. */
export interface RealmHost {
  /** JSON of a RealmConfig (worker/config.ts). */
  config(): string;
  /** The service that target `index` of the config names. */
  target(index: number): TargetState;
  /** The way to an entrypoint of this worker itself. `props`: JSON, or ''. */
  loopback(entrypoint: string, props: string): TargetState;
  /** What a caller is told where this realm is gone. */
  broken(): ErrorState;
  /** What a caller is told where calls are nested too deep. */
  tooDeep(): ErrorState;
  /** What counts this realm's calls of stubs (edge.ts). */
  stubCounts(): EdgeCounts;
  /** Runs `enter`, which must not throw, in a context one level deeper than what runs now. Returns false where that is too deep. */
  nest(enter: () => void): boolean;
  /** This realm is going: nobody waits for results any more that were to be given to this function (AnswerState.onSettle). */
  leave(onSettle: OnSettle): void;
  /** Runs `end`, which must not throw, when the request that is being served has been. Where there is none, never. */
  atRequestEnd(end: () => void): void;
  /** Stubs that a call gave were held until the end of the request; `label` says which call. */
  leak(label: string): void;
  /** What `env` holds besides bindings, where the worker was given it with its code: a copy that another realm of the thread has made. */
  env(): EncodedState | undefined;
  /** Bytes of asset `index` of the bundle, in a fresh buffer. */
  asset(index: number): ArrayBuffer;
  /** What is known of key `index` of the config, and the key: as an import of a key gives them (CryptoSettle). */
  keyText(index: number): string;
  keyHandle(index: number): KeyHandle;
  /** Counts a call with a key, and says whether it is within the limit `index`. */
  rateLimit(index: number, key: string): boolean;
  /** The compiled WebAssembly.Module of asset `index`, made in this realm. */
  wasmModule(index: number): object;
  /** Writes a log record. `level`: pino's numbers (20 debug, 30 info, 40 warn, 50 error). `text` is formatted already. */
  log(level: number, text: string): void;
  /** Reports an error nobody caught. `source` says where: 'fetch', 'timer', 'unhandledrejection', ... */
  uncaught(source: string, name: string, message: string, stack: string): void;
  /** Starts a timer that calls the realm's `timer(id)` after `delayMs` (repeatedly, if `repeat`). */
  setTimer(id: number, delayMs: number, repeat: boolean): void;
  clearTimer(id: number): void;
  /** Asks for a turn of the event loop: `runTask()` is called once for each, in order. */
  queueTask(): void;
  /** From now on `receiveBroadcast` is called with what other realms of the service post. */
  openBroadcast(): void;
  closeBroadcast(): void;
  /** Posts to all other realms of the service. */
  postBroadcast(
    name: string,
    text: string,
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
  ): void;
  /** Work that outlives its request has begun (+1) or ended (-1): a drain waits for it. */
  pending(change: number): void;
  /**
   * The function of src/nodejs/, evaluated in this realm at the first call. Throws a RangeError near stack overflow, where evaluating its
   * modules would be cut short.
   */
  nodeScript(): unknown;
}

/** Receives a value in its flat form (clone/flat.ts), before the call returns. The buffer is fresh. */
export type FlatSink = (text: string, bytes: ArrayBuffer) => void;

/**
 * Bindings of the kind `memoryCache`; see src/bindings/memory-cache.ts. `cache`: index of a binding. Where a key is longer than it may be,
 * all but `put` and `leave` return -1 and do nothing.
 */
export interface MemoryCachesHost {
  /** Returns 1, after calling the sink, for what is kept; else 0. */
  read(cache: number, key: string, sink: FlatSink): number;
  /**
   * For a reader that can compute the value. Returns 1 as `read`; 2 where it is to compute, and then to call `put` or `leave`; 0 where
   * another realm computes: `turn(id)` is called later, when it is time to enter again.
   */
  enter(cache: number, key: string, sink: FlatSink, turn: (id: number) => void, id: number): number;
  /** Keeps what was computed. `expiration`: in milliseconds since the epoch, or Infinity. The bytes are copied. */
  put(
    cache: number,
    key: string,
    expiration: number,
    text: string,
    buffer: ArrayBuffer,
    byteLength: number,
  ): void;
  /** Nothing was computed after all. */
  leave(cache: number, key: string): void;
  remove(cache: number, key: string): number;
}

/** A worker of a loader, another neutral record: it has no properties, and cannot be made up. */
export interface LoadedHandle {
  readonly __brand?: 'LoadedHandle';
}

/** Bindings of the kind `workerLoader`; see src/bindings/worker-loader.ts. `loader`: index of a binding. */
export interface LoadersHost {
  /** The worker of a name, or (without one) a new one; undefined where there is no room for it. */
  open(loader: number, name: string | undefined): LoadedHandle | undefined;
  /** Why there is no room. */
  full(loader: number): ErrorState;
  /** Whether this `open` has made it: `give` or `fail` is to be called, once. */
  needsCode(worker: LoadedHandle): boolean;
  /**
   * Its code. `settings`: JSON of the compatibility date, and the compatibility flags after it. `modules`: JSON of `[name, kind, text]` for
   * each module, the main module first. `outbound`: what its global `fetch` reaches. `calls`: how often it may call that while one request is
   * served, or -1.
   */
  give(
    worker: LoadedHandle,
    settings: string,
    modules: string,
    env: EncodedState,
    outbound: 'inherited' | 'none' | TargetState,
    calls: number,
  ): void;
  /** It has none. */
  fail(worker: LoadedHandle, error: ErrorState): void;
  /** The way to an entrypoint of it. `props`: JSON, or ''. */
  target(worker: LoadedHandle, entrypoint: string, props: string): TargetState;
  /** The way to a service for this worker, which counts against its limit as its global `fetch` does. */
  limit(worker: LoadedHandle, target: TargetState, calls: number): TargetState;
}

/** What the Cache API keeps; see src/realm/host/caches.ts. `cache`: `''` for the default one, `=` and the name for another. */
export interface CachesHost {
  /** The most bytes that a body can have to be kept. */
  maxLength(): number;
  /** Returns false where there are too many. */
  open(name: string): boolean;
  has(name: string): boolean;
  /** Forgets a cache by name and all that is in it. Returns false where there was none. */
  drop(name: string): boolean;
  /** JSON of the names. */
  names(): string;
  /** Keeps a response, or not. Its body is in the bytes, which are copied. */
  put(cache: string, url: string, head: ResponseState, buffer: ArrayBuffer, byteLength: number): void;
  /** Flags: 1 ignores the search of URLs. The conditions are values of request headers, or ''. */
  match(
    cache: string,
    url: string,
    flags: number,
    range: string,
    ifNoneMatch: string,
    ifModifiedSince: string,
  ): ResponseState | undefined;
  /** The same flags. Returns false where there was nothing. */
  remove(cache: string, url: string, flags: number): boolean;
  /** JSON of the URLs that are kept. */
  urls(cache: string): string;
}

export interface ClockHost {
  /** Milliseconds since the thread's time origin, with fractions. */
  now(): number;
  /** The time origin, in milliseconds since the epoch. */
  timeOrigin(): number;
}

/** A key in the host's hands, another neutral record: it has no properties, cannot be made up, and keeps its key alive. */
export interface KeyHandle {
  readonly __brand?: 'KeyHandle';
}

/**
 * Receives the outcome of an operation, once, later: an error's name and message, or, where `error` is '', what prelude/crypto/ takes
 * as the result of that operation. Buffers are fresh.
 */
export type CryptoSettle = (
  id: number,
  error: string,
  text: string,
  first: ArrayBuffer | KeyHandle | undefined,
  second: ArrayBuffer | KeyHandle | undefined,
) => void;

/** A hash at work, another neutral record. */
export interface DigestState {
  /** Takes bytes in. They are read before it returns. */
  update(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
  /** The digest; ends the work. */
  digest(): ArrayBuffer;
}

/** Randomness and cryptography; see src/realm/host/crypto.ts. */
export interface CryptoHost {
  randomUUID(): string;
  /** Fills the bytes with random ones. */
  fillRandom(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
  /** The registered algorithms that this host does not have, with a comma after each name. */
  missingAlgorithms(): string;
  /**
   * Begins an operation of SubtleCrypto. `request`: JSON of a CryptoRequest (src/realm/host/crypto/request.ts); `bytes`: everything it
   * refers to, an exact-size buffer that the host takes; `key` and `otherKey`: the keys it refers to, 0 and 1.
   */
  start(
    request: string,
    bytes: ArrayBuffer,
    key: KeyHandle | undefined,
    otherKey: KeyHandle | undefined,
    settle: CryptoSettle,
    id: number,
  ): void;
  /** Nothing is begun any more that was to be settled with this function. */
  forget(settle: CryptoSettle): void;
  /** Whether the host can do it: a CryptoRequest as for `start`, whose `operation` is what SubtleCrypto.supports names. */
  supports(request: string, bytes: ArrayBuffer, otherKey: KeyHandle | undefined): boolean;
  /** Compares as many bytes of one as of the other, in a time that depends on their number alone. */
  timingSafeEqual(
    a: ArrayBufferLike,
    aOffset: number,
    b: ArrayBufferLike,
    bOffset: number,
    byteLength: number,
  ): boolean;
  /** Begins a hash, by the name of a digest algorithm without parameters, or of a checksum. */
  openDigest(name: string): DigestState;
}

/** Text encodings; see src/realm/host/encoding.ts. Lone surrogates become U+FFFD wherever text becomes bytes. */
export interface EncodingHost {
  /** UTF-8 bytes, in a fresh buffer. */
  encodeUtf8(text: string): ArrayBuffer;
  /** Writes UTF-8 bytes over the given ones, as many whole characters as fit. Returns the code units read. */
  encodeInto(text: string, buffer: ArrayBufferLike, byteOffset: number, byteLength: number): number;
  /** The bytes written by the encodeInto before. */
  encodeIntoWritten(): number;
  /** Text of UTF-8 bytes, malformed sequences replaced by U+FFFD; a byte order mark is dropped. */
  decodeUtf8(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): string;
  /** Flags: 1 undefined for malformed bytes; 2 keeps a byte order mark. */
  decodeUtf8With(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
    flags: number,
  ): string | undefined;
  /** The lower-case name of the encoding that a label stands for; undefined for no label, and for those of `replacement`. */
  encodingOf(label: string): string | undefined;
  /**
   * Text of a chunk in an encoding other than UTF-8. `state` is 0, or what legacyState gave after the chunk before. Flags: 1
   * undefined for malformed bytes; 2 this is the last chunk. Byte order marks are kept.
   */
  decodeLegacy(
    encoding: string,
    state: number,
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
    flags: number,
  ): string | undefined;
  /** The state after the decodeLegacy before. */
  legacyState(): number;
  /** As the globals of that name, but undefined where those throw. */
  atob(text: string): string | undefined;
  btoa(text: string): string | undefined;
  /** Where Latin-1 text first occurs in bytes, counted from `byteOffset`; or -1. */
  indexOf(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, text: string): number;
  /** Text with one character for each byte. */
  decodeLatin1(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): string;
  /** The bytes of what atob gives, in a fresh buffer. */
  base64Bytes(text: string): ArrayBuffer | undefined;
}

/** Stands for one asynchronous context in the host: it has no properties, and the host knows nothing else of the context. */
export interface ContextToken {
  readonly __proto__?: null;
}

/** Asynchronous contexts; see src/realm/host/context.ts. */
export interface ContextHost {
  open(): ContextToken;
  /** The token that the running code was entered with, which may be that of another realm. */
  current(): ContextToken | undefined;
  /** Runs `enter`, which must not throw, and restores what was current. */
  run(token: ContextToken | undefined, enter: () => void): void;
  /** Makes the token current for the rest of what runs now. */
  enter(token: ContextToken | undefined): void;
}

/** A hash at work, another neutral record. Its methods may throw near stack overflow, and `update` and `digest` after `digest`. */
export interface HashState {
  update(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
  /** The result, in a fresh buffer. */
  digest(): ArrayBuffer;
  /** A hash that goes on from here by itself; undefined where that cannot be, or the output cannot be so long. */
  copy(length: number): HashState | undefined;
}

/** Receives a derived key in a fresh buffer; undefined where OpenSSL refused the parameters. */
export type KeySink = (key: ArrayBuffer | undefined) => void;

/**
 * Hashes and key derivation of node:crypto; see src/realm/host/hashing.ts. The secrets of a derivation come in one buffer, one after the
 * other, with the lengths of all but the last. With a sink the work is done beside the thread, and the result is undefined.
 */
export interface HashingHost {
  /** `length`: bytes of output, where the algorithm leaves it open; else -1. Undefined for an unknown algorithm or a wrong length. */
  hash(algorithm: string, length: number): HashState | undefined;
  hmac(
    algorithm: string,
    key: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
  ): HashState | undefined;
  /** The hash of bytes that are all there. Undefined for an unknown algorithm. */
  digest(
    algorithm: string,
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
  ): ArrayBuffer | undefined;
  /** The names of the algorithms, separated by commas. */
  algorithms(): string;
  /** Compares in a time that does not depend on the bytes. */
  equal(a: ArrayBufferLike, aOffset: number, b: ArrayBufferLike, bOffset: number, length: number): boolean;
  /** Password and salt. */
  pbkdf2(
    secrets: ArrayBufferLike,
    passwordLength: number,
    digest: string,
    iterations: number,
    length: number,
    sink: KeySink | undefined,
  ): ArrayBuffer | undefined;
  /** Password and salt. The caller has checked the cost. */
  scrypt(
    secrets: ArrayBufferLike,
    passwordLength: number,
    cost: number,
    blockSize: number,
    parallelization: number,
    length: number,
    sink: KeySink | undefined,
  ): ArrayBuffer | undefined;
  /** Key, salt and info. */
  hkdf(
    secrets: ArrayBufferLike,
    keyLength: number,
    saltLength: number,
    digest: string,
    length: number,
    sink: KeySink | undefined,
  ): ArrayBuffer | undefined;
}

/** A component of a URL that can be set. */
export type UrlPart =
  'protocol' | 'username' | 'password' | 'host' | 'hostname' | 'port' | 'pathname' | 'search' | 'hash';

export type CompressionFormat = 'brotli' | 'deflate' | 'deflate-raw' | 'gzip';

/** Compression; see src/realm/host/compression.ts. */
export interface CompressionHost {
  /** A codec of its own. That memory is lacking shows in its first step. */
  open(format: CompressionFormat, compresses: boolean): CodecState;
}

/**
 * Receives one step of a codec: a chunk of output in a fresh buffer; that the input is used up, or the output is at its end; or an
 * error, with zlib's message.
 */
export type CodecSink = (
  step: 'chunk' | 'consumed' | 'end' | 'error',
  buffer: ArrayBuffer | undefined,
  message: string,
) => void;

/** A codec at work, another neutral record. After write or end, call next until it gives something other than a chunk. */
export interface CodecState {
  /** Nobody may touch the buffer any more. */
  write(buffer: ArrayBuffer, byteLength: number): void;
  end(): void;
  /** Asks for one step; `sink` is called exactly once, later. */
  next(sink: CodecSink): void;
  /** Gives up: no sink is called from now on. */
  close(): void;
}

/** HTML for rewriting; see src/realm/host/html.ts. */
export interface HtmlHost {
  /** Why a selector is refused, or ''. */
  selectorProblem(selector: string): string;
  /** A parser for one document. `plan`: JSON of an HtmlPlan (html/plan.ts). A string says what is wrong with the encoding's label. */
  open(plan: string, encoding: string): HtmlParserState | string;
}

/** A document's parser, another neutral record. */
export interface HtmlParserState {
  /** Of the document's encoding. */
  readonly isUtf8: boolean;
  /** Calls back once when `write` can be called, perhaps at once. */
  ready(callback: () => void): void;
  /** The next bytes of the document, which are only looked at. Returns JSON of HtmlTokens (html/plan.ts). */
  write(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, isLast: boolean): string;
  /** What stands for the text in the document's encoding, in a fresh buffer. */
  encode(text: string): ArrayBuffer;
}

/** URL parsing; see src/realm/host/url.ts. */
export interface UrlHost {
  /** The serialized URL, or undefined if `input` (against `base`, if given) is no valid URL. */
  parse(input: string, base: string | undefined): string | undefined;
  /** The serialized URL after a component was set as the attribute of URL does; `href` itself where the value is ignored. */
  set(href: string, part: UrlPart, value: string): string;
}

/** What the language has no question for; see src/realm/host/values.ts. */
export interface ValuesHost {
  /** Whether the value is a proxy. Runs no trap and reads no property. */
  isProxy(value: unknown): boolean;
}
