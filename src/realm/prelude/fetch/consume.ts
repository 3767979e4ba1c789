/** What the Body methods give. Each consumes the body. https://fetch.spec.whatwg.org/#concept-body-consume-body */

import { exactBuffer } from '../bytes.ts';
import { JSONParse, PromiseCtor, PromiseReject, PromiseResolve } from '../primordials.ts';
import { type Body, receiveBytes, requireUsable, takeText } from './body.ts';

export function consumeArrayBuffer(body: Body | undefined, where: string): Promise<ArrayBuffer> {
  return consume(body, where, exactBuffer);
}

export function consumeUint8Array(body: Body | undefined, where: string): Promise<Uint8Array> {
  return consume(body, where, (bytes) => bytes);
}

/** UTF-8 without a byte order mark. */
export function consumeText(body: Body | undefined, where: string): Promise<string> {
  return consumeAsText(body, where, (text) => text);
}

/** Rejects with a SyntaxError for what is no JSON. */
export function consumeJson(body: Body | undefined, where: string): Promise<unknown> {
  return consumeAsText(body, where, (text) => JSONParse(text) as unknown);
}

export function consumeBlob(
  body: Body | undefined,
  contentType: string | null,
  where: string,
): Promise<unknown> {
  return consume(body, where, (bytes) => require('../data/blob.ts').blobOf(bytes, contentType ?? ''));
}

/** Rejects with a TypeError for a body that is no form. */
export function consumeFormData(
  body: Body | undefined,
  contentType: string | null,
  where: string,
): Promise<unknown> {
  return consume(body, where, (bytes) =>
    require('../data/form-data.ts').parseFormData(bytes, contentType ?? ''),
  );
}

function consumeAsText<T>(body: Body | undefined, where: string, convert: (text: string) => T): Promise<T> {
  try {
    requireUsable(body, where);
    const text = takeText(body);
    if (text !== undefined) return PromiseResolve(convert(text));
  } catch (error) {
    return PromiseReject(error);
  }
  return consume(body, where, (bytes) => convert(require('../encoding/utf8.ts').utf8Decode(bytes)));
}

/** Bytes reach `convert` without a promise in between (see BytesReceiver); only its result is shown to the worker. */
function consume<T>(
  body: Body | undefined,
  where: string,
  convert: (bytes: Uint8Array<ArrayBuffer>) => T,
): Promise<T> {
  return new PromiseCtor<T>((resolve, reject) => {
    requireUsable(body, where);
    receiveBytes(body, { resolve: (bytes) => settle(resolve, reject, convert, bytes), reject });
  });
}

function settle<T>(
  resolve: (value: T) => void,
  reject: (reason: unknown) => void,
  convert: (bytes: Uint8Array<ArrayBuffer>) => T,
  bytes: Uint8Array<ArrayBuffer>,
): void {
  try {
    resolve(convert(bytes));
  } catch (error) {
    reject(error);
  }
}
