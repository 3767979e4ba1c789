/**
 * Which selectors an element matches, decided from its start tag and the open elements around it. Each step of each selector is a state;
 * an open element knows the states that it has reached itself, and those that it or something around it has. Its cost for a start tag is
 * the number of steps, however deep the document is. Runs in a thread, in the host realm.
 */

import type { AttributeTest, Compound, PositionTest, Step } from './selector.ts';
import { HtmlError } from './tree-context.ts';

/** A start tag, as a matcher asks for it. */
export interface MatchedTag {
  /** In lower case. */
  readonly name: string;
  attribute(name: string): string | undefined;
}

/** An element whose end tag has not come. */
export interface OpenElement {
  readonly name: string;
  /** Its number among those that the realm has been told of, or 0. */
  id: number;
  /** The selectors that it matches, by their index. */
  readonly matched: readonly number[];
  readonly own: readonly number[];
  readonly around: readonly number[];
  children: number;
  types: Map<string, number> | undefined;
}

interface State {
  readonly step: Step;
  /** The state that must come before, or -1. */
  readonly before: number;
  /** The index of the selector that is matched with this, or -1. */
  readonly selector: number;
}

/** Deeper documents are refused: what is open has to be remembered. */
const MAX_DEPTH = 20_000;
const NONE: readonly number[] = Object.freeze([]);

export class Matcher {
  readonly #states: readonly State[];
  readonly #countsTypes: boolean;
  readonly #root: OpenElement = newElement('', NONE, NONE, NONE);
  readonly #open: OpenElement[] = [this.#root];
  /** How many elements of a name are open: an end tag without any costs no search. */
  readonly #names = new Map<string, number>();

  constructor(selectors: readonly (readonly Step[][])[]) {
    const states: State[] = [];
    for (const [selector, chains] of selectors.entries())
      for (const chain of chains) addChain(states, chain, selector);
    this.#states = states;
    this.#countsTypes = states.some(({ step }) => usesTypes(step.compound));
  }

  /** Takes a start tag. The element stays open if it has content. */
  startTag(tag: MatchedTag, hasContent: boolean): OpenElement {
    const parent = this.#open[this.#open.length - 1] ?? this.#root;
    parent.children++;
    if (this.#countsTypes) countType(parent, tag.name);
    const element = this.#match(tag, parent);
    if (hasContent) this.#push(element);
    return element;
  }

  /** Takes an end tag: gives the elements that it closes, the innermost first. */
  endTag(name: string): readonly OpenElement[] {
    if (!this.#names.has(name)) return [];
    const closed: OpenElement[] = [];
    for (;;) {
      const element = this.#open.pop() as OpenElement;
      this.#forget(element.name);
      closed.push(element);
      if (element.name === name) return closed;
    }
  }

  #push(element: OpenElement): void {
    if (this.#open.length > MAX_DEPTH) throw new HtmlError('The memory limit has been exceeded.');
    this.#open.push(element);
    this.#names.set(element.name, (this.#names.get(element.name) ?? 0) + 1);
  }

  #forget(name: string): void {
    const count = (this.#names.get(name) ?? 1) - 1;
    if (count === 0) this.#names.delete(name);
    else this.#names.set(name, count);
  }

  #match(tag: MatchedTag, parent: OpenElement): OpenElement {
    let own: number[] | undefined;
    let matched: number[] | undefined;
    // Indexes, not for-of: frozen intrinsics make iterators slow.
    for (let index = 0; index < this.#states.length; index++) {
      const { step, before, selector } = this.#states[index] as State;
      if (before !== -1 && !(step.combinator === 'child' ? parent.own : parent.around).includes(before))
        continue;
      if (!matches(step.compound, tag, parent)) continue;
      if (selector === -1) (own ??= []).push(index);
      else if (matched?.[matched.length - 1] !== selector) (matched ??= []).push(selector);
    }
    return newElement(tag.name, matched ?? NONE, own ?? NONE, union(parent.around, own));
  }
}

function newElement(
  name: string,
  matched: readonly number[],
  own: readonly number[],
  around: readonly number[],
): OpenElement {
  return { name, id: 0, matched, own, around, children: 0, types: undefined };
}

/** The same list where nothing is added, which is so for most elements. */
function union(around: readonly number[], own: readonly number[] | undefined): readonly number[] {
  const added = own?.filter((state) => !around.includes(state));
  return added === undefined || added.length === 0 ? around : [...around, ...added];
}

function addChain(states: State[], chain: readonly Step[], selector: number): void {
  for (const [i, step] of chain.entries()) {
    const isLast = i === chain.length - 1;
    states.push({ step, before: i === 0 ? -1 : states.length - 1, selector: isLast ? selector : -1 });
  }
}

function usesTypes({ positions, not }: Compound): boolean {
  return positions.some(({ among }) => among === 'type') || not.some(usesTypes);
}

function countType(parent: OpenElement, name: string): void {
  const types = (parent.types ??= new Map<string, number>());
  types.set(name, (types.get(name) ?? 0) + 1);
}

function matches(
  { name, attributes, positions, not }: Compound,
  tag: MatchedTag,
  parent: OpenElement,
): boolean {
  if (name !== undefined && name !== tag.name) return false;
  for (let i = 0; i < attributes.length; i++) {
    const attribute = attributes[i] as AttributeTest;
    if (!attribute.matches(tag.attribute(attribute.name))) return false;
  }
  for (let i = 0; i < positions.length; i++)
    if (!isAt(positions[i] as PositionTest, tag, parent)) return false;
  for (let i = 0; i < not.length; i++) if (matches(not[i] as Compound, tag, parent)) return false;
  return true;
}

function isAt({ among, a, b }: PositionTest, { name }: MatchedTag, parent: OpenElement): boolean {
  const index = among === 'children' ? parent.children : (parent.types?.get(name) ?? 1);
  const distance = index - b;
  return a === 0 ? distance === 0 : distance % a === 0 && distance / a >= 0;
}
