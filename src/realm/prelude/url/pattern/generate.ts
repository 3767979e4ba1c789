/** A list of parts as a regular expression, and as a pattern string. https://urlpattern.spec.whatwg.org/#converting-part-lists-to-regular-expressions */

import { StringPrototypeCharCodeAt, StringPrototypeCodePointAt } from '../../primordials.ts';
import { escapePattern, escapeRegExp, FULL_WILDCARD } from './escape.ts';
import { type Part, type PatternOptions, segmentWildcard } from './parts.ts';
import { isNameCodePoint } from './tokenizer.ts';

/** The source of the expression. Its groups are those of the parts that are no fixed text, in order. */
export function generateRegExp(parts: readonly Part[], options: PatternOptions): string {
  let source = '^';
  for (let i = 0; i < parts.length; i++) source += sourceOf(parts[i] as Part, options);
  return `${source}$`;
}

function sourceOf(part: Part, options: PatternOptions): string {
  const { modifier } = part;
  if (part.type === 'fixed-text') {
    const text = escapeRegExp(part.value);
    return modifier === '' ? text : `(?:${text})${modifier}`;
  }
  const expression = expressionOf(part, options);
  const repeats = modifier === '*' || modifier === '+';
  const prefix = escapeRegExp(part.prefix);
  const suffix = escapeRegExp(part.suffix);
  if (prefix === '' && suffix === '')
    return repeats ? `((?:${expression})${modifier})` : `(${expression})${modifier}`;
  if (!repeats) return `(?:${prefix}(${expression})${suffix})${modifier}`;
  // Prefix and suffix stand between the repetitions too, but not in the group at its ends.
  const optional = modifier === '*' ? '?' : '';
  return `(?:${prefix}((?:${expression})(?:${suffix}${prefix}(?:${expression}))*)${suffix})${optional}`;
}

function expressionOf(part: Part, options: PatternOptions): string {
  if (part.type === 'segment-wildcard') return segmentWildcard(options);
  return part.type === 'full-wildcard' ? FULL_WILDCARD : part.value;
}

/** https://urlpattern.spec.whatwg.org/#converting-part-lists-to-pattern-strings */
export function generatePattern(parts: readonly Part[], options: PatternOptions): string {
  let result = '';
  for (let i = 0; i < parts.length; i++)
    result += patternOf(parts[i] as Part, parts[i - 1], parts[i + 1], options);
  return result;
}

function patternOf(
  part: Part,
  previous: Part | undefined,
  next: Part | undefined,
  options: PatternOptions,
): string {
  if (part.type === 'fixed-text') {
    const text = escapePattern(part.value);
    return part.modifier === '' ? text : `{${text}}${part.modifier}`;
  }
  const customName = !isDigit(part.name);
  const grouped = needsGrouping(part, previous, next, customName, options);
  let result = escapePattern(part.prefix);
  if (customName) result += `:${part.name}`;
  result += matcherOf(part, previous, customName, grouped, options);
  if (part.type === 'segment-wildcard' && customName && continuesName(part.suffix)) result += '\\';
  result += escapePattern(part.suffix);
  return (grouped ? `{${result}}` : result) + part.modifier;
}

function needsGrouping(
  part: Part,
  previous: Part | undefined,
  next: Part | undefined,
  customName: boolean,
  options: PatternOptions,
): boolean {
  if (part.suffix !== '' || (part.prefix !== '' && part.prefix !== options.prefix)) return true;
  if (customName && part.type === 'segment-wildcard' && part.modifier === '' && isJoined(next)) return true;
  return (
    part.prefix === '' &&
    previous?.type === 'fixed-text' &&
    options.prefix !== '' &&
    previous.value[previous.value.length - 1] === options.prefix
  );
}

/** Whether what follows a name would be taken for a part of it. */
function isJoined(next: Part | undefined): boolean {
  if (next === undefined || next.prefix !== '' || next.suffix !== '') return false;
  return next.type === 'fixed-text' ? continuesName(next.value) : isDigit(next.name);
}

function matcherOf(
  part: Part,
  previous: Part | undefined,
  customName: boolean,
  grouped: boolean,
  options: PatternOptions,
): string {
  if (part.type === 'regexp') return `(${part.value})`;
  if (part.type === 'segment-wildcard') return customName ? '' : `(${segmentWildcard(options)})`;
  const standsAlone =
    previous === undefined ||
    previous.type === 'fixed-text' ||
    previous.modifier !== '' ||
    grouped ||
    part.prefix !== '';
  return !customName && standsAlone ? '*' : `(${FULL_WILDCARD})`;
}

function isDigit(name: string): boolean {
  const unit = StringPrototypeCharCodeAt(name, 0);
  return unit >= 0x30 && unit <= 0x39;
}

function continuesName(text: string): boolean {
  return text !== '' && isNameCodePoint(StringPrototypeCodePointAt(text, 0) ?? 0, false);
}
