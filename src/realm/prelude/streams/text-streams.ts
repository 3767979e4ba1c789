/** TextEncoderStream and TextDecoderStream. https://encoding.spec.whatwg.org/#interface-textencoderstream */

import {
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypedArrayPrototypeGetLength,
  TypeErrorCtor,
} from '../primordials.ts';
import { viewOfShared } from '../bytes.ts';
import type { StreamDecoder } from '../encoding/stream-decoder.ts';
import { newStreamDecoder } from '../encoding/text-decoder.ts';
import { utf8Encode } from '../encoding/utf8.ts';
import { defineInterface, illegalInvocation, toDOMString } from '../webidl.ts';
import type { ReadableStream } from './readable-stream.ts';
import { newTransform, type Sides } from './sides.ts';
import { TransformAlgorithms, type TransformState } from './transform-state.ts';
import type { WritableStream } from './writable-stream.ts';

class EncoderTransform extends TransformAlgorithms {
  /** The first half of a surrogate pair, which a chunk ended with; or ''. */
  #half = '';

  transform(chunk: unknown, transform: TransformState): undefined {
    const text = this.#half + toDOMString(chunk);
    const last = text.length - 1;
    const unit = last < 0 ? 0 : StringPrototypeCharCodeAt(text, last);
    const isHalf = unit >= 0xd800 && unit <= 0xdbff;
    this.#half = isHalf ? StringPrototypeSlice(text, last) : '';
    enqueueBytes(utf8Encode(isHalf ? StringPrototypeSlice(text, 0, last) : text), transform);
  }

  flush(transform: TransformState): undefined {
    enqueueBytes(utf8Encode(this.#half), transform); // as U+FFFD
  }

  cancel(): undefined {}
}

function enqueueBytes(bytes: Uint8Array, transform: TransformState): void {
  if (TypedArrayPrototypeGetLength(bytes) > 0) transform.enqueue(bytes);
}

class DecoderTransform extends TransformAlgorithms {
  readonly #decoder: StreamDecoder;

  constructor(decoder: StreamDecoder) {
    super();
    this.#decoder = decoder;
  }

  transform(chunk: unknown, transform: TransformState): undefined {
    const bytes = viewOfShared(chunk);
    if (bytes === undefined)
      throw new TypeErrorCtor('TextDecoderStream: the chunk is not an ArrayBuffer or a view on one.');
    const text = this.#decoder.decode(bytes, true);
    if (text !== '') transform.enqueue(text);
  }

  flush(transform: TransformState): undefined {
    const text = this.#decoder.decode(NOTHING, false);
    if (text !== '') transform.enqueue(text);
  }

  cancel(): undefined {}
}

const NOTHING = utf8Encode('');

export class TextEncoderStream {
  readonly #sides: Sides = newTransform(new EncoderTransform());

  get encoding(): string {
    if (!(#sides in this)) throw illegalInvocation();
    return 'utf-8';
  }

  get readable(): ReadableStream {
    if (!(#sides in this)) throw illegalInvocation();
    return this.#sides.readable;
  }

  get writable(): WritableStream {
    if (!(#sides in this)) throw illegalInvocation();
    return this.#sides.writable;
  }
}

export class TextDecoderStream {
  readonly #decoder: StreamDecoder;
  readonly #sides: Sides;

  constructor(label: unknown = undefined, options: unknown = undefined) {
    this.#decoder = newStreamDecoder(label, options, 'TextDecoderStream constructor');
    this.#sides = newTransform(new DecoderTransform(this.#decoder));
  }

  get encoding(): string {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#decoder.encoding;
  }

  get fatal(): boolean {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#decoder.fatal;
  }

  get ignoreBOM(): boolean {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#decoder.ignoreBOM;
  }

  get readable(): ReadableStream {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#sides.readable;
  }

  get writable(): WritableStream {
    if (!(#decoder in this)) throw illegalInvocation();
    return this.#sides.writable;
  }
}

defineInterface(TextEncoderStream, 'TextEncoderStream');
defineInterface(TextDecoderStream, 'TextDecoderStream');
