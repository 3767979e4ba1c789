/**
 * A part of a wrangler file: what stands there, where, and how it becomes a part of a value of dialect 1. What is of the wrong type is
 * passed on as it is, and refused by dialect 1's own schema at the place in the wrangler file. Runs in the supervisor.
 */
import { resolve as resolvePath } from 'node:path';
import type { ErrorPlace } from '../../shared/errors.ts';
import type { JsonNode } from '../json-text.ts';
import { isRecord } from '../plain-copy.ts';
import { formatPath } from '../problems.ts';
import type { ConfigPath } from '../problems.ts';
import { list, plain, record } from '../traced.ts';
import type { Origin, Traced } from '../traced.ts';

/** A file that has been parsed. */
export interface WranglerText {
  /** Absolute. */
  readonly path: string;
  /** As messages name it. */
  readonly file: string;
  readonly root: JsonNode;
  readonly placeOf: (offset: number) => ErrorPlace;
}

export class Part {
  readonly path: ConfigPath;
  readonly #text: WranglerText;
  readonly #node: JsonNode;
  /** Of the key, where there is one. */
  readonly #offset: number;

  constructor(text: WranglerText, node = text.root, path: ConfigPath = [], offset = node.offset) {
    this.#text = text;
    this.#node = node;
    this.path = path;
    this.#offset = offset;
  }

  get value(): unknown {
    return this.#node.value;
  }

  get isRecord(): boolean {
    return isRecord(this.value);
  }

  /** An empty array or object, or what stands for "none". */
  get isEmpty(): boolean {
    const { value } = this;
    if (value === false || value === null) return true;
    if (Array.isArray(value)) return value.length === 0;
    return isRecord(value) && Object.keys(value).length === 0;
  }

  get place(): ErrorPlace {
    const path = formatPath(this.path);
    return { ...(path === '' ? {} : { path }), ...this.#text.placeOf(this.#offset) };
  }

  get origin(): Origin {
    return () => this.place;
  }

  /** Of an object. */
  member(key: string): Part | undefined {
    const found = isRecord(this.value) ? this.#node.members?.get(key) : undefined;
    return found && new Part(this.#text, found.node, [...this.path, key], found.offset);
  }

  /** Of an object; none of anything else. */
  get members(): (readonly [string, Part])[] {
    if (!isRecord(this.value)) return [];
    return [...(this.#node.members ?? [])].map(([key, { node, offset }]) => [
      key,
      new Part(this.#text, node, [...this.path, key], offset),
    ]);
  }

  /** Of an array; `undefined` of anything else. */
  get items(): Part[] | undefined {
    if (!Array.isArray(this.value)) return undefined;
    return (this.#node.items ?? []).map((node, index) => new Part(this.#text, node, [...this.path, index]));
  }

  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  /** Made from this part. */
  plain(value: unknown): Traced {
    return plain(value, this.origin);
  }

  /** The same value, each part of it with its own place. */
  mirror(): Traced {
    const { items } = this;
    if (items !== undefined)
      return list(
        items.map((item) => item.mirror()),
        this.origin,
      );
    if (!this.isRecord) return this.plain(this.value);
    return record(
      this.members.map(([key, part]) => [key, part.mirror()]),
      this.origin,
    );
  }

  /** A path that counts from a directory (absolute). */
  file(directory: string): Traced {
    const { text } = this;
    if (text === undefined || text === '') return this.mirror();
    return { kind: 'path', path: resolvePath(directory, text), origin: this.origin };
  }
}
