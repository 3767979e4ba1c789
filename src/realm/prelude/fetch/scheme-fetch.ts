/** Schemes that need no service: `data:` and `about:`. https://fetch.spec.whatwg.org/#scheme-fetch */

import {
  NumberParseInt,
  PromiseReject,
  PromiseResolve,
  StringPrototypeCharCodeAt,
  StringPrototypeEndsWith,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetBuffer,
  TypeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { copyBytes } from '../bytes.ts';
import { isRequest, Request, requestHead, requestSignal, requestUrl } from './request.ts';
import { Response, setResponseUrl } from './response.ts';

/** The response for a URL that is answered in the realm; undefined for every URL that is sent to a service. */
export function localFetch(input: unknown, init: unknown): Promise<Response> | undefined {
  if (typeof input === 'string' && StringPrototypeStartsWith(input, 'http')) return undefined;
  const request = isRequest(input) && init === undefined ? input : new Request(input, init);
  const url = requestUrl(request);
  if (!StringPrototypeStartsWith(url, 'data:') && !StringPrototypeStartsWith(url, 'about:')) return undefined;
  const signal = requestSignal(request);
  if (signal !== undefined) {
    const { signalAborted, signalReason } = require('../events/abort-signal.ts');
    if (signalAborted(signal)) return PromiseReject(signalReason(signal));
  }
  const response = StringPrototypeStartsWith(url, 'data:')
    ? dataResponse(url, requestHead(request).method)
    : undefined;
  return response === undefined
    ? PromiseReject(new TypeErrorCtor(`fetch failed: "${url}" cannot be fetched.`))
    : PromiseResolve(setResponseUrl(response, url));
}

/** https://fetch.spec.whatwg.org/#data-url-processor */
function dataResponse(url: string, method: string): Response | undefined {
  const hash = StringPrototypeIndexOf(url, '#');
  const input = StringPrototypeSlice(url, 5, hash === -1 ? url.length : hash);
  const comma = StringPrototypeIndexOf(input, ',');
  if (comma === -1) return undefined;
  let type = trimSpaces(StringPrototypeSlice(input, 0, comma));
  let bytes: Uint8Array<ArrayBuffer> | undefined = percentDecode(StringPrototypeSlice(input, comma + 1));
  const base = base64Suffix(type);
  if (base !== -1) {
    bytes = decodeBase64(bytes);
    if (bytes === undefined) return undefined;
    type = StringPrototypeSlice(type, 0, base);
  }
  if (StringPrototypeStartsWith(type, ';')) type = `text/plain${type}`;
  const { mimeTypeOrDefault } = require('../data/mime-type.ts');
  const headers = { __proto__: null, 'content-type': mimeTypeOrDefault(type, 'text/plain;charset=US-ASCII') };
  return new Response(method === 'HEAD' ? null : bytes, { __proto__: null, headers, statusText: 'OK' });
}

/** Where `;base64` begins at the end of a type, or -1. */
function base64Suffix(type: string): number {
  const lower = StringPrototypeToLowerCase(type);
  if (!StringPrototypeEndsWith(lower, 'base64')) return -1;
  let at = type.length - 6;
  while (at > 0 && type[at - 1] === ' ') at--;
  return at > 0 && type[at - 1] === ';' ? at - 1 : -1;
}

function decodeBase64(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const text = require('../encoding/utf8.ts').utf8Decode(bytes);
  try {
    return copyBytes(require('../encoding/base64.ts').base64Decode(text));
  } catch {
    return undefined;
  }
}

/** Of a serialized URL, which is ASCII. */
function percentDecode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8ArrayCtor(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    const hex = code === 37 && i + 2 < text.length ? StringPrototypeSlice(text, i + 1, i + 3) : '';
    if (hex !== '' && isHexDigit(hex, 0) && isHexDigit(hex, 1)) {
      bytes[length++] = NumberParseInt(hex, 16);
      i += 2;
    } else bytes[length++] = code;
  }
  return copyBytes(new Uint8ArrayCtor(TypedArrayPrototypeGetBuffer(bytes), 0, length));
}

function isHexDigit(text: string, index: number): boolean {
  const code = StringPrototypeCharCodeAt(text, index) | 32;
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
}

function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === ' ') start++;
  while (end > start && text[end - 1] === ' ') end--;
  return StringPrototypeSlice(text, start, end);
}
