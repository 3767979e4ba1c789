/** Pull-into descriptors: the buffers that a byte stream is asked to fill. https://streams.spec.whatwg.org/#pull-into-descriptor */

import {
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeTransfer,
  MathMin,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from '../primordials.ts';

/** Constructs a view over a buffer; `length` is in elements. */
export type ViewConstructor = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => ArrayBufferView<ArrayBuffer>;

/** One buffer to fill, and for whom. */
export class PullInto {
  /** Links the list that it waits in. */
  next: PullInto | undefined = undefined;
  buffer: ArrayBuffer;
  readonly bufferByteLength: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  bytesFilled = 0;
  readonly minimumFill: number;
  readonly elementSize: number;
  readonly viewConstructor: ViewConstructor;
  /** 'none' once the reader has been released. */
  readerType: 'default' | 'byob' | 'none';

  constructor(
    buffer: ArrayBuffer,
    byteOffset: number,
    byteLength: number,
    minimumFill: number,
    elementSize: number,
    viewConstructor: ViewConstructor,
    readerType: 'default' | 'byob',
  ) {
    this.buffer = buffer;
    this.bufferByteLength = ArrayBufferPrototypeGetByteLength(buffer);
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.minimumFill = minimumFill;
    this.elementSize = elementSize;
    this.viewConstructor = viewConstructor;
    this.readerType = readerType;
  }

  /** The part that is not filled yet, as bytes. */
  get rest(): Uint8Array<ArrayBuffer> {
    return new Uint8ArrayCtor(
      this.buffer,
      this.byteOffset + this.bytesFilled,
      this.byteLength - this.bytesFilled,
    );
  }

  /** ReadableByteStreamControllerConvertPullIntoDescriptor: what is filled, as the reader's kind of view over a transferred buffer. */
  toView(): ArrayBufferView<ArrayBuffer> {
    const buffer = ArrayBufferPrototypeTransfer(this.buffer);
    return new this.viewConstructor(buffer, this.byteOffset, this.bytesFilled / this.elementSize);
  }
}

/** Descriptors, first in, first out. */
export class PullIntoList {
  head: PullInto | undefined = undefined;
  #tail: PullInto | undefined = undefined;

  push(item: PullInto): void {
    if (this.#tail === undefined) this.head = item;
    else this.#tail.next = item;
    this.#tail = item;
  }

  /** There must be one. */
  shift(): PullInto {
    const item = this.head as PullInto;
    this.head = item.next;
    if (item.next === undefined) this.#tail = undefined;
    item.next = undefined;
    return item;
  }

  clear(): void {
    this.head = undefined;
    this.#tail = undefined;
  }

  /** Forgets all but the first. */
  keepFirst(): void {
    if (this.head === undefined) return;
    this.head.next = undefined;
    this.#tail = this.head;
  }
}

class Entry {
  buffer: ArrayBuffer;
  byteOffset: number;
  byteLength: number;
  next: Entry | undefined = undefined;

  constructor(buffer: ArrayBuffer, byteOffset: number, byteLength: number) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
  }
}

/** The queue of a byte stream: buffers that belong to it. */
export class ByteQueue {
  #head: Entry | undefined = undefined;
  #tail: Entry | undefined = undefined;
  /** In bytes. */
  total = 0;

  push(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    const entry = new Entry(buffer, byteOffset, byteLength);
    if (this.#tail === undefined) this.#head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
    this.total += byteLength;
  }

  /** Removes the first chunk. The queue must not be empty. */
  shift(): Uint8Array<ArrayBuffer> {
    const entry = this.#head as Entry;
    this.#drop(entry);
    this.total -= entry.byteLength;
    return new Uint8ArrayCtor(entry.buffer, entry.byteOffset, entry.byteLength);
  }

  reset(): void {
    this.#head = undefined;
    this.#tail = undefined;
    this.total = 0;
  }

  /**
   * ReadableByteStreamControllerFillPullIntoDescriptorFromQueue: moves bytes into the descriptor, and says whether it has got enough.
   * Once it has, it holds whole elements.
   */
  fill(item: PullInto): boolean {
    const available = MathMin(this.total, item.byteLength - item.bytesFilled);
    const filled = item.bytesFilled + available;
    const aligned = filled - (filled % item.elementSize);
    const ready = aligned >= item.minimumFill;
    this.#copyInto(item, ready ? aligned - item.bytesFilled : available);
    return ready;
  }

  #copyInto(item: PullInto, count: number): void {
    let remaining = count;
    while (remaining > 0) {
      const entry = this.#head as Entry;
      const length = MathMin(remaining, entry.byteLength);
      const target = new Uint8ArrayCtor(item.buffer, item.byteOffset + item.bytesFilled, length);
      TypedArrayPrototypeSet(target, new Uint8ArrayCtor(entry.buffer, entry.byteOffset, length));
      if (length === entry.byteLength) this.#drop(entry);
      entry.byteOffset += length;
      entry.byteLength -= length;
      this.total -= length;
      item.bytesFilled += length;
      remaining -= length;
    }
  }

  #drop(entry: Entry): void {
    this.#head = entry.next;
    if (entry.next === undefined) this.#tail = undefined;
  }
}
