/**
 * A JSON parser (RFC 8259) that remembers where every value stands, because `JSON.parse` says neither where a value was nor, for short
 * texts, where an error is, and silently drops the first of two equal keys. On demand it takes what editors call JSONC: comments, and
 * commas after the last item. Bounded in depth and in number of values. Runs in the supervisor.
 */

/** A value with its UTF-16 offset in the text. */
export interface JsonNode {
  readonly value: unknown;
  readonly offset: number;
  /** Of an object: where each key stands, and what it holds. */
  readonly members?: ReadonlyMap<string, { readonly offset: number; readonly node: JsonNode }>;
  /** Of an array. */
  readonly items?: readonly JsonNode[];
}

/** A key that an object has twice. */
export interface DuplicateKey {
  readonly key: string;
  readonly offset: number;
  readonly firstOffset: number;
  readonly path: readonly (string | number)[];
}

/** Thrown by `parseJsonText`. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
  /** UTF-16 offset of the first character that is wrong. */
  readonly offset: number;
  readonly kind: 'syntax' | 'depth' | 'size';
  readonly advice: string | undefined;

  constructor(message: string, offset: number, kind: JsonTextError['kind'], advice?: string) {
    super(message);
    this.offset = offset;
    this.kind = kind;
    this.advice = advice;
  }
}

export interface JsonLimits {
  /** Arrays and objects within each other. */
  readonly depth: number;
  readonly values: number;
  /** Whether there may be comments, and commas after last items. */
  readonly jsonc?: boolean;
}

/** Parses a text. Objects have no prototype. Throws a `JsonTextError`. */
export function parseJsonText(
  text: string,
  limits: JsonLimits,
): { readonly root: JsonNode; readonly duplicates: readonly DuplicateKey[] } {
  const parser = new Parser(text, limits);
  return { root: parser.parse(), duplicates: parser.duplicates };
}

const literals: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy;
const word = /[\w$.+-]+/uy;

class Parser {
  readonly duplicates: DuplicateKey[] = [];
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #path: (string | number)[] = [];
  #at = 0;
  #values = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  parse(): JsonNode {
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
    const root = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#expected('the end of the file');
    return root;
  }

  #value(): JsonNode {
    this.#skipSpace();
    this.#values += 1;
    if (this.#values > this.#limits.values) this.#fail('the configuration has too many values', 'size');
    const offset = this.#at;
    switch (this.#text[offset]) {
      case '{':
        return this.#nested(() => this.#object(offset));
      case '[':
        return this.#nested(() => this.#array(offset));
      case '"':
        return { value: this.#string(), offset };
      default:
        return { value: this.#scalar(), offset };
    }
  }

  #nested(parse: () => JsonNode): JsonNode {
    if (this.#path.length >= this.#limits.depth) this.#fail('the nesting is too deep', 'depth');
    this.#at += 1;
    this.#path.push(0);
    const node = parse();
    this.#path.pop();
    return node;
  }

  #array(offset: number): JsonNode {
    const items: JsonNode[] = [];
    if (!this.#take(']')) {
      do {
        this.#path[this.#path.length - 1] = items.length;
        items.push(this.#value());
      } while (this.#takeComma(']'));
      if (!this.#take(']')) this.#expected('`,` or `]`');
    }
    return { value: items.map((item) => item.value), offset, items };
  }

  #object(offset: number): JsonNode {
    const members = new Map<string, { offset: number; node: JsonNode }>();
    const value = Object.create(null) as Record<string, unknown>;
    if (!this.#take('}')) {
      do {
        this.#skipSpace();
        const keyOffset = this.#at;
        if (this.#text[keyOffset] !== '"') this.#expected('a key in double quotes');
        const key = this.#string();
        this.#path[this.#path.length - 1] = key;
        const first = members.get(key);
        if (first !== undefined) {
          this.duplicates.push({ key, offset: keyOffset, firstOffset: first.offset, path: [...this.#path] });
        }
        if (!this.#take(':')) this.#expected('`:`');
        const node = this.#value();
        members.set(key, { offset: keyOffset, node });
        value[key] = node.value;
      } while (this.#takeComma('}'));
      if (!this.#take('}')) this.#expected('`,` or `}`');
    }
    return { value, offset, members };
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    for (; this.#text[end] !== '"'; end += 1) {
      const code = this.#text.charCodeAt(end);
      if (Number.isNaN(code) || code === 0x0a || code === 0x0d) {
        this.#fail('the string that starts here has no end on its line');
      }
      if (code < 0x20)
        this.#failAt(end, 'a control character stands in a string; write it as \\u and four digits');
      if (code === 0x5c) end += this.#escapeLength(end);
    }
    this.#at = end + 1;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  /** How many characters after the backslash at `offset` belong to it. */
  #escapeLength(offset: number): number {
    const escape = this.#text.slice(offset + 1, offset + 6);
    if (/^u[\dA-Fa-f]{4}/u.test(escape)) return 5;
    if (!/^["\\/bfnrt]/u.test(escape)) this.#failAt(offset, 'JSON has no such escape');
    return 1;
  }

  #scalar(): unknown {
    number.lastIndex = word.lastIndex = this.#at;
    const found = word.exec(this.#text)?.[0];
    if (found === undefined) this.#expected('a value');
    if (found === number.exec(this.#text)?.[0]) {
      this.#at += found.length;
      return Number(found);
    }
    const literal = literals.get(found);
    if (literal === undefined) this.#expected('a value');
    this.#at += found.length;
    return literal;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Whether another item follows. */
  #takeComma(closing: string): boolean {
    if (!this.#take(',')) return false;
    this.#skipSpace();
    return this.#limits.jsonc !== true || this.#text[this.#at] !== closing;
  }

  #skipSpace(): void {
    do while (' \t\n\r'.includes(this.#text[this.#at] ?? '.')) this.#at += 1;
    while (this.#limits.jsonc === true && this.#skipComment());
  }

  #skipComment(): boolean {
    const isLine = this.#text.startsWith('//', this.#at);
    if (!isLine && !this.#text.startsWith('/*', this.#at)) return false;
    const end = this.#text.indexOf(isLine ? '\n' : '*/', this.#at + 2);
    if (end === -1 && !isLine) this.#fail('the comment that starts here has no end');
    this.#at = end === -1 ? this.#text.length : end + (isLine ? 1 : 2);
    return true;
  }

  #expected(what: string): never {
    const character = this.#text[this.#at];
    if (character === undefined) this.#fail(`expected ${what}, found the end of the file`);
    const found = /^[\w$]+/u.exec(this.#text.slice(this.#at, this.#at + 40))?.[0] ?? character;
    const advice = adviceFor(this.#text, this.#at);
    throw new JsonTextError(`expected ${what}, found ${JSON.stringify(found)}`, this.#at, 'syntax', advice);
  }

  #fail(message: string, kind: JsonTextError['kind'] = 'syntax'): never {
    throw new JsonTextError(message, this.#at, kind);
  }

  #failAt(offset: number, message: string): never {
    throw new JsonTextError(message, offset, 'syntax');
  }
}

function adviceFor(text: string, offset: number): string | undefined {
  const rest = text.slice(offset, offset + 2);
  if (rest === '//' || rest === '/*') return 'JSON has no comments; ecosystem.config.js may have them';
  if (rest.startsWith("'")) return 'JSON strings stand in double quotes';
  const isClosing = rest.startsWith('}') || rest.startsWith(']');
  return isClosing && /,\s*$/u.test(text.slice(Math.max(0, offset - 200), offset))
    ? 'JSON has no comma after the last item'
    : undefined;
}

/** The node at a path, or the nearest one around it; keys are pointed at rather than their values. */
export function offsetOfPath(root: JsonNode, path: readonly (string | number)[]): number {
  let node = root;
  let { offset } = root;
  for (const step of path) {
    const member = typeof step === 'string' ? node.members?.get(step) : undefined;
    const next = typeof step === 'number' ? node.items?.[step] : member?.node;
    if (next === undefined) return offset;
    offset = member?.offset ?? next.offset;
    node = next;
  }
  return offset;
}
