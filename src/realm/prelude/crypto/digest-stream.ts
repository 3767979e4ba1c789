/**
 * DigestStream, as Cloudflare Workers have it: a WritableStream that hashes what is written to it.
 * https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#constructors
 */

import { isArrayBuffer, viewOf } from '../bytes.ts';
import { utf8Encode } from '../encoding/utf8.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { guarded } from '../host.ts';
import type { DigestState } from '../host-api.ts';
import { defineValue } from '../lazy.ts';
import {
  ArrayBufferPrototypeTransfer,
  BigIntCtor,
  StringPrototypeToLowerCase,
  SymbolDispose,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeErrorCtor,
} from '../primordials.ts';
import { Deferred, markHandled } from '../streams/promises.ts';
import { errorWritableIfNeeded, startWritable } from '../streams/writable-ops.ts';
import { SinkAlgorithms, WritableState } from '../streams/writable-state.ts';
import { STATE, WritableStream } from '../streams/writable-stream.ts';
import { defineInterface, illegalInvocation, keepParent, requireArguments } from '../webidl.ts';
import { registeredAlgorithm } from './algorithms.ts';
import { type AlgorithmIdentifier, toAlgorithm } from './arguments.ts';
import { toName } from './normalize.ts';

const host = guarded($host.crypto);

const WHERE = 'DigestStream constructor';

/** The host's name of a hash that takes no parameters, or of a checksum. */
function digestName(algorithm: AlgorithmIdentifier): string {
  const given = typeof algorithm === 'string' ? algorithm : toName((algorithm as Named).name, WHERE);
  const registered = registeredAlgorithm(given, 'digest');
  if (registered?.operations.digest === null) return registered.name;
  const checksum = StringPrototypeToLowerCase(given);
  if (checksum === 'crc32' || checksum === 'crc32c' || checksum === 'crc64nvme') return checksum;
  throw newDOMException(`${WHERE}: "${given}" is no supported hash.`, 'NotSupportedError');
}

interface Named {
  readonly name?: unknown;
}

function toChunk(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return utf8Encode(chunk);
  const view = viewOf(chunk);
  if (view !== undefined && isArrayBuffer(TypedArrayPrototypeGetBuffer(view))) return view;
  throw new TypeErrorCtor(
    'DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.',
  );
}

class DigestSink extends SinkAlgorithms {
  readonly #hash: DigestState;
  readonly digest = new Deferred<ArrayBuffer>();
  bytesWritten = 0;

  constructor(name: string) {
    super();
    this.#hash = guarded(host.openDigest(name));
    markHandled(this.digest.promise);
  }

  write(chunk: unknown): undefined {
    try {
      const bytes = toChunk(chunk);
      const length = TypedArrayPrototypeGetByteLength(bytes);
      if (length === 0) return;
      const buffer = TypedArrayPrototypeGetBuffer(bytes);
      this.#hash.update(buffer, TypedArrayPrototypeGetByteOffset(bytes), length);
      this.bytesWritten += length;
    } catch (error) {
      this.digest.reject(error);
      throw error;
    }
  }

  close(): undefined {
    try {
      this.digest.resolve(ArrayBufferPrototypeTransfer(this.#hash.digest()));
    } catch (error) {
      this.digest.reject(error);
      throw error;
    }
  }

  abort(reason: unknown): undefined {
    this.digest.reject(reason);
  }
}

export class DigestStream extends WritableStream {
  readonly #sink: DigestSink;
  readonly #state: WritableState;

  constructor(algorithm: unknown) {
    requireArguments(arguments.length, 1, WHERE);
    const sink = new DigestSink(digestName(toAlgorithm(algorithm)));
    const state = new WritableState(sink, 1, undefined);
    super(STATE, state);
    this.#sink = sink;
    this.#state = state;
    startWritable(state, undefined);
  }

  /** The digest of everything, once the stream is closed; rejects when it fails. */
  get digest(): Promise<ArrayBuffer> {
    if (!(#sink in this)) throw illegalInvocation();
    return this.#sink.digest.promise;
  }

  get bytesWritten(): bigint {
    if (!(#sink in this)) throw illegalInvocation();
    return BigIntCtor(this.#sink.bytesWritten);
  }

  static {
    defineValue(DigestStream.prototype, SymbolDispose, function dispose(this: DigestStream): void {
      if (!(#sink in this)) throw illegalInvocation();
      const reason = new TypeErrorCtor('The DigestStream was disposed.');
      this.#sink.digest.reject(reason);
      errorWritableIfNeeded(this.#state, reason);
    });
  }
}

defineInterface(DigestStream, 'DigestStream');
keepParent(DigestStream);
