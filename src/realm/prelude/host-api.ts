/**
 * What the host gives a realm's prelude: the only functions of the host realm that code inside a realm can call. Types only; the
 * host half lives in src/realm/host/, one file per area.
 *
 * The contract (HARDENING R8 to R13): arguments are primitives, or bytes as `(buffer, byteOffset, byteLength)`; results are
 * primitives or fresh exact-size ArrayBuffers, which the prelude must `transfer()` before a worker can see them; nothing throws
 * on purpose. An optional result is `undefined`; an error is a code or a sentinel that each function documents. The neutral
 * records of state.ts are the one exception: preludes hold them in private fields and never show them to a worker.
 */

import type { NeutralHost } from './state.ts';

/** Everything of the host that a realm can use. Areas are shared by the realms of a thread, but for `realm`. */
export interface HostApi {
  readonly realm: RealmHost;
  readonly neutral: NeutralHost;
  readonly clock: ClockHost;
  readonly crypto: CryptoHost;
  readonly encoding: EncodingHost;
  readonly url: UrlHost;
}

/** What belongs to this one realm. */
export interface RealmHost {
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
  /** `length` random bytes in a fresh buffer. */
  randomBytes(length: number): ArrayBuffer;
}

/** Text encodings; see src/realm/host/encoding.ts. */
export interface EncodingHost {
  /** UTF-8 bytes of a well-formed string, in a fresh buffer. */
  encodeUtf8(text: string): ArrayBuffer;
  /** Text of UTF-8 bytes, malformed sequences replaced by U+FFFD; a byte order mark is dropped. */
  decodeUtf8(buffer: ArrayBuffer, byteOffset: number, byteLength: number): string;
}

/** URL parsing; see src/realm/host/url.ts. */
export interface UrlHost {
  /** The serialized URL, or undefined if `input` (against `base`, if given) is no valid URL. */
  parse(input: string, base: string | undefined): string | undefined;
}
