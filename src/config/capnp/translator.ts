/** What all parts of the translation from capnp into dialect 1 share: fields, texts, files, services, and reports. Runs in the supervisor. */
import type { Problems } from '../problems.ts';
import { JsonTextError, parseJsonText } from '../json-text.ts';
import { deepestNesting, mostValues } from '../plain-copy.ts';
import { list, plain, record, wrong } from '../traced.ts';
import type { Origin, Traced } from '../traced.ts';
import type { Contents } from './files.ts';
import { TooLarge, limits } from './source.ts';
import { placeOf } from './values.ts';
import type { Value } from './values.ts';

export interface TranslatorContext {
  /** Absolute: what paths of directories count from. */
  readonly cwd: string;
  readonly contents: Contents;
  readonly problems: Problems;
}

/** Makes parts of dialect 1 of values. A value that is absent gives `undefined`; one that was wrong stays so without another report. */
export class Translator {
  readonly cwd: string;
  readonly #contents: Contents;
  readonly #problems: Problems;
  #values = 0;

  constructor({ cwd, contents, problems }: TranslatorContext) {
    this.cwd = cwd;
    this.#contents = contents;
    this.#problems = problems;
  }

  origin(value: Value, ...steps: readonly (string | number)[]): Origin {
    return () => placeOf(value, ...steps);
  }

  /** The fields that are set. Each look at a value counts, because constants can be referred to from many places. */
  fields(value: Value | undefined): Readonly<Record<string, Value>> {
    if (value === undefined) return {};
    this.#count(value);
    return value.kind === 'struct' ? Object.fromEntries(value.fields) : {};
  }

  /** The items of a list in a field; none when it is absent or wrong. */
  items(owner: Value, field: string): readonly Value[] {
    return this.list(this.fields(owner)[field]);
  }

  list(value: Value | undefined): readonly Value[] {
    if (value?.kind !== 'list') return [];
    for (const item of value.items) this.#count(item);
    return value.items;
  }

  /** A text as it is, of an embedded file too; `undefined` when it is absent or wrong. */
  string(value: Value | undefined): string | undefined {
    if (value?.kind === 'text') return value.text;
    if (value?.kind !== 'embed') return undefined;
    const bytes = this.#contents.get(value.path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  text(value: Value | undefined): Traced | undefined {
    if (value === undefined) return undefined;
    const text = this.string(value);
    if (text === undefined) return this.wrong(value);
    if (value.kind === 'embed')
      return { kind: 'content', as: 'text', path: value.path, value: text, origin: this.origin(value) };
    return plain(text, this.origin(value));
  }

  texts(value: Value | undefined): Traced | undefined {
    if (value === undefined) return undefined;
    if (value.kind !== 'list') return this.wrong(value);
    const items = this.list(value).map((item) => this.text(item) ?? this.wrong(item));
    return list(items, this.origin(value));
  }

  flag(value: Value | undefined): Traced | undefined {
    if (value === undefined) return undefined;
    return value.kind === 'bool' ? plain(value.value, this.origin(value)) : this.wrong(value);
  }

  number(value: Value | undefined): Traced | undefined {
    if (value === undefined) return undefined;
    return value.kind === 'integer' ? plain(Number(value.value), this.origin(value)) : this.wrong(value);
  }

  word(value: Value | undefined): Traced | undefined {
    if (value === undefined) return undefined;
    return value.kind === 'enum' ? plain(value.value, this.origin(value)) : this.wrong(value);
  }

  /** Base64. */
  bytes(value: Value | undefined): Traced | undefined {
    if (value === undefined) return undefined;
    const origin = this.origin(value);
    if (value.kind === 'data') return plain(base64Of(value.bytes), origin);
    const bytes = value.kind === 'embed' ? this.#contents.get(value.path) : undefined;
    if (value.kind !== 'embed' || bytes === undefined) return wrong(origin);
    return { kind: 'content', as: 'bytes', path: value.path, value: base64Of(bytes), origin };
  }

  /** Text that holds JSON. */
  json(value: Value | undefined): Traced | undefined {
    const text = this.string(value);
    if (value === undefined || text === undefined) return value === undefined ? undefined : this.wrong(value);
    try {
      const { root } = parseJsonText(text, { depth: deepestNesting, values: mostValues });
      const origin = this.origin(value);
      if (value.kind !== 'embed') return plain(root.value, origin);
      return { kind: 'content', as: 'json', path: value.path, value: root.value, origin };
    } catch (error) {
      if (!(error instanceof JsonTextError)) throw error;
      return this.refuse(
        value,
        'text that is JSON',
        `text in which ${error.message} (at character ${error.offset + 1})`,
      );
    }
  }

  /** Text that dialect 1 also takes as `{ file }`. */
  source(value: Value | undefined): Traced | undefined {
    return value?.kind === 'embed' ? this.#file(value) : this.text(value);
  }

  /** Bytes that dialect 1 also takes as `{ file }`. */
  binarySource(value: Value | undefined): Traced | undefined {
    return value?.kind === 'embed' ? this.#file(value) : this.bytes(value);
  }

  #file(value: Extract<Value, { kind: 'embed' }>): Traced {
    const origin = this.origin(value);
    return record([['file', { kind: 'path', path: value.path, origin }]], origin);
  }

  /** A service: its name alone, where nothing else is said. */
  designator(value: Value | undefined): Traced | undefined {
    if (value === undefined) return undefined;
    const { name, entrypoint, props } = this.fields(value);
    if (value.kind !== 'struct') return this.wrong(value);
    if (entrypoint === undefined && props === undefined && name !== undefined) return this.text(name);
    return this.fullDesignator(value);
  }

  /** A service as an object, always. */
  fullDesignator(value: Value | undefined): Traced | undefined {
    if (value === undefined) return undefined;
    if (value.kind !== 'struct') return this.wrong(value);
    const { name, entrypoint, props } = this.fields(value);
    return record(
      [
        ['service', this.text(name)],
        ['entrypoint', this.text(entrypoint)],
        ['props', this.json(this.fields(props)['json'])],
      ],
      this.origin(value),
    );
  }

  /** Any value as data, for keys that dialect 1 knows only in order to say that they come later. */
  any(owner: Value, field: string): Traced | undefined {
    const value = this.fields(owner)[field];
    const isEmpty = value === undefined || (value.kind === 'list' && value.items.length === 0);
    return isEmpty ? undefined : plain(true, this.origin(value));
  }

  wrong(value: Value): Traced {
    return wrong(this.origin(value));
  }

  refuse(value: Value, expected: string, found: string): Traced {
    if (value.kind !== 'wrong') this.#problems.report('CONFIG_VALUE', { expected, found }, placeOf(value));
    return this.wrong(value);
  }

  duplicate(value: Value, what: string, name: string, first: Value): void {
    const { line, column } = placeOf(first);
    const details = { what, name, first: `line ${line}, column ${column}` };
    this.#problems.report('CONFIG_DUPLICATE', details, placeOf(value));
  }

  /** Reports what nanod has no word for, where it is set. */
  later(value: Value | undefined, what: string, advice?: string): Traced | undefined {
    if (value === undefined) return undefined;
    if (value.kind === 'list' && value.items.length === 0) return undefined;
    if (value.kind !== 'wrong')
      this.#problems.report('CONFIG_NOT_AVAILABLE', { what, advice }, placeOf(value));
    return this.wrong(value);
  }

  #count(value: Value): void {
    this.#values += 1;
    if (this.#values > limits.values) {
      throw new TooLarge('the configuration has too many values', limits.values.toLocaleString('en'), value);
    }
  }
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
