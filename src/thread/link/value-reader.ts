/**
 * Makes a value of the flat form (flat-value.ts) that somebody else has written, who may mean no good. What it makes are plain objects of
 * the host: no code runs, nothing is taken from a prototype, and no more memory is used than the form takes itself, and some times that.
 * Runs in a thread.
 */

import { Violation } from '../channel/trust.ts';
import { longestPattern, mostObjects, primitiveOf, viewClasses } from './flat-value.ts';
import { Frame } from './frame.ts';

/** The value. `most`: what a buffer may grow to. Throws a Violation for what is no flat form. */
export function readValue(bytes: ArrayBuffer, most: number): unknown {
  const frame = new Frame(Buffer.from(bytes));
  try {
    return new Reader(frame, most).read();
  } catch (error) {
    // What the classes say of their arguments: an offset that is none, a pattern that cannot be parsed.
    throw error instanceof Violation ? error : new Violation('a value is malformed');
  }
}

type Row = readonly unknown[];

class Reader {
  readonly #frame: Frame;
  readonly #most: number;
  readonly #rows: readonly Row[];
  readonly #objects: object[] = [];

  constructor(frame: Frame, most: number) {
    this.#frame = frame;
    this.#most = most;
    this.#rows = rowsOf(frame.json);
  }

  read(): unknown {
    const rows = this.#rows;
    // Views are made when their buffers are there; nothing else needs another object to be made.
    for (let i = 1; i < rows.length; i++)
      if (rows[i]?.[0] !== 'view') this.#objects[i] = this.#make(rows[i] as Row);
    for (let i = 1; i < rows.length; i++)
      if (rows[i]?.[0] === 'view') this.#objects[i] = this.#view(rows[i] as Row);
    this.#frame.end();
    for (let i = 1; i < rows.length; i++) this.#fill(rows[i] as Row, this.#objects[i] as object);
    const [tag, value] = rows[0] as Row;
    if (tag !== 'value') throw new Violation('a value does not begin with itself');
    return this.#value(value);
  }

  #make(row: Row): object {
    const [tag, first, second] = row;
    switch (tag) {
      case 'object':
        return {};
      case 'list':
      case 'array':
        return [];
      case 'map':
        return new Map();
      case 'set':
        return new Set();
      case 'date':
        return new Date(numberOf(this.#primitive(first)));
      case 'regexp':
        return patternOf(first, second);
      case 'boxed':
        return boxed(this.#primitive(first));
      case 'buffer':
        return this.#buffer(numberOf(first), numberOf(second));
      default:
        throw new Violation('a value has a record of no kind');
    }
  }

  #buffer(length: number, grows: number): ArrayBuffer {
    const bytes = this.#frame.take(length);
    if (grows === -1) return bytes;
    if (grows > this.#most) throw new Violation('a buffer may grow too large');
    const buffer = new ArrayBuffer(length, { maxByteLength: grows });
    new Uint8Array(buffer).set(new Uint8Array(bytes));
    return buffer;
  }

  #view([, name, buffer, offset, length]: Row): object {
    const construct = typeof name === 'string' ? viewClasses[name] : undefined;
    const owner = this.#value(buffer);
    if (construct === undefined || !(owner instanceof ArrayBuffer))
      throw new Violation('a view is malformed');
    const elements = numberOf(length);
    return elements === -1
      ? new construct(owner, numberOf(offset))
      : new construct(owner, numberOf(offset), elements);
  }

  #fill(row: Row, object: object): void {
    switch (row[0]) {
      case 'object':
        return this.#fillProperties(row, 1, object);
      case 'list':
        for (let i = 1; i < row.length; i++) (object as unknown[]).push(this.#value(row[i]));
        return;
      case 'array':
        (object as unknown[]).length = numberOf(row[1]);
        return this.#fillProperties(row, 2, object);
      case 'map':
        for (let i = 1; i < row.length; i += 2)
          (object as Map<unknown, unknown>).set(this.#value(row[i]), this.#value(row[i + 1]));
        return;
      case 'set':
        for (let i = 1; i < row.length; i++) (object as Set<unknown>).add(this.#value(row[i]));
        return;
      default: // complete
    }
  }

  #fillProperties(row: Row, from: number, object: object): void {
    for (let i = from; i < row.length; i += 2) {
      const key = row[i];
      const value = this.#value(row[i + 1]);
      if (typeof key !== 'string') throw new Violation('a property has no name');
      if (key !== '__proto__') (object as Record<string, unknown>)[key] = value;
      else
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    }
  }

  #value(form: unknown): unknown {
    if (Array.isArray(form) && typeof form[0] === 'number') {
      const object = this.#objects[form[0]];
      if (object === undefined || form.length !== 1) throw new Violation('a value refers to nothing');
      return object;
    }
    return this.#primitive(form);
  }

  #primitive(form: unknown): unknown {
    const found = primitiveOf(form);
    if (found === undefined) throw new Violation('a value is of no kind');
    return found[0];
  }
}

function rowsOf(json: unknown): readonly Row[] {
  if (!Array.isArray(json) || json.length === 0 || json.length > mostObjects + 1)
    throw new Violation('a value is no list of records, or a very long one');
  for (const row of json as unknown[]) if (!Array.isArray(row)) throw new Violation('a record is no list');
  return json as Row[];
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new Violation('a number is none');
  return value;
}

function patternOf(source: unknown, flags: unknown): RegExp {
  if (typeof source !== 'string' || typeof flags !== 'string' || source.length > longestPattern)
    throw new Violation('a regular expression is none');
  return new RegExp(source, flags);
}

function boxed(primitive: unknown): object {
  if (primitive === null || primitive === undefined) throw new Violation('nothing has no object around it');
  return Object(primitive) as object;
}
