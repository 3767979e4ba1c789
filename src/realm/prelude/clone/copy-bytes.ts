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
  TypedArrayPrototypeIndexOf,
  TypedArrayPrototypeSet,
  Uint16ArrayCtor,
  Uint32ArrayCtor,
  Uint8ArrayCtor,
  Uint8ClampedArrayCtor,
} from '../primordials.ts';

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

/** From this length on, in bytes, filling memory with zeros is felt. */
const LARGE = 4096;

/** A copy in memory of this realm, resizable if the source is; undefined for a detached buffer. */
export function copyBuffer(source: ArrayBuffer): ArrayBuffer | undefined {
  if (ArrayBufferPrototypeGetDetached(source)) return undefined;
  const length = ArrayBufferPrototypeGetByteLength(source);
  // A typed array made of another is not filled with zeros first, which would take as long as the copy.
  if (length >= LARGE && !ArrayBufferPrototypeGetResizable(source))
    return TypedArrayPrototypeGetBuffer(new Uint8ArrayCtor(new Uint8ArrayCtor(source))) as ArrayBuffer;
  const target = ArrayBufferPrototypeGetResizable(source)
    ? newResizableBuffer(length, ArrayBufferPrototypeGetMaxByteLength(source))
    : new ArrayBufferCtor(length);
  if (length > 0) TypedArrayPrototypeSet(new Uint8ArrayCtor(target), new Uint8ArrayCtor(source));
  return target;
}

/** A resizable buffer of this realm. */
export function newResizableBuffer(byteLength: number, maxByteLength: number): ArrayBuffer {
  return new ArrayBufferCtor(byteLength, makeResizable(maxByteLength));
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

/** A view by the name of its class. `length`: as in ViewShape. */
export function makeNamedView(
  name: string,
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number | undefined,
): ArrayBufferView {
  return makeView({ type: viewTypes[name] as ViewType, byteOffset, length }, buffer);
}

/** The buffer of a view. `tag`: the name of a typed array's class; undefined for a DataView. */
export function bufferOf(view: ArrayBufferView, tag: string | undefined): ArrayBuffer {
  return (
    tag === undefined ? DataViewPrototypeGetBuffer(view) : TypedArrayPrototypeGetBuffer(view)
  ) as ArrayBuffer;
}

/** What the view of this tag and buffer is like; undefined for one that is out of the bounds of its buffer. */
export function shapeOf(
  view: ArrayBufferView,
  tag: string | undefined,
  buffer: ArrayBuffer,
): ViewShape | undefined {
  if (isOutOfBounds(view, tag)) return undefined;
  const type = viewTypes[tag ?? 'DataView'] as ViewType;
  const byteOffset =
    tag === undefined ? DataViewPrototypeGetByteOffset(view) : TypedArrayPrototypeGetByteOffset(view);
  const tracking =
    ArrayBufferPrototypeGetResizable(buffer) && isTracking(view, tag, type, byteOffset, buffer);
  return { type, byteOffset, length: tracking ? undefined : byteLengthOf(view, tag) / type.elementSize };
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
