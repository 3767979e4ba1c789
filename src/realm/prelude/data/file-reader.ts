/**
 * FileReader of the realm. A blob's bytes are in memory, so a read is a matter of a few tasks, and cannot fail.
 * https://w3c.github.io/FileAPI/#APIASynch
 */

import { copyBytes, exactBuffer } from '../bytes.ts';
import { encodingOf, StreamDecoder } from '../encoding/stream-decoder.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { trusted } from '../events/event.ts';
import { defineEventHandler } from '../events/event-handlers.ts';
import { dispatch, EventTarget } from '../events/event-target.ts';
import { ProgressEvent } from '../events/message-events.ts';
import { guarded } from '../host.ts';
import {
  ReflectDefineProperty,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypeErrorCtor,
} from '../primordials.ts';
import { queueTask } from '../tasks.ts';
import { defineInterface, isObject, requireArguments, toDOMString } from '../webidl.ts';
import { type Blob, blobBytes, blobType, isBlob } from './blob.ts';
import { parameterOf, parseMimeType } from './mime-type.ts';

const encoding = guarded($host.encoding);

const STATES = ['EMPTY', 'LOADING', 'DONE'] as const;
const EMPTY = 0;
const LOADING = 1;
const DONE = 2;

/** https://w3c.github.io/FileAPI/#blob-package-data */
type Packager = (bytes: Uint8Array<ArrayBuffer>) => string | ArrayBuffer;

/** A read under way; abort, and another read, put an end to it. */
interface Read {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pack: Packager;
}

let isReader: (value: unknown) => value is FileReader;
let currentRead: (reader: FileReader) => Read | undefined;
/** The read is complete. */
let finish: (reader: FileReader, result: string | ArrayBuffer) => void;
let isLoading: (reader: FileReader) => boolean;

export class FileReader extends EventTarget {
  #state = EMPTY;
  #result: string | ArrayBuffer | null = null;
  #read: Read | undefined;

  declare onloadstart: unknown;
  declare onprogress: unknown;
  declare onload: unknown;
  declare onabort: unknown;
  declare onerror: unknown;
  declare onloadend: unknown;

  constructor() {
    super();
  }

  get readyState(): number {
    return this.#state;
  }

  get result(): string | ArrayBuffer | null {
    return this.#result;
  }

  get error(): null {
    void this.#result; // the brand check
    return null;
  }

  readAsArrayBuffer(blob: unknown): void {
    this.#start(toBlob(blob, arguments.length, 'readAsArrayBuffer'), (bytes) =>
      exactBuffer(copyBytes(bytes)),
    );
  }

  readAsBinaryString(blob: unknown): void {
    this.#start(toBlob(blob, arguments.length, 'readAsBinaryString'), latin1);
  }

  readAsText(blob: unknown, label: unknown = undefined): void {
    const source = toBlob(blob, arguments.length, 'readAsText');
    const name = label === undefined ? undefined : toDOMString(label);
    this.#start(source, (bytes) => decode(bytes, encodingOfText(name, blobType(source))));
  }

  readAsDataURL(blob: unknown): void {
    const source = toBlob(blob, arguments.length, 'readAsDataURL');
    const type = blobType(source);
    const head = `data:${type === '' ? 'application/octet-stream' : type};base64,`;
    this.#start(source, (bytes) => head + (encoding.btoa(latin1(bytes)) ?? ''));
  }

  abort(): void {
    this.#result = null;
    if (this.#state !== LOADING) return;
    this.#state = DONE;
    this.#read = undefined;
    fire(this, 'abort', 0, 0);
    if (!isLoading(this)) fire(this, 'loadend', 0, 0);
  }

  #start(blob: Blob, pack: Packager): void {
    if (this.#state === LOADING)
      throw newDOMException('FileReader: a read is under way already.', 'InvalidStateError');
    const read = { bytes: blobBytes(blob), pack };
    queueTask(() => begin(this, read));
    this.#state = LOADING;
    this.#result = null;
    this.#read = read;
  }

  static {
    isReader = (value): value is FileReader => isObject(value) && #read in value;
    currentRead = (reader) => reader.#read;
    isLoading = (reader) => reader.#state === LOADING;
    finish = (reader, result) => {
      reader.#state = DONE;
      reader.#result = result;
      reader.#read = undefined;
    };
  }
}

defineInterface(FileReader, 'FileReader');
defineConstants();
defineHandlers(['loadstart', 'progress', 'load', 'abort', 'error', 'loadend']);

function defineHandlers(types: readonly string[]): void {
  for (let i = 0; i < types.length; i++)
    defineEventHandler(FileReader.prototype, types[i] as string, isReader);
}

function defineConstants(): void {
  for (let value = 0; value < STATES.length; value++) {
    const descriptor = { __proto__: null, value, writable: false, enumerable: true, configurable: false };
    ReflectDefineProperty(FileReader, STATES[value] as string, descriptor as PropertyDescriptor);
    ReflectDefineProperty(FileReader.prototype, STATES[value] as string, descriptor as PropertyDescriptor);
  }
}

function toBlob(value: unknown, given: number, method: string): Blob {
  requireArguments(given, 1, `FileReader.${method}`);
  if (!isBlob(value)) throw new TypeErrorCtor(`FileReader.${method}: argument 1 is not a Blob.`);
  return value;
}

/** One task for each event, or pair of events; a listener may end the read. */
function begin(reader: FileReader, read: Read): void {
  if (currentRead(reader) !== read) return;
  const size = TypedArrayPrototypeGetByteLength(read.bytes);
  fire(reader, 'loadstart', 0, size);
  queueTask(() => {
    if (size > 0 && currentRead(reader) === read) fire(reader, 'progress', size, size);
    queueTask(() => end(reader, read, size));
  });
}

function end(reader: FileReader, read: Read, size: number): void {
  if (currentRead(reader) !== read) return;
  finish(reader, read.pack(read.bytes));
  fire(reader, 'load', size, size);
  // In a task of its own, so that the microtasks of the listeners come before it.
  queueTask(() => {
    if (!isLoading(reader)) fire(reader, 'loadend', size, size);
  });
}

function fire(reader: FileReader, type: string, loaded: number, total: number): void {
  const init = { __proto__: null, lengthComputable: total > 0, loaded, total };
  dispatch(reader, trusted(new ProgressEvent(type, init)));
}

function latin1(bytes: Uint8Array): string {
  return encoding.decodeLatin1(
    TypedArrayPrototypeGetBuffer(bytes),
    TypedArrayPrototypeGetByteOffset(bytes),
    TypedArrayPrototypeGetByteLength(bytes),
  );
}

/** What the caller says, else what the type says, else UTF-8. */
function encodingOfText(label: string | undefined, type: string): string {
  const given = label === undefined ? undefined : encodingOf(label);
  if (given !== undefined) return given;
  const mimeType = parseMimeType(type);
  const charset = mimeType === undefined ? undefined : parameterOf(mimeType, 'charset');
  return (charset === undefined ? undefined : encodingOf(charset)) ?? 'utf-8';
}

/** A byte order mark outweighs the encoding. https://encoding.spec.whatwg.org/#decode */
function decode(bytes: Uint8Array, fallback: string): string {
  let name = fallback;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) name = 'utf-8';
  else if (bytes[0] === 0xfe && bytes[1] === 0xff) name = 'utf-16be';
  else if (bytes[0] === 0xff && bytes[1] === 0xfe) name = 'utf-16le';
  return new StreamDecoder(name, false, false).decode(bytes, false);
}
