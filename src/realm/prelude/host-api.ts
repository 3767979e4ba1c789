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

import type { RpcHost } from './rpc/rpc-state.ts';
import type { ErrorState, NeutralHost, TargetState } from './state.ts';

/** Everything of the host that a realm can use. Areas are shared by the realms of a thread, but for `realm`. */
export interface HostApi {
  readonly realm: RealmHost;
  readonly neutral: NeutralHost;
  readonly rpc: RpcHost;
  /** One number: calls that are nested on the stack of this thread. See rpc/depth.ts. */
  readonly depth: Int32Array;
  readonly clock: ClockHost;
  readonly crypto: CryptoHost;
  readonly encoding: EncodingHost;
  readonly compression: CompressionHost;
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
  /** Runs `end`, which must not throw, when the request that is being served has been. Where there is none, never. */
  atRequestEnd(end: () => void): void;
  /** Stubs that a call gave were held until the end of the request; `label` says which call. */
  leak(label: string): void;
  /** Bytes of asset `index` of the bundle, in a fresh buffer. */
  asset(index: number): ArrayBuffer;
  /** The compiled WebAssembly.Module of asset `index`, made in this realm. */
  wasmModule(index: number): object;
  /** Writes a log record. `level`: pino's numbers (20 debug, 30 info, 40 warn, 50 error). `text` is formatted already. */
  log(level: number, text: string): void;
  /** Reports an error nobody caught. `source` says where: 'fetch', 'timer', 'unhandledrejection', ... */
  uncaught(source: string, name: string, message: string, stack: string): void;
  /** Starts a timer that calls the realm's `timer(id)` after `delayMs` (repeatedly, if `repeat`). */
  setTimer(id: number, delayMs: number, repeat: boolean): void;
  clearTimer(id: number): void;
  /** Work that outlives its request has begun (+1) or ended (-1): a drain waits for it. */
  pending(change: number): void;
}

export interface ClockHost {
  /** Milliseconds since the thread's time origin, with fractions. */
  now(): number;
  /** The time origin, in milliseconds since the epoch. */
  timeOrigin(): number;
}

export interface CryptoHost {
  randomUUID(): string;
  /** Fills the bytes with random ones. */
  fillRandom(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
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
  /** The bytes of what atob gives, in a fresh buffer. */
  base64Bytes(text: string): ArrayBuffer | undefined;
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
