/** Copies ArrayBuffers and views of them. https://html.spec.whatwg.org/#structuredserializeinternal */

import {
  ArrayBufferCtor,
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeGetMaxByteLength,
  ArrayBufferPrototypeGetResizable,
  ArrayBufferPrototypeResize,
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
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetTag,
  TypedArrayPrototypeIndexOf,
  TypedArrayPrototypeSet,
  Uint16ArrayCtor,
  Uint32ArrayCtor,
  Uint8ArrayCtor,
  Uint8ClampedArrayCtor,
} from '../primordials.ts';
import { type Copier, copyValue, refuse } from './copier.ts';
import type { PathKey } from './path.ts';

type ViewConstructor = new (buffer: ArrayBuffer, byteOffset: number, length?: number) => ArrayBufferView;

interface ViewType {
  readonly construct: ViewConstructor;
  readonly elementSize: number;
}

/** By the name of the class; `DataView` for what is no typed array. */
const viewTypes = {
  __proto__: null,
  Int8Array: { construct: Int8ArrayCtor, elementSize: 1 },
  Uint8Array: { construct: Uint8ArrayCtor, elementSize: 1 },
  Uint8ClampedArray: { construct: Uint8ClampedArrayCtor, elementSize: 1 },
  Int16Array: { construct: Int16ArrayCtor, elementSize: 2 },
  Uint16Array: { construct: Uint16ArrayCtor, elementSize: 2 },
  Int32Array: { construct: Int32ArrayCtor, elementSize: 4 },
  Uint32Array: { construct: Uint32ArrayCtor, elementSize: 4 },
  BigInt64Array: { construct: BigInt64ArrayCtor, elementSize: 8 },
  BigUint64Array: { construct: BigUint64ArrayCtor, elementSize: 8 },
  Float16Array: { construct: Float16ArrayCtor, elementSize: 2 },
  Float32Array: { construct: Float32ArrayCtor, elementSize: 4 },
  Float64Array: { construct: Float64ArrayCtor, elementSize: 8 },
  DataView: { construct: DataViewCtor, elementSize: 1 },
} as unknown as Record<string, ViewType>;

/** A copy in memory of this realm, resizable if the source is. */
export function copyBuffer(copier: Copier, source: ArrayBuffer, key: PathKey): ArrayBuffer {
  if (ArrayBufferPrototypeGetDetached(source))
    throw refuse(copier, key, 'a detached ArrayBuffer cannot be cloned');
  const length = ArrayBufferPrototypeGetByteLength(source);
  const target = ArrayBufferPrototypeGetResizable(source)
    ? new ArrayBufferCtor(length, makeResizable(ArrayBufferPrototypeGetMaxByteLength(source)))
    : new ArrayBufferCtor(length);
  if (length > 0) TypedArrayPrototypeSet(new Uint8ArrayCtor(target), new Uint8ArrayCtor(source));
  return target;
}

function makeResizable(maxByteLength: number): { maxByteLength: number } {
  return { __proto__: null, maxByteLength } as unknown as { maxByteLength: number };
}

/** What a view needs to be made again over another buffer. */
export interface ViewShape {
  readonly type: ViewType;
  readonly byteOffset: number;
  /** In elements; undefined for a view that follows the length of its buffer. */
  readonly length: number | undefined;
}

/** Makes the view that a shape describes. */
export function makeView(shape: ViewShape, buffer: ArrayBuffer): ArrayBufferView {
  const { construct } = shape.type;
  return shape.length === undefined
    ? new construct(buffer, shape.byteOffset)
    : new construct(buffer, shape.byteOffset, shape.length);
}

/** A view over a copy of its buffer, which views of the same buffer share. */
export function copyView(copier: Copier, source: ArrayBufferView, key: PathKey): object {
  const tag = TypedArrayPrototypeGetTag(source);
  const buffer = (
    tag === undefined ? DataViewPrototypeGetBuffer(source) : TypedArrayPrototypeGetBuffer(source)
  ) as ArrayBuffer;
  if (isOutOfBounds(source, tag)) throw refuse(copier, key, 'a view that is out of bounds cannot be cloned');
  const shape = shapeOf(source, tag, buffer);
  const target = copyValue(copier, buffer, key) as ArrayBuffer;
  return copier.viewOf === undefined ? makeView(shape, target) : copier.viewOf(shape, target);
}

function isOutOfBounds(view: ArrayBufferView, tag: string | undefined): boolean {
  try {
    if (tag === undefined) DataViewPrototypeGetByteLength(view);
    else if (TypedArrayPrototypeGetLength(view) === 0) TypedArrayPrototypeIndexOf(view, undefined);
    return false;
  } catch {
    return true;
  }
}

function shapeOf(view: ArrayBufferView, tag: string | undefined, buffer: ArrayBuffer): ViewShape {
  const type = viewTypes[tag ?? 'DataView'] as ViewType;
  const byteOffset =
    tag === undefined ? DataViewPrototypeGetByteOffset(view) : TypedArrayPrototypeGetByteOffset(view);
  const byteLength = byteLengthOf(view, tag);
  const tracking =
    ArrayBufferPrototypeGetResizable(buffer) && isTracking(view, tag, type, byteOffset, buffer);
  return { type, byteOffset, length: tracking ? undefined : byteLength / type.elementSize };
}

function byteLengthOf(view: ArrayBufferView, tag: string | undefined): number {
  return tag === undefined ? DataViewPrototypeGetByteLength(view) : TypedArrayPrototypeGetByteLength(view);
}

/**
 * Whether the view follows the length of its resizable buffer. The language has no question for that, so the buffer is resized for a
 * moment: code that could notice does not run in between.
 */
function isTracking(
  view: ArrayBufferView,
  tag: string | undefined,
  type: ViewType,
  byteOffset: number,
  buffer: ArrayBuffer,
): boolean {
  const length = ArrayBufferPrototypeGetByteLength(buffer);
  const before = byteLengthOf(view, tag);
  if (length - byteOffset - before >= type.elementSize) return false;
  if (length + type.elementSize <= ArrayBufferPrototypeGetMaxByteLength(buffer)) {
    ArrayBufferPrototypeResize(buffer, length + type.elementSize);
    const after = byteLengthOf(view, tag);
    ArrayBufferPrototypeResize(buffer, length);
    return after !== before;
  }
  if (before === 0) return true; // it can never be longer, so nobody can tell
  return tracksShrinking(view, tag, byteOffset, before, buffer, length);
}

/** A view of fixed length is out of bounds in a buffer that is one byte too short for it; the others are just shorter. */
function tracksShrinking(
  view: ArrayBufferView,
  tag: string | undefined,
  byteOffset: number,
  before: number,
  buffer: ArrayBuffer,
  length: number,
): boolean {
  const shorter = byteOffset + before - 1;
  const tail = new Uint8ArrayCtor(length - shorter);
  TypedArrayPrototypeSet(tail, new Uint8ArrayCtor(buffer, shorter));
  ArrayBufferPrototypeResize(buffer, shorter);
  const tracking = !isOutOfBounds(view, tag);
  ArrayBufferPrototypeResize(buffer, length);
  TypedArrayPrototypeSet(new Uint8ArrayCtor(buffer, shorter), tail);
  return tracking;
}
