/** Bytes of this realm: brand checks and copies that no patched prototype can disturb. */

import {
  ArrayBufferCtor,
  ArrayBufferIsView,
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  SharedArrayBufferPrototypeGetByteLength,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetTag,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from './primordials.ts';

/** Whether the value is an ArrayBuffer (of whichever realm). */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  if (typeof value !== 'object' || value === null || ArrayBufferIsView(value)) return false;
  try {
    ArrayBufferPrototypeGetByteLength(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether the value is a Uint8Array (of whichever realm). */
export function isUint8Array(value: unknown): value is Uint8Array {
  return ArrayBufferIsView(value) && TypedArrayPrototypeGetTag(value) === 'Uint8Array';
}

/** A Uint8Array over the same memory as a BufferSource, or undefined for any other value. Detached ones are empty. */
export function viewOf(value: unknown): Uint8Array | undefined {
  if (ArrayBufferIsView(value)) {
    return TypedArrayPrototypeGetTag(value) === undefined ? viewOfDataView(value) : viewOfTypedArray(value);
  }
  if (!isArrayBuffer(value)) return undefined;
  return ArrayBufferPrototypeGetDetached(value) ? new Uint8ArrayCtor(0) : new Uint8ArrayCtor(value);
}

/** As viewOf, but takes a SharedArrayBuffer (a shared WebAssembly.Memory has one) as well: [AllowShared] of Web IDL. */
export function viewOfShared(value: unknown): Uint8Array | undefined {
  return viewOf(value) ?? (isSharedArrayBuffer(value) ? new Uint8ArrayCtor(value) : undefined);
}

function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  if (typeof value !== 'object' || value === null) return false;
  try {
    SharedArrayBufferPrototypeGetByteLength(value);
    return true;
  } catch {
    return false;
  }
}

function viewOfTypedArray(value: unknown): Uint8Array {
  const length = TypedArrayPrototypeGetByteLength(value);
  if (length === 0) return new Uint8ArrayCtor(0);
  return new Uint8ArrayCtor(
    TypedArrayPrototypeGetBuffer(value),
    TypedArrayPrototypeGetByteOffset(value),
    length,
  );
}

function viewOfDataView(value: unknown): Uint8Array {
  try {
    const length = DataViewPrototypeGetByteLength(value);
    return new Uint8ArrayCtor(
      DataViewPrototypeGetBuffer(value),
      DataViewPrototypeGetByteOffset(value),
      length,
    );
  } catch {
    return new Uint8ArrayCtor(0); // detached or out of bounds
  }
}

/** A copy in a fresh exact-size buffer. */
export function copyBytes(source: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8ArrayCtor(new ArrayBufferCtor(TypedArrayPrototypeGetByteLength(source)));
  TypedArrayPrototypeSet(copy, source);
  return copy;
}

/** The buffer behind bytes that fill it exactly; a copy of them where they do not. */
export function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
  if (TypedArrayPrototypeGetByteLength(bytes) === ArrayBufferPrototypeGetByteLength(buffer)) return buffer;
  return TypedArrayPrototypeGetBuffer(copyBytes(bytes)) as ArrayBuffer;
}
