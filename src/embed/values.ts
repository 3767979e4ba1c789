/**
 * Arguments and results of methods: data as `structuredClone` knows it, errors, and the objects of the Fetch and URL standards. Functions,
 * stubs and objects of other classes stay where they are: whoever needs those writes a worker for it.
 */

import v8 from 'node:v8';
import { types } from 'node:util';
import type {
  BodyMessage,
  ChannelMessage,
  ErrorMessage,
  PayloadMessage,
  SpecialMessage,
} from '../messages/channel.ts';
import {
  receiveBody,
  receiveHeaders,
  receiveResponse,
  sendHeaders,
  sendStream,
  type ResponseParts,
  type Streams,
} from './bodies.ts';
import { receiveError, sendError } from './errors.ts';

export interface SentValue {
  readonly payload: PayloadMessage;
  readonly transfers: readonly ArrayBuffer[];
}

/** Arguments of a call. Throws a DataCloneError for what cannot cross. */
export function sendValues(values: readonly unknown[], streams: Streams): SentValue {
  const sender = new Sender(streams);
  const copies = values.map((value, index) => sender.copy(value, `argument ${index + 1}`));
  const serializer = new v8.Serializer();
  serializer.writeHeader();
  serializer.writeValue([copies, sender.markers]);
  const bytes = new Uint8Array(serializer.releaseBuffer()).buffer;
  return {
    payload: { kind: 'encoded', bytes, specials: sender.specials },
    transfers: [bytes],
  };
}

class Sender {
  readonly markers: object[] = [];
  readonly specials: SpecialMessage[] = [];
  readonly #streams: Streams;
  readonly #seen = new Map<object, unknown>();

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  copy(value: unknown, path: string): unknown {
    if (typeof value === 'function' || typeof value === 'symbol')
      throw uncloneable(path, `a ${typeof value}`);
    if (typeof value !== 'object' || value === null) return value;
    if (this.#seen.has(value)) return this.#seen.get(value);
    const special = this.#special(value);
    if (special !== undefined) {
      this.specials.push({
        kind: special.kind,
        text: special.text ?? '',
        detail: '',
        value: special.value,
        entries: [],
      });
      const marker = {};
      this.markers.push(marker);
      return this.#keep(value, marker);
    }
    return this.#copyData(value, path);
  }

  #keep<T>(value: object, copy: T): T {
    this.#seen.set(value, copy);
    return copy;
  }

  #copyData(value: object, path: string): unknown {
    if (Array.isArray(value)) {
      const copy: unknown[] = this.#keep(value, []);
      for (let i = 0; i < value.length; i++) copy[i] = this.copy(value[i], `${path}[${i}]`);
      return copy;
    }
    if (types.isMap(value)) {
      const copy = this.#keep(value, new Map<unknown, unknown>());
      for (const [key, each] of value) copy.set(this.copy(key, path), this.copy(each, path));
      return copy;
    }
    if (types.isSet(value)) {
      const copy = this.#keep(value, new Set<unknown>());
      for (const each of value) copy.add(this.copy(each, path));
      return copy;
    }
    if (isLeaf(value)) return value;
    if (!isPlain(value)) throw uncloneable(path, `an object of the class ${className(value)}`);
    const copy: Record<string, unknown> = this.#keep(value, {});
    for (const [key, each] of Object.entries(value))
      Object.defineProperty(copy, key, {
        value: this.copy(each, `${path}.${key}`),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return copy;
  }

  #special(value: object): { kind: string; text?: string; value?: unknown } | undefined {
    if (Error.isError(value)) return { kind: 'error', value: sendError(value) };
    if (value instanceof DOMException) return { kind: 'domexception', value: sendError(value) };
    if (value instanceof URL) return { kind: 'url', text: value.href };
    if (value instanceof URLSearchParams) return { kind: 'search-params', text: value.toString() };
    if (value instanceof Headers) return { kind: 'headers', text: sendHeaders(value) };
    if (value instanceof Request) {
      const { method, url, headers, body } = value;
      const sent = sendStream(body, this.#streams).body;
      return { kind: 'request', value: { method, url, headers: sendHeaders(headers), body: sent, cf: '' } };
    }
    if (value instanceof Response) {
      const { status, statusText, headers, body } = value;
      const sent = sendStream(body, this.#streams).body;
      return { kind: 'response', value: { status, statusText, headers: sendHeaders(headers), body: sent } };
    }
    return value instanceof ReadableStream
      ? { kind: 'readable', value: sendStream(value, this.#streams).body }
      : undefined;
  }
}

/** What V8's serializer copies as a whole. */
function isLeaf(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    types.isArrayBuffer(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isBoxedPrimitive(value)
  );
}

/** Of whichever realm of this process. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function className(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : 'of no name';
}

function uncloneable(path: string, what: string): DOMException {
  return new DOMException(
    `${path} is ${what}, which cannot be handed to a service from outside`,
    'DataCloneError',
  );
}

/** A result. `give`: tells the other side what is not taken. Throws a TypeError for what cannot be used here. */
export function receiveValue(
  payload: PayloadMessage | undefined,
  streams: Streams,
  give: (message: ChannelMessage) => void,
): unknown {
  if (payload === undefined) return undefined;
  if (payload.kind === 'plain') return payload.value;
  const deserializer = new v8.Deserializer(new Uint8Array(payload.bytes));
  deserializer.readHeader();
  const [value, markers] = deserializer.readValue() as [unknown, object[]];
  const refused = payload.specials.filter(({ kind }) => stubs.has(kind));
  for (const special of refused)
    if (typeof special.value === 'number') give({ type: 'release', cap: special.value, count: 1 });
  if (refused.length > 0)
    throw new TypeError('the result has a function or another stub in it, which only a worker can use');
  const made = new Map<object, unknown>();
  payload.specials.forEach((special, index) =>
    made.set(markers[index] as object, receiveSpecial(special, streams)),
  );
  return made.size === 0 ? value : new Placing(made).place(value);
}

const stubs: ReadonlySet<string> = new Set(['abort-signal', 'service', 'stub', 'writable']);

function receiveSpecial({ kind, text, value }: SpecialMessage, streams: Streams): unknown {
  switch (kind) {
    case 'error':
    case 'domexception':
      return receiveError(value as ErrorMessage);
    case 'url':
      return new URL(text);
    case 'search-params':
      return new URLSearchParams(text);
    case 'headers':
      return receiveHeaders(text);
    case 'blob':
      return new Blob([value as ArrayBuffer], { type: text });
    case 'response':
      return receiveResponse(value as ResponseParts, streams);
    case 'request': {
      const { url, method, headers, body } = value as ResponseParts & { url: string; method: string };
      const init = {
        method,
        headers: receiveHeaders(headers),
        body: receiveBody(body, streams),
        duplex: 'half' as const,
      };
      return new Request(url, init);
    }
    case 'readable':
      return receiveBody(value as BodyMessage, streams);
    default:
      throw new TypeError(`the result has an object of the kind ${kind} in it, which only a worker can use`);
  }
}

/** Puts what markers stand for in their places. The value is nobody else's. */
class Placing {
  readonly #made: ReadonlyMap<object, unknown>;
  readonly #seen = new Set<object>();

  constructor(made: ReadonlyMap<object, unknown>) {
    this.#made = made;
  }

  place(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (this.#made.has(value)) return this.#made.get(value);
    if (this.#seen.has(value)) return value;
    this.#seen.add(value);
    if (types.isMap(value)) {
      const entries = [...value].map(([key, each]) => [this.place(key), this.place(each)] as const);
      value.clear();
      for (const [key, each] of entries) value.set(key, each);
    } else if (types.isSet(value)) {
      const members = [...value].map((each) => this.place(each));
      value.clear();
      for (const each of members) value.add(each);
    } else if (Array.isArray(value) || isPlain(value)) {
      const record = value as Record<string, unknown>;
      for (const key of Object.keys(record)) record[key] = this.place(record[key]);
    }
    return value;
  }
}
