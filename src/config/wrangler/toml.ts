/**
 * TOML as the tree that JSON gives, so that whoever reads a wrangler file does not know how it was written. The parser is
 * toml-eslint-parser, which tells where every key and value stands. Runs in the supervisor.
 */
import { ParseError, parseTOML } from 'toml-eslint-parser';
import type { AST } from 'toml-eslint-parser';
import { JsonTextError } from '../json-text.ts';
import type { JsonLimits, JsonNode } from '../json-text.ts';
import { Oddity } from '../plain-copy.ts';

/** Bytes of a file. The parser needs some seconds and hundreds of megabytes for the worst text of a megabyte. */
export const largestToml = 256 * 1024;

/** Parses a text. Throws a `JsonTextError`. */
export function parseTomlText(text: string, limits: JsonLimits): JsonNode {
  const builder = new Builder(limits);
  for (const item of parse(text).body[0].body) {
    if (item.type === 'TOMLKeyValue') builder.keyValue(builder.root, item, 1);
    else builder.table(item);
  }
  return builder.root;
}

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text.replace(/^\ufeff/u, ' '));
  } catch (error) {
    if (error instanceof ParseError) throw new JsonTextError(reasonOf(error), error.index, 'syntax');
    // The parser recurses into inline tables, and its patterns into numbers.
    if (error instanceof RangeError) {
      throw new JsonTextError('a value is nested too deeply, or a number has too many digits', 0, 'depth');
    }
    throw error;
  }
}

function reasonOf({ message }: ParseError): string {
  return message.replace(/\.$/u, '').replace(/^./u, (first) => first.toLowerCase());
}

/** A node to which more is added. */
interface Branch extends JsonNode {
  readonly value: Record<string, unknown> | unknown[];
  readonly members: Map<string, { readonly offset: number; readonly node: JsonNode }>;
  readonly items: JsonNode[];
}

class Builder {
  readonly root: Branch = makeRecord(0);
  readonly #limits: JsonLimits;
  #values = 0;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  /** A table with a header; the elements of an array of tables are counted in `resolvedKey`. */
  table(table: AST.TOMLTable): void {
    const { keys } = table.key;
    this.#checkDepth(table.resolvedKey.length, table.range[0]);
    let branch = this.root;
    let named = 0;
    for (const [index, step] of table.resolvedKey.entries()) {
      const offset = keys[typeof step === 'string' ? named : named - 1]?.range[0] ?? table.range[0];
      if (typeof step === 'string') named += 1;
      const isArray = typeof table.resolvedKey[index + 1] === 'number';
      branch = this.#descend(branch, step, offset, isArray);
    }
    for (const item of table.body) this.keyValue(branch, item, table.resolvedKey.length + 1);
  }

  keyValue(into: Branch, { key, value }: AST.TOMLKeyValue, depth: number): void {
    const names = key.keys.map((name) => ({
      name: name.type === 'TOMLBare' ? name.name : name.value,
      offset: name.range[0],
    }));
    this.#checkDepth(depth + names.length, key.range[0]);
    const last = names.pop();
    if (last === undefined) return;
    let branch = into;
    for (const { name, offset } of names) branch = this.#descend(branch, name, offset, false);
    put(branch, last.name, last.offset, this.#value(value, depth + names.length));
  }

  /** The table or the array of tables below a branch, which is made where there is none. */
  #descend(branch: Branch, step: string | number, offset: number, isArray: boolean): Branch {
    const found = typeof step === 'string' ? branch.members.get(step)?.node : branch.items[step];
    // The parser has refused names that stand for something else already.
    if (found !== undefined) return found as Branch;
    this.#count(offset);
    const made = isArray ? makeArray(offset) : makeRecord(offset);
    if (typeof step === 'string') put(branch, step, offset, made);
    else append(branch, made);
    return made;
  }

  #value(node: AST.TOMLContentNode, depth: number): JsonNode {
    const [offset] = node.range;
    this.#count(offset);
    switch (node.type) {
      case 'TOMLValue':
        return { value: scalar(node), offset };
      case 'TOMLArray': {
        this.#checkDepth(depth + 1, offset);
        const array = makeArray(offset);
        for (const element of node.elements) append(array, this.#value(element, depth + 1));
        return array;
      }
      case 'TOMLInlineTable': {
        this.#checkDepth(depth + 1, offset);
        const record = makeRecord(offset);
        for (const item of node.body) this.keyValue(record, item, depth + 1);
        return record;
      }
    }
  }

  #checkDepth(depth: number, offset: number): void {
    if (depth > this.#limits.depth) throw new JsonTextError('the nesting is too deep', offset, 'depth');
  }

  #count(offset: number): void {
    this.#values += 1;
    if (this.#values > this.#limits.values)
      throw new JsonTextError('the configuration has too many values', offset, 'size');
  }
}

function scalar(node: AST.TOMLValue): unknown {
  return node.value instanceof Date || node.kind.includes('-')
    ? new Oddity('a date or a time', false)
    : node.value;
}

function makeRecord(offset: number): Branch {
  const value = Object.create(null) as Record<string, unknown>;
  return { value, offset, members: new Map(), items: [] };
}

function makeArray(offset: number): Branch {
  return { value: [], offset, members: new Map(), items: [] };
}

function put(branch: Branch, name: string, offset: number, node: JsonNode): void {
  branch.members.set(name, { offset, node });
  (branch.value as Record<string, unknown>)[name] = node.value;
}

function append(branch: Branch, node: JsonNode): void {
  branch.items.push(node);
  (branch.value as unknown[]).push(node.value);
}
