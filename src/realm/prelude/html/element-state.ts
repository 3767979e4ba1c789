/** A start tag on its way, with what becomes of it and of its end tag. Never shown to a worker. */

import { newBareArray } from '../bare-array.ts';
import {
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';
import { Edits } from './edits.ts';
import type { ElementToken } from './plan.ts';
import { parserError } from './scope.ts';

/** An attribute: where it stands in the document (`start` -1 for one that does not), or its new value. */
export class AttributeState {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;

  constructor(name: string, value: string, start: number, end: number) {
    this.name = name;
    this.value = value;
    this.start = start;
    this.end = end;
  }
}

export class ElementState {
  readonly start: number;
  readonly end: number;
  readonly id: number;
  name: string;
  readonly namespaceURI: string;
  /** Whether it is written with a slash at its end. */
  isSelfClosing: boolean;
  readonly edits = new Edits();
  readonly endEdits = new Edits();
  /** The name of its end tag, where that has changed. */
  endName: string | undefined = undefined;
  onEndTag: ((...args: unknown[]) => unknown) | undefined = undefined;
  /** Whether the tag has to be written anew. */
  isChanged = false;
  removesContent = false;
  readonly #places: readonly (string | number)[];
  #attributes: readonly AttributeState[] | undefined = undefined;

  constructor(token: ElementToken) {
    this.start = token[1];
    this.end = token[2];
    this.id = token[4];
    this.name = token[5];
    this.namespaceURI = token[6];
    this.isSelfClosing = token[7];
    this.#places = token[8];
  }

  /** Whether it can have neither content nor an end tag. */
  get isEmpty(): boolean {
    return this.id === 0;
  }

  /** Whether the start tag does not go out as it came in. */
  get isEdited(): boolean {
    const { before, after, removed } = this.edits;
    return this.isChanged || removed || before.length > 0 || after.length > 0;
  }

  /** Whether something is to be done at the end tag. */
  get hasEnd(): boolean {
    const { before, after, removed } = this.endEdits;
    const isEdited = removed || before.length > 0 || after.length > 0;
    return isEdited || this.removesContent || this.endName !== undefined || this.onEndTag !== undefined;
  }

  /** In the order of the document; another list after each change. */
  get attributes(): readonly AttributeState[] {
    return (this.#attributes ??= toAttributes(this.#places));
  }

  /** `name` in lower case. */
  find(name: string): AttributeState | undefined {
    const { attributes } = this;
    for (let i = 0; i < attributes.length; i++) {
      const attribute = attributes[i] as AttributeState;
      if (attribute.name === name) return attribute;
    }
    return undefined;
  }

  setAttribute(name: string, value: string): void {
    this.#change(this.find(name), new AttributeState(name, value, -1, -1));
  }

  removeAttribute(name: string): void {
    const { attributes } = this;
    const kept = newBareArray<AttributeState>();
    for (let i = 0; i < attributes.length; i++) {
      const attribute = attributes[i] as AttributeState;
      if (attribute.name !== name) kept[kept.length] = attribute;
    }
    if (kept.length === attributes.length) return;
    this.#attributes = kept;
    this.isChanged = true;
  }

  #change(old: AttributeState | undefined, changed: AttributeState): void {
    const { attributes } = this;
    const list = newBareArray<AttributeState>();
    for (let i = 0; i < attributes.length; i++) {
      const attribute = attributes[i] as AttributeState;
      list[list.length] = attribute === old ? changed : attribute;
    }
    if (old === undefined) list[list.length] = changed;
    this.#attributes = list;
    this.isChanged = true;
  }

  rename(name: string): void {
    this.name = name;
    this.endName = name;
    this.isChanged = true;
  }

  remove(): void {
    this.edits.removed = true;
    this.endEdits.removed = true;
    this.removeContent();
  }

  removeContent(): void {
    if (this.isEmpty) return;
    this.removesContent = true;
    this.edits.after = newBareArray();
    this.endEdits.before = newBareArray();
  }
}

function toAttributes(places: readonly (string | number)[]): readonly AttributeState[] {
  const attributes = newBareArray<AttributeState>();
  for (let i = 0; i < places.length; i += 4) {
    attributes[attributes.length] = new AttributeState(
      places[i + 2] as string,
      places[i + 3] as string,
      places[i] as number,
      places[i + 1] as number,
    );
  }
  return attributes;
}

/** Throws the TypeError of a name that would not be one. */
export function toAttributeName(given: string): string {
  if (given === '') throw parserError("Attribute name can't be empty.");
  const at = forbiddenIndex(given, true);
  if (at !== -1)
    throw parserError(
      `\`${StringPrototypeSlice(given, at, at + 1)}\` character is forbidden in the attribute name`,
    );
  return StringPrototypeToLowerCase(given);
}

/** The same for the name of a tag. */
export function toTagName(given: string): string {
  if (given === '') throw parserError("Tag name can't be empty.");
  const first = StringPrototypeCharCodeAt(given, 0) | 0x20;
  if (first < 0x61 || first > 0x7a)
    throw parserError('The first character of the tag name should be an ASCII alphabetical character.');
  const at = forbiddenIndex(given, false);
  if (at !== -1)
    throw parserError(
      `\`${StringPrototypeSlice(given, at, at + 1)}\` character is forbidden in the tag name`,
    );
  return given;
}

/** Where a space, a slash, `>` or (of an attribute) `=` stands; or -1. */
function forbiddenIndex(name: string, isAttribute: boolean): number {
  for (let i = 0; i < name.length; i++) {
    const code = StringPrototypeCharCodeAt(name, i);
    const isSpace = code === 9 || code === 10 || code === 12 || code === 13 || code === 32;
    if (isSpace || code === 47 || code === 62 || (isAttribute && code === 61)) return i;
  }
  return -1;
}
