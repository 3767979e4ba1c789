/** Arguments of node:crypto as bytes. */

import { Buffer } from '../buffer.ts';
import { invalidArgType } from '../errors.ts';

/** What can be hashed, or used as a key. */
export type Data = string | ArrayBufferView | ArrayBuffer;

/** A view of the same bytes; text is encoded. */
export function toBytes(data: unknown, name: string, encoding?: string): ArrayBufferView {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(data)) return data;
  throw invalidArgType(name, 'of type string or an instance of Buffer, TypedArray, or DataView', data);
}

/** The same, and an ArrayBuffer. */
export function toSecret(data: unknown, name: string): ArrayBufferView {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (typeof data === 'string' || ArrayBuffer.isView(data)) return toBytes(data, name);
  throw invalidArgType(
    name,
    'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView',
    data,
  );
}
