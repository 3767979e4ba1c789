/** Makes the flat form of a value (flat-value.ts). Runs in a thread. */

import { hostKindOf } from '../channel/rpc/payload.ts';
import {
  type FlatRow,
  type FlatTag,
  type FlatValue,
  flatPrimitive,
  longestPattern,
  mostObjects,
} from './flat-value.ts';
import { packFrame } from './frame.ts';

/** The flat form. What a prelude has made is not looked at (HARDENING R4): V8 copies it first. Throws for what is too large. */
export function writeValue(value: unknown, most: number): ArrayBuffer {
  const writer = new Writer();
  // Plain data: nothing in there runs. It takes a third of the time of v8.Serializer and v8.Deserializer (bench/rpc.ts).
  writer.write(structuredClone(value));
  const text = JSON.stringify(writer.rows);
  // A unit of text is one byte at least.
  if (text.length + writer.attachedBytes > most) throw new RangeError('the value is too large');
  const frame = packFrame(text, writer.attached);
  if (frame.byteLength > most) throw new RangeError('the value is too large');
  return frame.buffer;
}

type Row = [FlatTag, ...FlatValue[]];

class Writer {
  readonly rows: FlatRow[] = [];
  readonly attached: ArrayBuffer[] = [];
  attachedBytes = 0;
  readonly #indexes = new Map<object, number>();
  /** Objects in the order of their indexes. */
  readonly #objects: object[] = [];

  write(value: unknown): void {
    this.rows.push(['value', this.#flat(value)]);
    for (let i = 0; i < this.#objects.length; i++) {
      if (i >= mostObjects) throw new RangeError('too many objects');
      this.rows.push(this.#row(this.#objects[i] as object));
    }
  }

  #flat(value: unknown): FlatValue {
    const primitive = flatPrimitive(value);
    return primitive === undefined ? [this.#indexOf(value as object)] : primitive;
  }

  #indexOf(object: object): number {
    const known = this.#indexes.get(object);
    if (known !== undefined) return known;
    const index = this.#objects.push(object);
    this.#indexes.set(object, index);
    return index;
  }

  #row(object: object): Row {
    switch (hostKindOf(object)) {
      case 'array':
        return this.#array(object as unknown[]);
      case 'map': {
        const row: Row = ['map'];
        for (const [key, value] of object as Map<unknown, unknown>)
          row.push(this.#flat(key), this.#flat(value));
        return row;
      }
      case 'set': {
        const row: Row = ['set'];
        for (const value of object as Set<unknown>) row.push(this.#flat(value));
        return row;
      }
      case 'date':
        return ['date', this.#flat((object as Date).getTime())];
      case 'regexp':
        return patternRow(object as RegExp);
      case 'buffer':
        return this.#buffer(object as ArrayBuffer);
      case 'view':
        return this.#view(object as ArrayBufferView);
      case 'plain':
        return this.#properties(['object'], object);
      default:
        return ['boxed', this.#flat((object as { valueOf(): unknown }).valueOf())];
    }
  }

  #array(array: unknown[]): Row {
    const keys = Object.keys(array);
    if (keys.length !== array.length || !isDense(array))
      return this.#properties(['array', array.length], array);
    const row: Row = ['list'];
    for (const value of array) row.push(this.#flat(value));
    return row;
  }

  #properties(row: Row, object: object): Row {
    for (const key of Object.keys(object))
      row.push(key, this.#flat((object as Record<string, unknown>)[key]));
    return row;
  }

  #buffer(buffer: ArrayBuffer): Row {
    this.attached.push(buffer);
    this.attachedBytes += buffer.byteLength;
    return ['buffer', buffer.byteLength, buffer.resizable ? buffer.maxByteLength : -1];
  }

  #view(view: ArrayBufferView): Row {
    const buffer = view.buffer as ArrayBuffer;
    const name = view[Symbol.toStringTag as unknown as keyof ArrayBufferView] as unknown as string;
    const elementSize = name === 'DataView' ? 1 : (view as Uint8Array).BYTES_PER_ELEMENT;
    const length = follows(view, buffer, elementSize) ? -1 : view.byteLength / elementSize;
    return ['view', name, [this.#indexOf(buffer)], view.byteOffset, length];
  }
}

/** Whether every element is there, and nothing else is: as many names as elements, each of which is there. */
function isDense(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (!Object.hasOwn(array, i)) return false;
  return true;
}

function patternRow({ source, flags }: RegExp): Row {
  if (source.length > longestPattern) throw new RangeError('the regular expression is too long');
  return ['regexp', source, flags];
}

/** Whether the view grows with its buffer, which is nobody else's: the language has no question for that. */
function follows(view: ArrayBufferView, buffer: ArrayBuffer, elementSize: number): boolean {
  const { byteLength } = buffer;
  if (!buffer.resizable || byteLength + elementSize > buffer.maxByteLength) return false;
  const before = view.byteLength;
  buffer.resize(byteLength + elementSize);
  const isLonger = view.byteLength !== before;
  buffer.resize(byteLength);
  return isLonger;
}
