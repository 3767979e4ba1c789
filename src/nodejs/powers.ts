/** What these modules can do beyond the language and the web APIs: the functions of the realm's prelude. Types only. */

/** A hash at work. Its methods throw a RangeError after `digest`. */
export interface NativeHash {
  update(data: ArrayBufferView): void;
  digest(): Uint8Array;
  /** `length`: bytes of output, or -1 for the algorithm's own. */
  copy(length: number): NativeHash | undefined;
}

/** Called with the key, or with undefined where the parameters were refused. */
export type KeyCallback = (key: Uint8Array | undefined) => void;

export interface KeyParameters {
  readonly secret: ArrayBufferView;
  readonly salt: ArrayBufferView;
  readonly info?: ArrayBufferView;
  readonly digest: string;
  readonly iterations?: number;
  readonly length: number;
  /** With it, the work is done beside the thread, and the function returns undefined. */
  readonly callback?: KeyCallback | undefined;
}

export interface ScryptParameters {
  readonly password: ArrayBufferView;
  readonly salt: ArrayBufferView;
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly length: number;
  readonly callback?: KeyCallback | undefined;
}

/** Undefined stands for what OpenSSL refused. */
export interface Hashing {
  hash(algorithm: string, length: number): NativeHash | undefined;
  hmac(algorithm: string, key: ArrayBufferView): NativeHash | undefined;
  digest(algorithm: string, data: ArrayBufferView): Uint8Array | undefined;
  /** Names, separated by commas. */
  algorithms(): string;
  /** For bytes of the same length. */
  equal(a: ArrayBufferView, b: ArrayBufferView): boolean;
  pbkdf2(parameters: KeyParameters): Uint8Array | undefined;
  hkdf(parameters: KeyParameters): Uint8Array | undefined;
  scrypt(parameters: ScryptParameters): Uint8Array | undefined;
}

/** Values by the AsyncLocalStorage that they belong to. Nobody changes one that has been entered. */
export type Frame = ReadonlyMap<object, unknown>;

export interface Powers {
  /** `v26.10.0` */
  readonly version: string;
  /** The bindings that are strings. */
  readonly env: Record<string, string>;
  currentFrame(): Frame | undefined;
  runInFrame<Args extends unknown[], Result>(
    frame: Frame | undefined,
    fn: (...args: Args) => Result,
    self: unknown,
    args: Args,
  ): Result;
  enterFrame(frame: Frame | undefined): void;
  readonly hashing: Hashing;
  isProxy(value: unknown): boolean;
  /** Reports an exception that nobody caught. */
  report(error: unknown): void;
}
