/** Bodies from what a worker gives. https://fetch.spec.whatwg.org/#concept-bodyinit-extract */

import { SymbolAsyncIterator, TypeErrorCtor, StringPrototypeToWellFormed } from '../primordials.ts';
import { copyBytes, viewOf } from '../bytes.ts';
import { isObject, toUSVString } from '../webidl.ts';
import { type Body, bytesBody, streamBody, textBody } from './body.ts';

/** A body and the Content-Type it asks for, if any. */
export interface ExtractedBody {
  readonly body: Body;
  readonly contentType: string | undefined;
}

const TEXT_TYPE = 'text/plain;charset=UTF-8';

/** Extracts a body from a BodyInit that is neither null nor undefined. Throws a TypeError for a stream that is in use. */
export function extractBody(init: unknown, where: string): ExtractedBody {
  if (typeof init === 'string') {
    return { body: textBody(StringPrototypeToWellFormed(init)), contentType: TEXT_TYPE };
  }
  return isObject(init) ? extractFromObject(init, where) : fromText(init);
}

function fromText(init: unknown): ExtractedBody {
  return { body: textBody(toUSVString(init)), contentType: TEXT_TYPE };
}

function extractFromObject(init: object, where: string): ExtractedBody {
  const view = viewOf(init);
  if (view !== undefined) return { body: bytesBody(copyBytes(view)), contentType: undefined };
  const { isReadableStream, isDisturbed, isLocked } = require('../streams/internal.ts');
  if (isReadableStream(init)) {
    if (isDisturbed(init) || isLocked(init))
      throw new TypeErrorCtor(`${where}: the stream is disturbed or locked.`);
    return { body: streamBody(init), contentType: undefined };
  }
  return extractFromData(init) ?? extractFromIterable(init) ?? fromText(init);
}

function extractFromData(init: object): ExtractedBody | undefined {
  const { isUrlSearchParams, serializeUrlSearchParams } = require('../url/url-search-params.ts');
  if (isUrlSearchParams(init)) {
    const contentType = 'application/x-www-form-urlencoded;charset=UTF-8';
    return { body: textBody(serializeUrlSearchParams(init)), contentType };
  }
  const { isBlob, blobBytes, blobType } = require('../data/blob.ts');
  if (isBlob(init)) {
    const type = blobType(init);
    const body = bytesBody(blobBytes(init));
    body.shared = true; // a Blob never changes, and goes on being readable
    return { body, contentType: type === '' ? undefined : type };
  }
  const { isFormData, serializeFormData } = require('../data/form-data.ts');
  if (isFormData(init)) {
    const { bytes, contentType } = serializeFormData(init);
    return { body: bytesBody(bytes), contentType };
  }
  return undefined;
}

/** Async iterables of bytes or strings, as other server runtimes take them. */
function extractFromIterable(init: object): ExtractedBody | undefined {
  const method = (init as Record<symbol, unknown>)[SymbolAsyncIterator as symbol];
  if (typeof method !== 'function') return undefined;
  const { iterableStream } = require('../streams/internal.ts');
  return { body: streamBody(iterableStream(init)), contentType: undefined };
}
