/**
 * Selectors as HTMLRewriter takes them: what can be decided when a start tag arrives, with nothing known of what follows. css-what parses
 * them; here they become what matcher.ts runs. https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#selectors
 */

import {
  type AttributeSelector,
  parse,
  type PseudoSelector,
  type Selector,
  SelectorType,
  type TagSelector,
  type UniversalSelector,
} from 'css-what';

/** What one element must be, whatever is around it. */
export interface Compound {
  /** In lower case; undefined for any. */
  readonly name: string | undefined;
  readonly attributes: readonly AttributeTest[];
  readonly positions: readonly PositionTest[];
  /** None of these. */
  readonly not: readonly Compound[];
}

export interface AttributeTest {
  readonly name: string;
  /** `value` undefined: the attribute is not there. */
  readonly matches: (value: string | undefined) => boolean;
}

/** `an + b` among the children of the same parent, or those of them with the same name. */
export interface PositionTest {
  readonly among: 'children' | 'type';
  readonly a: number;
  readonly b: number;
}

/** A compound and how it stands to the one before. */
export interface Step {
  readonly compound: Compound;
  readonly combinator: 'descendant' | 'child';
}

/** Why a selector is refused. The message is for the worker. */
export class SelectorError extends Error {}

/** Each alternative of a list is a chain of steps. Throws SelectorError. */
export function parseSelector(text: string): Step[][] {
  return parseList(text).map((selector) => toSteps(selector));
}

function parseList(text: string): Selector[][] {
  if (text.trim() === '') throw new SelectorError('The selector is empty.');
  try {
    return parse(text);
  } catch {
    throw new SelectorError('Unexpected token in selector.');
  }
}

function toSteps(selector: readonly Selector[]): Step[] {
  const steps: Step[] = [];
  let combinator: Step['combinator'] = 'descendant';
  let parts: Selector[] = [];
  const close = (): void => {
    if (parts.length === 0)
      throw new SelectorError(
        steps.length === 0 ? 'The selector is empty.' : 'Dangling combinator in selector.',
      );
    steps.push({ compound: toCompound(parts), combinator });
    parts = [];
  };
  for (const part of selector) {
    const next = toCombinator(part);
    if (next === undefined) parts.push(part);
    else {
      close();
      combinator = next;
    }
  }
  close();
  return steps;
}

function toCombinator(part: Selector): Step['combinator'] | undefined {
  switch (part.type) {
    case SelectorType.Child:
      return 'child';
    case SelectorType.Descendant:
      return 'descendant';
    case SelectorType.Adjacent:
      throw new SelectorError('Unsupported combinator `+` in selector.');
    case SelectorType.Sibling:
      throw new SelectorError('Unsupported combinator `~` in selector.');
    case SelectorType.ColumnCombinator:
    case SelectorType.Parent:
      throw new SelectorError('Unsupported syntax in selector.');
    default:
      return undefined;
  }
}

function toCompound(parts: readonly Selector[]): Compound {
  const compound = {
    name: undefined as string | undefined,
    attributes: [] as AttributeTest[],
    positions: [] as PositionTest[],
    not: [] as Compound[],
  };
  for (const part of parts) {
    if ('namespace' in part && part.namespace !== null && part.namespace !== '*' && part.namespace !== '')
      throw new SelectorError('Selectors with explicit namespaces are not supported.');
    switch (part.type) {
      case SelectorType.Universal:
      case SelectorType.Tag:
        if (part !== parts[0]) throw new SelectorError('Unexpected token in selector.');
        compound.name = toTagName(part);
        break;
      case SelectorType.Attribute:
        compound.attributes.push(toAttributeTest(part));
        break;
      case SelectorType.Pseudo:
        if (part.name === 'not') compound.not.push(...toNegations(part));
        else compound.positions.push(toPosition(part));
        break;
      default:
        throw unsupportedPseudo();
    }
  }
  return compound;
}

/** css-what takes `1` and `.` for names. https://drafts.csswg.org/css-syntax-3/#ident-sequence */
const NAME = /^(?:-?[^\0-\x2c./0-9:-@[-^`{-\x7f]|--)/;

function toTagName(part: TagSelector | UniversalSelector): string | undefined {
  if (part.type === SelectorType.Universal) return undefined;
  if (!NAME.test(part.name)) throw new SelectorError('The selector is empty.');
  return part.name.toLowerCase();
}

function toNegations({ data }: PseudoSelector): Compound[] {
  if (!Array.isArray(data) || data.length === 0) throw new SelectorError('The selector is empty.');
  return data.map((selector) => {
    if (selector.some((part) => toCombinator(part) !== undefined)) throw unsupportedPseudo();
    return toCompound(selector);
  });
}

function toPosition({ name, data }: PseudoSelector): PositionTest {
  switch (name) {
    case 'first-child':
      return { among: 'children', a: 0, b: 1 };
    case 'first-of-type':
      return { among: 'type', a: 0, b: 1 };
    case 'nth-child':
      return { among: 'children', ...toFormula(data) };
    case 'nth-of-type':
      return { among: 'type', ...toFormula(data) };
    default:
      throw unsupportedPseudo();
  }
}

function unsupportedPseudo(): SelectorError {
  return new SelectorError('Unsupported pseudo-class or pseudo-element in selector.');
}

const FORMULA = /^(?:([+-]?\d*)n)?\s*(?:([+-])?\s*(\d+))?$/;

/** https://drafts.csswg.org/css-syntax-3/#anb-microsyntax */
function toFormula(data: PseudoSelector['data']): { a: number; b: number } {
  const text = typeof data === 'string' ? data.trim().toLowerCase() : '';
  if (text === 'even') return { a: 2, b: 0 };
  if (text === 'odd') return { a: 2, b: 1 };
  const [found, step, sign, offset = '0'] = FORMULA.exec(text) ?? [];
  if (!found || (step !== undefined && offset !== '0' && sign === undefined))
    throw new SelectorError('Unexpected token in selector.');
  const a = step === undefined ? 0 : step === '' || step === '+' ? 1 : step === '-' ? -1 : Number(step);
  return { a, b: Number(offset) * (sign === '-' ? -1 : 1) };
}

/** Attributes whose values HTML compares without case. https://html.spec.whatwg.org/#case-sensitivity-of-selectors */
const CASELESS = new Set(
  (
    'accept accept-charset align alink axis bgcolor charset checked clear codetype color compact declare defer dir direction ' +
    'disabled enctype face frame hreflang http-equiv lang language link media method multiple nohref noresize noshade nowrap ' +
    'readonly rel rev rules scope scrolling selected shape target text type valign valuetype vlink'
  ).split(' '),
);

function toAttributeTest({ name: written, action, value, ignoreCase }: AttributeSelector): AttributeTest {
  const name = written.toLowerCase();
  if (name === '' || name.startsWith('='))
    throw new SelectorError('Missing attribute name in attribute selector.');
  const isCaseless = ignoreCase === true || (ignoreCase === null && CASELESS.has(name));
  const fold = isCaseless ? (text: string) => text.toLowerCase() : (text: string) => text;
  const test = valueTest(action, fold(value));
  return { name, matches: (given) => given !== undefined && test(fold(given)) };
}

const SPACES = /[\t\n\f\r ]+/;

function valueTest(action: string, wanted: string): (value: string) => boolean {
  switch (action) {
    case 'exists':
      return () => true;
    case 'equals':
      return (value) => value === wanted;
    case 'element':
      return isWord(wanted) ? (value) => value === wanted || hasWord(value, wanted) : () => false;
    case 'start':
      return (value) => wanted !== '' && value.startsWith(wanted);
    case 'end':
      return (value) => wanted !== '' && value.endsWith(wanted);
    case 'any':
      return (value) => wanted !== '' && value.includes(wanted);
    case 'hyphen':
      return (value) => value === wanted || value.startsWith(`${wanted}-`);
    default:
      throw new SelectorError('Unexpected token in the attribute selector.');
  }
}

function isWord(text: string): boolean {
  return text !== '' && !SPACES.test(text);
}

function hasWord(value: string, word: string): boolean {
  return value.includes(word) && value.split(SPACES).includes(word);
}
