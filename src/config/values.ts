/** Values that several parts of dialect 1 are made of: names, JSON, bytes. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { entry } from './manual.ts';
import { isRecord } from './plain-copy.ts';

/** Data that JSON can express. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Names that a worker can write after a dot. */
export const identifier = /^[A-Za-z_$][\w$]{0,127}$/u;
export const identifierText = 'a JavaScript identifier of at most 128 ASCII characters';

/** Whether the value itself is one of JSON's. What is inside it is not looked at. */
export function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'object') return value === null || Array.isArray(value) || isRecord(value);
  return typeof value === 'string' || typeof value === 'boolean';
}

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}

/** Bytes as text, with padding. */
export const base64Text = entry(z.string().refine(isBase64), {
  description: 'Base64 with padding.',
  expected: 'base64 with padding',
});

/** Any JSON value. The reader checks what is inside it. */
export const jsonValue = entry(z.custom<Json>(isJson), {
  description: 'Any JSON value.',
  expected: 'a value that JSON can express',
});

/** Bytes, as JSON and as JavaScript files can give them. */
export const bytesValue = entry(z.union([base64Text, z.instanceof(Uint8Array)]), {
  description: 'The bytes: a base64 string with padding, or a `Uint8Array` where the file is JavaScript.',
  expected: 'base64 with padding, or a Uint8Array',
});

/** What a `bytesValue` says, as base64 with padding. */
export function toBase64(data: string | Uint8Array): string {
  if (typeof data === 'string') return data;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}
