/** Collects bytes to be joined. A linked list: what an array is given, a worker's setter on Array.prototype could take. */

import {
  ArrayBufferCtor,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from './primordials.ts';

interface Link {
  readonly bytes: Uint8Array;
  next: Link | undefined;
}

export class ByteList {
  #first: Link | undefined = undefined;
  #last: Link | undefined = undefined;

  /** The bytes are read when the list is joined. */
  add(bytes: Uint8Array): void {
    const link: Link = { bytes, next: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
  }

  /** A copy of everything, in order, that fills its buffer. */
  join(): Uint8Array<ArrayBuffer> {
    let size = 0;
    for (let link = this.#first; link !== undefined; link = link.next) {
      size += TypedArrayPrototypeGetByteLength(link.bytes);
    }
    const all = new Uint8ArrayCtor(new ArrayBufferCtor(size));
    let at = 0;
    for (let link = this.#first; link !== undefined; link = link.next) {
      TypedArrayPrototypeSet(all, link.bytes, at);
      at += TypedArrayPrototypeGetByteLength(link.bytes);
    }
    return all;
  }
}
