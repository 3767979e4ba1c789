/** ArrayBufferView arguments, taken apart without asking anything that a worker can patch. https://webidl.spec.whatwg.org/#ArrayBufferView */

import {
  ArrayBufferCtor,
  ArrayBufferIsView,
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeGetResizable,
  BigInt64ArrayCtor,
  BigUint64ArrayCtor,
  DataViewCtor,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  Float16ArrayCtor,
  Float32ArrayCtor,
  Float64ArrayCtor,
  Int16ArrayCtor,
  Int32ArrayCtor,
  Int8ArrayCtor,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetTag,
  TypedArrayPrototypeSet,
  TypeErrorCtor,
  Uint16ArrayCtor,
  Uint32ArrayCtor,
  Uint8ArrayCtor,
  Uint8ClampedArrayCtor,
} from '../primordials.ts';
import { isArrayBuffer, viewOf } from '../bytes.ts';
import type { ViewConstructor } from './pull-into.ts';

/** A view's parts, in bytes. */
export class ViewParts {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  /** 0 where the view is out of bounds or its buffer is detached. */
  readonly byteLength: number;
  /** The name of a typed array's constructor; undefined for a DataView. */
  readonly tag: string | undefined;

  constructor(buffer: ArrayBuffer, byteOffset: number, byteLength: number, tag: string | undefined) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.tag = tag;
  }

  get isDetached(): boolean {
    return ArrayBufferPrototypeGetDetached(this.buffer);
  }

  get bufferByteLength(): number {
    return ArrayBufferPrototypeGetByteLength(this.buffer);
  }
}

/** Converts an argument. Throws a TypeError for what is no view, and for views of shared or resizable buffers. */
export function toViewParts(value: unknown, where: string): ViewParts {
  if (!ArrayBufferIsView(value)) throw new TypeErrorCtor(`${where}: the value is not an ArrayBufferView.`);
  const tag = TypedArrayPrototypeGetTag(value);
  const parts = tag === undefined ? dataViewParts(value) : typedArrayParts(value, tag);
  // The getter refuses a SharedArrayBuffer with a TypeError of its own.
  if (ArrayBufferPrototypeGetResizable(parts.buffer)) {
    throw new TypeErrorCtor(`${where}: a view of a resizable buffer cannot be used.`);
  }
  return parts;
}

function typedArrayParts(view: unknown, tag: string): ViewParts {
  return new ViewParts(
    TypedArrayPrototypeGetBuffer(view) as ArrayBuffer,
    TypedArrayPrototypeGetByteOffset(view),
    TypedArrayPrototypeGetByteLength(view),
    tag,
  );
}

function dataViewParts(view: unknown): ViewParts {
  const buffer = DataViewPrototypeGetBuffer(view) as ArrayBuffer;
  try {
    const byteOffset = DataViewPrototypeGetByteOffset(view);
    return new ViewParts(buffer, byteOffset, DataViewPrototypeGetByteLength(view), undefined);
  } catch {
    return new ViewParts(buffer, 0, 0, undefined); // detached or out of bounds
  }
}

/** Converts a chunk that must be a BufferSource to its bytes. Throws a TypeError for anything else, and for shared memory. */
export function toBytes(chunk: unknown): Uint8Array<ArrayBuffer> {
  const bytes = viewOf(chunk);
  if (bytes !== undefined && isArrayBuffer(TypedArrayPrototypeGetBuffer(bytes)))
    return bytes as Uint8Array<ArrayBuffer>;
  throw new TypeErrorCtor('The chunk is not an ArrayBuffer or a view on one.');
}

/** The size in bytes of an element of the named typed array; 1 for a DataView. */
export function elementSizeOf(tag: string | undefined): number {
  switch (tag) {
    case 'Int16Array':
    case 'Uint16Array':
    case 'Float16Array':
      return 2;
    case 'Int32Array':
    case 'Uint32Array':
    case 'Float32Array':
      return 4;
    case 'Float64Array':
    case 'BigInt64Array':
    case 'BigUint64Array':
      return 8;
    default:
      return 1;
  }
}

/** The constructor of the named typed array; DataView for undefined. */
export function viewConstructorOf(tag: string | undefined): ViewConstructor {
  switch (tag) {
    case 'Uint8Array':
      return Uint8ArrayCtor;
    case 'Int8Array':
      return Int8ArrayCtor;
    case 'Uint8ClampedArray':
      return Uint8ClampedArrayCtor;
    case 'Int16Array':
      return Int16ArrayCtor;
    case 'Uint16Array':
      return Uint16ArrayCtor;
    case 'Float16Array':
      return Float16ArrayCtor;
    case 'Int32Array':
      return Int32ArrayCtor;
    case 'Uint32Array':
      return Uint32ArrayCtor;
    case 'Float32Array':
      return Float32ArrayCtor;
    case 'Float64Array':
      return Float64ArrayCtor;
    case 'BigInt64Array':
      return BigInt64ArrayCtor;
    case 'BigUint64Array':
      return BigUint64ArrayCtor;
    default:
      return DataViewCtor;
  }
}

/** A fresh buffer with a copy of the bytes; an empty one for no bytes, which a detached buffer has. */
export function copyOfBytes(buffer: ArrayBuffer, byteOffset: number, byteLength: number): ArrayBuffer {
  const copy = new ArrayBufferCtor(byteLength);
  if (byteLength === 0) return copy;
  TypedArrayPrototypeSet(new Uint8ArrayCtor(copy), new Uint8ArrayCtor(buffer, byteOffset, byteLength));
  return copy;
}
