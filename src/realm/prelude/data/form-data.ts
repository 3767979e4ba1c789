/** FormData of the realm. https://xhr.spec.whatwg.org/#interface-formdata */

import { ReflectApply, SymbolIterator, TypeErrorCtor } from '../primordials.ts';
import { defineValue } from '../lazy.ts';
import { definePairIterator } from '../pair-iterator.ts';
import {
  defineInterface,
  illegalInvocation,
  isCallable,
  isObject,
  requireArguments,
  toUSVString,
} from '../webidl.ts';
import { type Blob, isBlob } from './blob.ts';
import { type File, isFile, renamedFile } from './file.ts';

/** Name, value, name, value. */
export type EntryList = (string | File)[];

/** Whether the value is a FormData of this realm. */
export let isFormData: (value: unknown) => value is FormData;
/** The entries, to be read only. */
export let entryList: (form: FormData) => EntryList;
let setEntryList: (form: FormData, list: EntryList) => void;

export class FormData {
  #list: EntryList = [];

  static {
    isFormData = (value): value is FormData => isObject(value) && #list in value;
    entryList = (form) => form.#list;
    setEntryList = (form, list) => {
      form.#list = list;
    };
  }

  constructor(form: unknown = undefined) {
    if (form !== undefined)
      throw new TypeErrorCtor('FormData constructor: argument 1 is not an HTMLFormElement.');
  }

  append(name: unknown, value: unknown, filename: unknown = undefined): void {
    const list = this.#list;
    requireArguments(arguments.length, 2, 'FormData.append');
    const nameText = toUSVString(name);
    const entry = toEntryValue(value, filename, arguments.length, 'FormData.append');
    list[list.length] = nameText;
    list[list.length] = entry;
  }

  delete(name: unknown): void {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'FormData.delete');
    removeFrom(list, 0, toUSVString(name));
  }

  get(name: unknown): string | File | null {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'FormData.get');
    const index = find(list, toUSVString(name));
    return index === -1 ? null : (list[index + 1] as string | File);
  }

  getAll(name: unknown): (string | File)[] {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'FormData.getAll');
    const nameText = toUSVString(name);
    const values: (string | File)[] = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === nameText) defineValue(values, values.length, list[i + 1], true);
    }
    return values;
  }

  has(name: unknown): boolean {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'FormData.has');
    return find(list, toUSVString(name)) !== -1;
  }

  set(name: unknown, value: unknown, filename: unknown = undefined): void {
    const list = this.#list;
    requireArguments(arguments.length, 2, 'FormData.set');
    const nameText = toUSVString(name);
    const entry = toEntryValue(value, filename, arguments.length, 'FormData.set');
    const index = find(list, nameText);
    if (index === -1) {
      list[list.length] = nameText;
      list[list.length] = entry;
    } else {
      list[index + 1] = entry;
      removeFrom(list, index + 2, nameText);
    }
  }

  entries(): IterableIterator<[string, string | File]> {
    if (!isFormData(this)) throw illegalInvocation();
    return makeIterator(this, 'entries');
  }

  keys(): IterableIterator<string> {
    if (!isFormData(this)) throw illegalInvocation();
    return makeIterator(this, 'keys');
  }

  values(): IterableIterator<string | File> {
    if (!isFormData(this)) throw illegalInvocation();
    return makeIterator(this, 'values');
  }

  forEach(callback: unknown, thisArg: unknown = undefined): void {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'FormData.forEach');
    if (!isCallable(callback)) throw new TypeErrorCtor('FormData.forEach: argument 1 is not a function.');
    for (let i = 0; i < list.length; i += 2) ReflectApply(callback, thisArg, [list[i + 1], list[i], this]);
  }
}

const makeIterator = definePairIterator<FormData>('FormData', entryList);
defineInterface(FormData, 'FormData');
defineValue(FormData.prototype, SymbolIterator, FormData.prototype.entries);

/** The two overloads of append and set: with three arguments, the value has to be a Blob. */
function toEntryValue(value: unknown, filename: unknown, given: number, where: string): string | File {
  if (isBlob(value)) return toFile(value, filename === undefined ? undefined : toUSVString(filename));
  if (given > 2) throw new TypeErrorCtor(`${where}: argument 2 is not a Blob.`);
  return toUSVString(value);
}

/** https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#create-an-entry */
function toFile(blob: Blob, filename: string | undefined): File {
  if (isFile(blob) && filename === undefined) return blob;
  return renamedFile(blob, filename ?? 'blob');
}

function find(list: EntryList, name: string): number {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return i;
  return -1;
}

/** Removes the entries from `start` on that have this name. */
function removeFrom(list: EntryList, start: number, name: string): void {
  let kept = start;
  for (let i = start; i < list.length; i += 2) {
    if (list[i] === name) continue;
    list[kept++] = list[i] as string;
    list[kept++] = list[i + 1] as string | File;
  }
  list.length = kept;
}

/** A FormData with these entries. */
export function newFormData(list: EntryList): FormData {
  const form = new FormData();
  setEntryList(form, list);
  return form;
}

/** The multipart/form-data body of a form, and the Content-Type that names its boundary. */
export function serializeFormData(form: FormData): { bytes: Uint8Array<ArrayBuffer>; contentType: string } {
  return require('./multipart-writer.ts').writeMultipart(entryList(form));
}

/**
 * The form in a body whose Content-Type header says multipart/form-data or application/x-www-form-urlencoded. The files in it share
 * the memory of `bytes`. Throws a TypeError for any other body, and for a malformed one.
 */
export function parseFormData(bytes: Uint8Array<ArrayBuffer>, contentType: string): FormData {
  return newFormData(require('./form-parser.ts').parseForm(bytes, contentType));
}
