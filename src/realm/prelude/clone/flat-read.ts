/** Makes a value of this realm from its flat form (flat.ts), which another realm's prelude has written. */

import { newDOMException } from '../errors/dom-exception.ts';
import { defineValue } from '../lazy.ts';
import {
  BigIntCtor,
  DateCtor,
  JSONParse,
  MapCtor,
  MapPrototypeSet,
  NumberCtor,
  ObjectCtor,
  RegExpCtor,
  SetCtor,
  SetPrototypeAdd,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { newBareArray } from '../bare-array.ts';
import { copyBytes } from '../bytes.ts';
import { makeNamedView, newResizableBuffer } from './copy-bytes.ts';
import { errorConstructor } from './copy-error.ts';
import type { Flat, FlatTag, FlatValue } from './flat.ts';

type Row = readonly [FlatTag, ...FlatValue[]];

/** What is read so far. */
interface Reading {
  readonly rows: readonly Row[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly objects: (object | undefined)[];
}

/** A value of its own: nothing in there is shared with what else is read from the same form. */
export function unflatten({ text, bytes }: Flat): unknown {
  const rows = JSONParse(text) as readonly Row[];
  const reading: Reading = { rows, bytes, objects: newBareArray<object | undefined>() };
  for (let i = 1; i < rows.length; i++) objectAt(reading, i);
  for (let i = 1; i < rows.length; i++) fill(reading, i);
  return valueAt(reading, rows[0] as Row, 1);
}

/** The object of a record, made if it is not yet; what it holds comes later. */
function objectAt(reading: Reading, index: number): object {
  const known = reading.objects[index];
  if (known !== undefined) return known;
  const made = make(reading, reading.rows[index] as Row);
  reading.objects[index] = made;
  return made;
}

function valueAt(reading: Reading, row: Row, at: number): unknown {
  const value = row[at] as FlatValue;
  if (typeof value !== 'object' || value === null) return value;
  const name = value[0];
  if (typeof name === 'number') return objectAt(reading, name);
  const text = value[1] as string;
  if (name === 'number') return NumberCtor(text);
  return name === 'bigint' ? BigIntCtor(text) : undefined;
}

function make(reading: Reading, row: Row): object {
  // Past its end an array asks Array.prototype, where a worker may have put something.
  const first = row.length > 1 ? valueAt(reading, row, 1) : undefined;
  switch (row[0]) {
    case 'array':
      return [];
    case 'map':
      return new MapCtor();
    case 'set':
      return new SetCtor();
    case 'date':
      return new DateCtor(first as number);
    case 'regexp':
      return new RegExpCtor(first as string, row[2] as string);
    case 'wrapper':
      return ObjectCtor(first) as object;
    case 'error':
      return makeError(row);
    case 'exception':
      return withStack(newDOMException(row[2] as string, first as string), row[3]);
    case 'buffer':
      return makeBuffer(bytesOf(reading, row), row[3] as number);
    case 'view': {
      const buffer = objectAt(reading, row[2] as number) as ArrayBuffer;
      const length = row[4] as number;
      return makeNamedView(first as string, buffer, row[3] as number, length < 0 ? undefined : length);
    }
    case 'blob':
      return require('../data/blob.ts').newBlob(copyBytes(bytesOf(reading, row)), row[3] as string);
    case 'file': {
      const bytes = copyBytes(bytesOf(reading, row));
      return require('../data/file.ts').newFile(bytes, row[4] as string, row[3] as string, row[5] as number);
    }
    default:
      return {};
  }
}

function bytesOf(reading: Reading, row: Row): Uint8Array<ArrayBuffer> {
  const buffer = TypedArrayPrototypeGetBuffer(reading.bytes) as ArrayBuffer;
  return new Uint8ArrayCtor(buffer, row[1] as number, row[2] as number);
}

function makeBuffer(bytes: Uint8Array<ArrayBuffer>, maxByteLength: number): ArrayBuffer {
  if (maxByteLength < 0) return TypedArrayPrototypeGetBuffer(copyBytes(bytes)) as ArrayBuffer;
  const buffer = newResizableBuffer(TypedArrayPrototypeGetByteLength(bytes), maxByteLength);
  TypedArrayPrototypeSet(new Uint8ArrayCtor(buffer), bytes);
  return buffer;
}

function makeError(row: Row): Error {
  const construct = errorConstructor(row[1]);
  const message = row[2];
  return withStack(typeof message === 'string' ? new construct(message) : new construct(), row[3]);
}

function withStack<E extends object>(error: E, stack: unknown): E {
  if (typeof stack === 'string') defineValue(error, 'stack', stack);
  return error;
}

function fill(reading: Reading, index: number): void {
  const row = reading.rows[index] as Row;
  const target = reading.objects[index] as object;
  switch (row[0]) {
    case 'object':
      fillProperties(reading, row, 1, target);
      break;
    case 'array':
      fillProperties(reading, row, 2, target);
      (target as unknown[]).length = row[1] as number;
      break;
    case 'map':
      for (let i = 1; i < row.length; i += 2)
        MapPrototypeSet(
          target as Map<unknown, unknown>,
          valueAt(reading, row, i),
          valueAt(reading, row, i + 1),
        );
      break;
    case 'set':
      for (let i = 1; i < row.length; i++) SetPrototypeAdd(target as Set<unknown>, valueAt(reading, row, i));
      break;
    case 'error': {
      const cause = valueAt(reading, row, 4);
      if (cause !== undefined) defineValue(target, 'cause', cause);
      break;
    }
    default:
  }
}

function fillProperties(reading: Reading, row: Row, from: number, target: object): void {
  for (let i = from; i < row.length; i += 2)
    defineValue(target, row[i] as string, valueAt(reading, row, i + 1), true);
}
