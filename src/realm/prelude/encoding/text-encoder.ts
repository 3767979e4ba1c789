/** TextEncoder of the realm. https://encoding.spec.whatwg.org/#interface-textencoder */

import { TypeErrorCtor } from '../primordials.ts';
import { isUint8Array } from '../bytes.ts';
import { defineInterface, illegalInvocation, requireArguments, toDOMString } from '../webidl.ts';
import { bytesWritten, utf8Encode, utf8EncodeInto } from './utf8.ts';

export class TextEncoder {
  #brand: undefined;

  get encoding(): string {
    if (!(#brand in this)) throw illegalInvocation();
    return 'utf-8';
  }

  encode(input: unknown = ''): Uint8Array {
    if (!(#brand in this)) throw illegalInvocation();
    return utf8Encode(toDOMString(input));
  }

  encodeInto(source: unknown, destination: unknown): { read: number; written: number } {
    if (!(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, 'TextEncoder.encodeInto');
    const text = toDOMString(source);
    if (!isUint8Array(destination)) {
      throw new TypeErrorCtor('TextEncoder.encodeInto: argument 2 is not a Uint8Array.');
    }
    const read = utf8EncodeInto(text, destination);
    return { read, written: bytesWritten() };
  }
}

defineInterface(TextEncoder, 'TextEncoder');
