/** TextDecoder of the realm. https://encoding.spec.whatwg.org/#interface-textdecoder */

import { RangeErrorCtor, TypeErrorCtor, Uint8ArrayCtor } from '../primordials.ts';
import { isUint8Array, viewOfShared } from '../bytes.ts';
import { defineInterface, toDictionary, toDOMString } from '../webidl.ts';
import { encodingOf, StreamDecoder } from './stream-decoder.ts';

interface TextDecoderOptions {
  fatal: unknown;
  ignoreBOM: unknown;
}

interface TextDecodeOptions {
  stream: unknown;
}

/** Throws a RangeError for what is no label of an encoding; shared with TextDecoderStream. */
export function newStreamDecoder(label: unknown, options: unknown, where: string): StreamDecoder {
  const labelText = label === undefined ? 'utf-8' : toDOMString(label);
  const given = toDictionary<TextDecoderOptions>(options, where);
  const fatal = given === undefined ? false : !!given.fatal;
  const ignoreBOM = given === undefined ? false : !!given.ignoreBOM;
  const encoding = encodingOf(labelText);
  if (encoding === undefined)
    throw new RangeErrorCtor(`${where}: "${labelText}" is not the label of an encoding.`);
  return new StreamDecoder(encoding, fatal, ignoreBOM);
}

export class TextDecoder {
  readonly #decoder: StreamDecoder;

  constructor(label: unknown = undefined, options: unknown = undefined) {
    this.#decoder = newStreamDecoder(label, options, 'TextDecoder constructor');
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }

  get fatal(): boolean {
    return this.#decoder.fatal;
  }

  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }

  decode(input: unknown = undefined, options: unknown = undefined): string {
    const decoder = this.#decoder;
    const bytes = isUint8Array(input) ? input : viewOfInput(input);
    if (options === undefined) return decoder.decode(bytes, false);
    return decoder.decode(bytes, !!toDictionary<TextDecodeOptions>(options, 'TextDecoder.decode')?.stream);
  }
}

function viewOfInput(input: unknown): Uint8Array {
  const bytes = input === undefined ? new Uint8ArrayCtor(0) : viewOfShared(input);
  if (bytes !== undefined) return bytes;
  throw new TypeErrorCtor('TextDecoder.decode: argument 1 is not an ArrayBuffer or a view on one.');
}

defineInterface(TextDecoder, 'TextDecoder');
