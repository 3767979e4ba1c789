/** createHash, createHmac and hash: streams as well as `update` and `digest`. https://nodejs.org/api/crypto.html#class-hash */

import { asBuffer } from '../buffer.ts';
import type { Buffer } from '../buffer.ts';
import { nodeError } from '../errors.ts';
import type { NativeHash } from '../powers.ts';
import stream from '../stream/stream.ts';
import type { Callback, StreamOptions } from '../stream/types.ts';
import { validateInteger, validateString } from '../validate.ts';
import { toBytes, toSecret } from './bytes.ts';
import type { Data } from './bytes.ts';

const { hashing } = $powers;

interface HashOptions extends StreamOptions {
  readonly outputLength?: number;
}

type Text = string | undefined;

function encoded(result: Uint8Array<ArrayBuffer>, encoding: Text): Buffer | string {
  const buffer = asBuffer(result);
  return encoding === undefined || encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

/** What a hash and an HMAC have in common. */
abstract class Digest extends stream.Transform {
  #native: NativeHash | undefined;

  constructor(native: NativeHash, options?: StreamOptions) {
    super(options);
    this.#native = native;
  }

  protected get native(): NativeHash {
    if (this.#native === undefined) {
      throw nodeError('ERR_CRYPTO_HASH_FINALIZED', 'Digest already called', Error);
    }
    return this.#native;
  }

  protected finish(): Uint8Array<ArrayBuffer> {
    const result = this.native.digest() as Uint8Array<ArrayBuffer>;
    this.#native = undefined;
    return result;
  }

  update(data: Data, encoding?: string): this {
    this.native.update(toBytes(data, 'data', encoding));
    return this;
  }

  _transform(chunk: Data, encoding: string, done: Callback): void {
    this.update(chunk, encoding);
    done();
  }

  _flush(done: Callback): void {
    this.push(asBuffer(this.finish()));
    done();
  }
}

/** https://nodejs.org/api/crypto.html#class-hash */
export class Hash extends Digest {
  /** `source`: the name of an algorithm, or a hash to go on from. */
  constructor(source: unknown, options: HashOptions = {}) {
    super(source instanceof Hash ? source.#copy(options) : open(source, options), options);
  }

  #copy({ outputLength = -1 }: HashOptions): NativeHash {
    const copy = this.native.copy(outputLength);
    if (copy === undefined) throw invalidLength();
    return copy;
  }

  copy(options?: HashOptions): Hash {
    return new Hash(this, options);
  }

  digest(encoding?: string): Buffer | string {
    return encoded(this.finish(), encoding);
  }
}

function open(algorithm: unknown, { outputLength }: HashOptions): NativeHash {
  validateString(algorithm, 'algorithm');
  if (outputLength !== undefined) validateInteger(outputLength, 'options.outputLength', 0, 2 ** 31 - 1);
  const native = hashing.hash(algorithm, outputLength ?? -1);
  if (native !== undefined) return native;
  const isKnown = outputLength !== undefined && hashing.hash(algorithm, -1) !== undefined;
  throw isKnown ? invalidLength() : new Error('Digest method not supported');
}

function invalidLength(): Error {
  return new Error('Unsupported state or unable to set the output length');
}

/** The error of an algorithm that there is none of, where a key or a derivation names it. */
export function invalidDigest(name: string): Error {
  return nodeError('ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${name}`);
}

/** https://nodejs.org/api/crypto.html#class-hmac */
export class Hmac extends Digest {
  #isFinished = false;

  constructor(algorithm: unknown, key: unknown, options?: StreamOptions) {
    validateString(algorithm, 'hmac');
    const native = hashing.hmac(algorithm, toSecret(key, 'key'));
    if (native === undefined) throw invalidDigest(algorithm);
    super(native, options);
  }

  /** The second time it gives nothing, as Node.js has it. */
  digest(encoding?: string): Buffer | string {
    if (this.#isFinished) return encoded(new Uint8Array(), encoding);
    this.#isFinished = true;
    return encoded(this.finish(), encoding);
  }
}

export function createHash(algorithm: string, options?: HashOptions): Hash {
  return new Hash(algorithm, options);
}

export function createHmac(algorithm: string, key: Data, options?: StreamOptions): Hmac {
  return new Hmac(algorithm, key, options);
}

interface OneShotOptions {
  readonly outputEncoding?: string;
  readonly outputLength?: number;
}

/** https://nodejs.org/api/crypto.html#cryptohashalgorithm-data-options */
export function hash(algorithm: string, data: Data, options: string | OneShotOptions = {}): Buffer | string {
  const { outputEncoding = 'hex', ...rest } =
    typeof options === 'string' ? { outputEncoding: options } : options;
  const bytes = toBytes(data, 'input');
  validateString(algorithm, 'algorithm');
  const result = rest.outputLength === undefined ? hashing.digest(algorithm, bytes) : undefined;
  if (result !== undefined) return encoded(result as Uint8Array<ArrayBuffer>, outputEncoding);
  const native = open(algorithm, rest);
  native.update(bytes);
  return encoded(native.digest() as Uint8Array<ArrayBuffer>, outputEncoding);
}

export function getHashes(): string[] {
  return hashing.algorithms().split(',');
}
