/** Makes the flat form of a value (flat.ts). */

import { newBareArray } from '../bare-array.ts';
import { ByteList } from '../byte-list.ts';
import {
  type DOMException,
  isDOMException,
  newDOMException,
  textOfDOMException,
} from '../errors/dom-exception.ts';
import { stackOf } from '../errors/describe.ts';
import {
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetMaxByteLength,
  ArrayBufferPrototypeGetResizable,
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  DatePrototypeGetTime,
  JSONStringify,
  MapCtor,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
  NumberIsFinite,
  NumberPrototypeValueOf,
  ObjectKeys,
  RegExpPrototypeGetFlags,
  RegExpPrototypeGetSource,
  StringCtor,
  StringPrototypeValueOf,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetTag,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { bufferOf, shapeOf } from './copy-bytes.ts';
import { dataProperty } from './copy-error.ts';
import { entriesOf, valuesOf } from './entries.ts';
import type { Flat, FlatTag, FlatValue } from './flat.ts';
import { kindOf } from './kinds.ts';

/** Values and index lists are mixed in here; JSON.stringify asks such an array for nothing but its elements. */
type Row = unknown[];

/** An object that has an index and waits for its record. */
interface Waiting {
  readonly source: object;
  next: Waiting | undefined;
}

class Writer {
  readonly rows = newBareArray<Row>();
  readonly bytes = new ByteList();
  #length = 0;
  readonly #indexes = new MapCtor<object, number>();
  #first: Waiting | undefined;
  #last: Waiting | undefined;

  begin(tag: FlatTag): Row {
    const row = newBareArray<unknown>();
    row[0] = tag;
    this.rows[this.rows.length] = row;
    return row;
  }

  add(row: Row, value: unknown): void {
    row[row.length] = this.#flatValue(value);
  }

  /** Adds offset and length of bytes. */
  addBytes(row: Row, bytes: Uint8Array): void {
    const length = TypedArrayPrototypeGetByteLength(bytes);
    this.add(row, this.#length);
    this.add(row, length);
    this.bytes.add(bytes);
    this.#length += length;
  }

  takeWaiting(): object | undefined {
    const waiting = this.#first;
    if (waiting === undefined) return undefined;
    this.#first = waiting.next;
    if (this.#first === undefined) this.#last = undefined;
    return waiting.source;
  }

  indexOf(source: object): number {
    const known = MapPrototypeGet(this.#indexes, source);
    if (known !== undefined) return known;
    const index = MapPrototypeGetSize(this.#indexes) + 1;
    MapPrototypeSet(this.#indexes, source, index);
    const waiting: Waiting = { source, next: undefined };
    if (this.#last === undefined) this.#first = waiting;
    else this.#last.next = waiting;
    this.#last = waiting;
    return index;
  }

  #flatValue(value: unknown): FlatValue {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (value === 0) return 1 / value < 0 ? pair('number', '-0') : 0;
        return NumberIsFinite(value) ? value : pair('number', StringCtor(value));
      case 'bigint':
        return pair('bigint', StringCtor(value));
      case 'object': {
        if (value === null) return null;
        const reference = newBareArray<number>();
        reference[0] = this.indexOf(value);
        return reference as unknown as readonly [number];
      }
      default:
        return pair('undefined', '');
    }
  }
}

function pair(name: string, text: string): readonly [string, string] {
  const made = newBareArray<string>();
  made[0] = name;
  made[1] = text;
  return made as unknown as readonly [string, string];
}

/**
 * Flattens a clone: a value that structuredClone has made, so that nothing in there runs code. Throws a DataCloneError for a platform
 * object that cannot leave the thread.
 */
export function flatten(clone: unknown): Flat {
  const writer = new Writer();
  writer.add(writer.begin('value'), clone);
  for (let source = writer.takeWaiting(); source !== undefined; source = writer.takeWaiting())
    write(writer, source);
  return { text: JSONStringify(writer.rows), bytes: writer.bytes.join() };
}

function write(writer: Writer, source: object): void {
  const kind = kindOf(source);
  switch (kind) {
    case 'plain':
      return writeProperties(writer, writer.begin('object'), source);
    case 'array': {
      const row = writer.begin('array');
      writer.add(row, (source as unknown[]).length);
      return writeProperties(writer, row, source);
    }
    case 'map':
      return writeMap(writer, source as Map<unknown, unknown>);
    case 'set':
      return writeSet(writer, source as Set<unknown>);
    case 'error':
      return writeError(writer, source);
    case 'buffer':
      return writeBuffer(writer, source as ArrayBuffer);
    case 'view':
      return writeView(writer, source as ArrayBufferView);
    case 'platform':
    case 'exotic':
    case 'function':
      return writePlatform(writer, source);
    default:
      return writePrimitive(writer, kind, source);
  }
}

function writePrimitive(
  writer: Writer,
  kind: 'date' | 'regexp' | 'boolean' | 'number' | 'string' | 'bigint',
  source: object,
): void {
  const row = writer.begin(kind === 'date' || kind === 'regexp' ? kind : 'wrapper');
  if (kind === 'date') writer.add(row, DatePrototypeGetTime(source));
  else if (kind === 'boolean') writer.add(row, BooleanPrototypeValueOf(source));
  else if (kind === 'number') writer.add(row, NumberPrototypeValueOf(source));
  else if (kind === 'string') writer.add(row, StringPrototypeValueOf(source));
  else if (kind === 'bigint') writer.add(row, BigIntPrototypeValueOf(source));
  else {
    writer.add(row, RegExpPrototypeGetSource(source));
    writer.add(row, RegExpPrototypeGetFlags(source));
  }
}

function writeProperties(writer: Writer, row: Row, source: object): void {
  const keys = ObjectKeys(source);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    writer.add(row, key);
    writer.add(row, (source as Record<string, unknown>)[key]);
  }
}

function writeMap(writer: Writer, source: Map<unknown, unknown>): void {
  const row = writer.begin('map');
  for (let entry = entriesOf(source); entry !== undefined; entry = entry.next) {
    writer.add(row, entry.key);
    writer.add(row, entry.value);
  }
}

function writeSet(writer: Writer, source: Set<unknown>): void {
  const row = writer.begin('set');
  for (let entry = valuesOf(source); entry !== undefined; entry = entry.next) writer.add(row, entry.value);
}

function writeError(writer: Writer, source: object): void {
  const row = writer.begin('error');
  writer.add(row, (source as Error).name);
  writer.add(row, dataProperty(source, 'message')?.value);
  writer.add(row, stackOf(source));
  writer.add(row, dataProperty(source, 'cause')?.value);
}

function writeBuffer(writer: Writer, source: ArrayBuffer): void {
  const row = writer.begin('buffer');
  writer.addBytes(row, new Uint8ArrayCtor(source, 0, ArrayBufferPrototypeGetByteLength(source)));
  writer.add(
    row,
    ArrayBufferPrototypeGetResizable(source) ? ArrayBufferPrototypeGetMaxByteLength(source) : -1,
  );
}

function writeView(writer: Writer, source: ArrayBufferView): void {
  const row = writer.begin('view');
  const tag = TypedArrayPrototypeGetTag(source);
  const buffer = bufferOf(source, tag);
  const shape = shapeOf(source, tag, buffer);
  writer.add(row, tag ?? 'DataView');
  writer.add(row, writer.indexOf(buffer));
  writer.add(row, shape?.byteOffset ?? 0);
  writer.add(row, shape?.length ?? -1);
}

function writePlatform(writer: Writer, source: object): void {
  if (isDOMException(source)) return writeException(writer, source);
  const { blobBytes, blobType, isBlob } = require('../data/blob.ts');
  if (!isBlob(source)) {
    throw newDOMException('this kind of object cannot be sent to other threads', 'DataCloneError');
  }
  const { fileName, fileTime, isFile } = require('../data/file.ts');
  const row = writer.begin(isFile(source) ? 'file' : 'blob');
  writer.addBytes(row, blobBytes(source));
  writer.add(row, blobType(source));
  if (!isFile(source)) return;
  writer.add(row, fileName(source));
  writer.add(row, fileTime(source));
}

function writeException(writer: Writer, source: DOMException): void {
  const row = writer.begin('exception');
  const { name, message } = textOfDOMException(source);
  writer.add(row, name);
  writer.add(row, message);
  writer.add(row, stackOf(source));
}
