/** One component of a URL pattern, compiled. https://urlpattern.spec.whatwg.org/#component */

import { RegExpCtor, RegExpPrototypeExec, TypeErrorCtor } from '../../primordials.ts';
import { generatePattern, generateRegExp } from './generate.ts';
import { type EncodeText, type Part, parsePattern, type PatternOptions } from './parts.ts';

/** The groups of a match: the whole at 0. Undefined for those that took no part. */
export type Groups = ArrayLike<string | undefined>;

export class Component {
  readonly pattern: string;
  readonly names: readonly string[];
  readonly hasRegExpGroups: boolean;
  readonly #expression: RegExp;
  /** The one text that matches, where that is so. */
  readonly #fixed: string | undefined;

  constructor(input: string, encode: EncodeText, options: PatternOptions) {
    const parts = parsePattern(input, options, encode);
    this.pattern = generatePattern(parts, options);
    this.names = namesOf(parts);
    this.hasRegExpGroups = hasRegExp(parts);
    this.#expression = compile(generateRegExp(parts, options), options.ignoreCase, input);
    this.#fixed = options.ignoreCase ? undefined : fixedTextOf(parts);
  }

  /** The groups of a text that matches; undefined for one that does not. */
  match(text: string): Groups | undefined {
    if (this.#fixed !== undefined) return text === this.#fixed ? [text] : undefined;
    if (this.pattern === '*') return [text, text];
    return RegExpPrototypeExec(this.#expression, text) ?? undefined;
  }
}

function compile(source: string, ignoreCase: boolean, input: string): RegExp {
  try {
    return new RegExpCtor(source, ignoreCase ? 'vi' : 'v');
  } catch {
    throw new TypeErrorCtor(`URLPattern: "${input}" has an invalid regular expression in it.`);
  }
}

function namesOf(parts: readonly Part[]): string[] {
  const names: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    if (part.type !== 'fixed-text') names[names.length] = part.name;
  }
  return names;
}

function hasRegExp(parts: readonly Part[]): boolean {
  for (let i = 0; i < parts.length; i++) if (parts[i]?.type === 'regexp') return true;
  return false;
}

function fixedTextOf(parts: readonly Part[]): string | undefined {
  if (parts.length === 0) return '';
  const part = parts[0] as Part;
  return parts.length === 1 && part.type === 'fixed-text' && part.modifier === '' ? part.value : undefined;
}
