/** File of the realm. https://w3c.github.io/FileAPI/#file-section */

import { DateNow } from '../primordials.ts';
import { registerSerializable } from '../clone/registry.ts';
import {
  defineInterface,
  isObject,
  keepParent,
  requireArguments,
  toDictionary,
  toLongLong,
  toUSVString,
} from '../webidl.ts';
import {
  Blob,
  blobBytes,
  blobType,
  type BytesOfType,
  joinParts,
  OF_BYTES,
  toBlobOptions,
  toBlobParts,
} from './blob.ts';

const WHERE = 'File constructor';

interface FilePropertyBag {
  lastModified: unknown;
}

interface NamedBytes extends BytesOfType {
  readonly name: string;
  readonly lastModified: number;
}

/** Whether the value is a File of this realm. */
export let isFile: (value: unknown) => value is File;
let nameOf: (file: File) => string;
let lastModifiedOf: (file: File) => number;

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  static {
    isFile = (value): value is File => isObject(value) && #name in value;
    nameOf = (file) => file.#name;
    lastModifiedOf = (file) => file.#lastModified;
  }

  constructor(fileBits: unknown, fileName: unknown, options: unknown = undefined) {
    if (fileBits === OF_BYTES) {
      const given = fileName as NamedBytes;
      super(OF_BYTES, given);
      this.#name = given.name;
      this.#lastModified = given.lastModified;
      return;
    }
    requireArguments(arguments.length, 2, WHERE);
    const parts = toBlobParts(fileBits, WHERE);
    const name = toUSVString(fileName);
    const { native, type } = toBlobOptions(options, WHERE);
    const lastModified = toDictionary<FilePropertyBag>(options, WHERE)?.lastModified;
    const time = lastModified === undefined ? DateNow() : toLongLong(lastModified);
    super(OF_BYTES, { __proto__: null, bytes: joinParts(parts, native), type });
    this.#name = name;
    this.#lastModified = time;
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }
}

defineInterface(File, 'File');
keepParent(File);

/** A File over bytes that nobody else writes to. `type` is normalized already. */
export function newFile(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  type: string,
  lastModified = DateNow(),
): File {
  const given = { __proto__: null, bytes, type, name, lastModified };
  return new File(OF_BYTES, given);
}

/** The name, whatever a worker has patched. */
export function fileName(file: File): string {
  return nameOf(file);
}

/** The date in milliseconds since the epoch. */
export function fileLastModified(file: File): number {
  return lastModifiedOf(file);
}

/** The same bytes, under another name. */
export function renamedFile(blob: Blob, name: string): File {
  return newFile(blobBytes(blob), name, blobType(blob), isFile(blob) ? lastModifiedOf(blob) : DateNow());
}

registerSerializable(isFile, (file) => renamedFile(file as File, nameOf(file as File)));
