/**
 * What the host is sent with one operation: fields, which travel as JSON, with the bytes and the keys that they refer to beside them. The
 * fields are objects without a prototype, where a worker could put a `toJSON`.
 */

import { copyBytes } from '../bytes.ts';
import { ByteList } from '../byte-list.ts';
import type { KeyHandle } from '../host-api.ts';
import {
  JSONStringify,
  ObjectCreate,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
} from '../primordials.ts';

export type Field = boolean | number | string | undefined | Fields | readonly Field[];

/** An object without a prototype. */
export interface Fields {
  [key: string]: Field;
}

export function newFields(): Fields {
  return ObjectCreate(null) as Fields;
}

export class Parcel {
  readonly fields: Fields = newFields();
  readonly #bytes = new ByteList();
  #length = 0;
  key: KeyHandle | undefined = undefined;
  otherKey: KeyHandle | undefined = undefined;

  constructor(operation: string) {
    this.fields['operation'] = operation;
  }

  /** Refers to bytes as they are now. */
  copyOf(bytes: Uint8Array): Fields {
    return this.bytes(copyBytes(bytes));
  }

  /** Refers to bytes as they are when the parcel is sent: nothing of the worker may run before that. */
  bytes(bytes: Uint8Array): Fields {
    const length = TypedArrayPrototypeGetByteLength(bytes);
    const reference = { __proto__: null, at: this.#length, length } as unknown as Fields;
    this.#bytes.add(bytes);
    this.#length += length;
    return reference;
  }

  get request(): string {
    return JSONStringify(this.fields);
  }

  /** An exact-size buffer. Nobody else has it. */
  joinBytes(): ArrayBuffer {
    return TypedArrayPrototypeGetBuffer(this.#bytes.join()) as ArrayBuffer;
  }
}
