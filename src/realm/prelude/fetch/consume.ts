/** What the Body methods give beside text. Each consumes the body. https://fetch.spec.whatwg.org/#body-mixin */

import { JSONParse } from '../primordials.ts';
import { exactBuffer } from '../bytes.ts';
import { type Body, consumeBytes, readText, requireUsable } from './body.ts';

export async function consumeArrayBuffer(body: Body | undefined, where: string): Promise<ArrayBuffer> {
  requireUsable(body, where);
  return exactBuffer(await consumeBytes(body));
}

export async function consumeUint8Array(body: Body | undefined, where: string): Promise<Uint8Array> {
  requireUsable(body, where);
  const bytes = await consumeBytes(body);
  return bytes;
}

/** UTF-8 without a byte order mark. */
export async function consumeText(body: Body | undefined, where: string): Promise<string> {
  requireUsable(body, where);
  return readText(body);
}

/** Rejects with a SyntaxError for what is no JSON. */
export async function consumeJson(body: Body | undefined, where: string): Promise<unknown> {
  requireUsable(body, where);
  return JSONParse(await readText(body));
}

export async function consumeBlob(
  body: Body | undefined,
  contentType: string | null,
  where: string,
): Promise<unknown> {
  requireUsable(body, where);
  const bytes = await consumeBytes(body);
  return require('../data/blob.ts').blobOf(bytes, contentType ?? '');
}

/** Rejects with a TypeError for a body that is no form. */
export async function consumeFormData(
  body: Body | undefined,
  contentType: string | null,
  where: string,
): Promise<unknown> {
  requireUsable(body, where);
  const bytes = await consumeBytes(body);
  return require('../data/form-data.ts').parseFormData(bytes, contentType ?? '');
}
