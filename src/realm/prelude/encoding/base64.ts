/** The globals atob and btoa. https://html.spec.whatwg.org/multipage/webappapis.html#atob */

import { ArrayBufferPrototypeTransfer, Uint8ArrayCtor } from '../primordials.ts';
import { guarded } from '../host.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { requireArguments, toDOMString } from '../webidl.ts';

const encoding = guarded($host.encoding);

/** Throws an InvalidCharacterError for what is not base64. */
export function atob(data: unknown): string {
  requireArguments(arguments.length, 1, 'atob');
  const bytes = encoding.atob(toDOMString(data));
  if (bytes !== undefined) return bytes;
  throw newDOMException('atob: the string to be decoded is not correctly encoded.', 'InvalidCharacterError');
}

/** Throws an InvalidCharacterError for a character above U+00FF. */
export function btoa(data: unknown): string {
  requireArguments(arguments.length, 1, 'btoa');
  const text = encoding.btoa(toDOMString(data));
  if (text !== undefined) return text;
  throw newDOMException('btoa: the string contains a character above U+00FF.', 'InvalidCharacterError');
}

/** Bytes of base64 text, as forgiving as atob. Throws an InvalidCharacterError for what is not base64. */
export function base64Decode(text: string): Uint8Array<ArrayBuffer> {
  const buffer = encoding.base64Bytes(text);
  if (buffer !== undefined) return new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(buffer));
  throw newDOMException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
}
