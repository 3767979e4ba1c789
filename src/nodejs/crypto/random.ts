/** Random bytes and numbers, from the realm's crypto. */

import { Buffer } from '../buffer.ts';
import type { Buffer as BufferType } from '../buffer.ts';
import { invalidArgType, outOfRange } from '../errors.ts';
import { nextTick } from '../process/next-tick.ts';
import { validateFunction, validateInteger } from '../validate.ts';
import type { AnyFunction } from '../validate.ts';

const { crypto } = globalThis;
const mostAtOnce = 65_536;

function fill(bytes: Uint8Array<ArrayBuffer>): void {
  for (let i = 0; i < bytes.length; i += mostAtOnce)
    crypto.getRandomValues(bytes.subarray(i, i + mostAtOnce));
}

/** Without a callback the bytes, with one nothing. */
export function randomBytes(size: number, callback?: AnyFunction): BufferType | undefined {
  if (typeof size !== 'number') throw invalidArgType('size', 'of type number', size);
  if (!(size >= 0 && size < 2 ** 31)) throw outOfRange('size', `>= 0 && <= ${2 ** 31 - 1}`, size);
  if (callback !== undefined) validateFunction(callback, 'callback');
  const bytes = Buffer.alloc(size);
  fill(bytes);
  if (callback === undefined) return bytes;
  nextTick(callback, null, bytes);
  return undefined;
}

/** `offset` and `size` count elements, as in Node.js. */
export function randomFillSync<T extends ArrayBufferView | ArrayBuffer>(
  target: T,
  offset = 0,
  size?: number,
): T {
  const isView = ArrayBuffer.isView(target);
  if (!isView && !(target instanceof ArrayBuffer))
    throw invalidArgType('buf', 'an instance of ArrayBuffer or ArrayBufferView', target);
  const width = (isView && (target as Uint8Array).BYTES_PER_ELEMENT) || 1;
  const length = target.byteLength / width;
  validateInteger(offset, 'offset', 0, length);
  validateInteger(size ?? length - offset, 'size', 0, length - offset);
  const buffer = (isView ? target.buffer : target) as ArrayBuffer;
  const start = (isView ? target.byteOffset : 0) + offset * width;
  fill(new Uint8Array(buffer, start, (size ?? length - offset) * width));
  return target;
}

export function randomFill(target: ArrayBufferView | ArrayBuffer, ...more: unknown[]): void {
  const callback = more.pop();
  validateFunction(callback, 'callback');
  const [offset, size] = more as number[];
  nextTick(callback, null, randomFillSync(target, offset, size));
}

const widest = 2 ** 48 - 1;

/** `randomInt([min, ]max[, callback])`, every number as likely as the others. */
export function randomInt(...args: unknown[]): number | undefined {
  const callback = typeof args.at(-1) === 'function' ? (args.pop() as AnyFunction) : undefined;
  const [min, max] = args.length < 2 ? [0, args[0]] : args;
  if (!Number.isSafeInteger(min)) throw invalidArgType('min', 'a safe integer', min);
  if (!Number.isSafeInteger(max)) throw invalidArgType('max', 'a safe integer', max);
  const [least, end] = [min as number, max as number];
  if (end <= least) throw outOfRange('max', `greater than the value of "min" (${least})`, end);
  const range = end - least;
  if (range > widest) throw outOfRange('max - min', `<= ${widest}`, range);
  const value = least + below(range);
  if (callback === undefined) return value;
  nextTick(callback, undefined, value);
  return undefined;
}

/** Numbers beyond the last whole multiple of the range are drawn again. */
function below(range: number): number {
  const limit = widest + 1 - ((widest + 1) % range);
  for (;;) {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
    const drawn = (high % 65_536) * 2 ** 32 + low;
    if (drawn < limit) return drawn % range;
  }
}
