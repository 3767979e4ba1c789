/** node:stream/consumers */

import { Buffer } from '../buffer.ts';
import type { Buffer as BufferType } from '../buffer.ts';

type Source = AsyncIterable<unknown> | Iterable<unknown>;

async function buffer(source: Source): Promise<BufferType> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source)
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array));
  return Buffer.concat(chunks);
}

async function arrayBuffer(source: Source): Promise<ArrayBuffer> {
  const all = await buffer(source);
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.byteLength);
}

async function bytes(source: Source): Promise<Uint8Array> {
  return new Uint8Array(await arrayBuffer(source));
}

async function text(source: Source): Promise<string> {
  const decoder = new TextDecoder();
  let all = '';
  for await (const chunk of source) {
    all +=
      typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array<ArrayBuffer>, { stream: true });
  }
  return all + decoder.decode();
}

async function json(source: Source): Promise<unknown> {
  return JSON.parse(await text(source));
}

async function blob(source: Source): Promise<Blob> {
  return new Blob([await arrayBuffer(source)]);
}

export default { arrayBuffer, blob, buffer, bytes, json, text };
