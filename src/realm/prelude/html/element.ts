/** Element, as handlers of an HTMLRewriter get it. */

import {
  ErrorCtor,
  IteratorPrototype,
  ReflectSetPrototypeOf,
  StringPrototypeToLowerCase,
  StringPrototypeToWellFormed,
  TypeErrorCtor,
} from '../primordials.ts';
import { defineInterface, illegalConstructor, isCallable, requireArguments, toDOMString } from '../webidl.ts';
import { type Content, toContent } from './edits.ts';
import { type AttributeState, type ElementState, toAttributeName, toTagName } from './element-state.ts';
import { INTERNAL, parserError, requireOpen, type Scope } from './scope.ts';

export class Element {
  readonly #state: ElementState;
  readonly #scope: Scope;

  constructor(key: unknown = undefined, state: unknown = undefined, scope: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
    this.#state = state as ElementState;
    this.#scope = scope as Scope;
  }

  get tagName(): string {
    return StringPrototypeToLowerCase(this.#open().name);
  }

  set tagName(value: unknown) {
    const state = this.#open();
    state.rename(toTagName(toDOMString(value)));
  }

  get attributes(): AttributesIterator {
    return new AttributesIterator(INTERNAL, this.#open(), this.#scope);
  }

  get removed(): boolean {
    return this.#open().edits.removed;
  }

  get namespaceURI(): string {
    return this.#open().namespaceURI;
  }

  getAttribute(name: unknown): string | null {
    const state = this.#open();
    requireArguments(arguments.length, 1, 'Element.getAttribute');
    return state.find(StringPrototypeToLowerCase(toDOMString(name)))?.value ?? null;
  }

  hasAttribute(name: unknown): boolean {
    const state = this.#open();
    requireArguments(arguments.length, 1, 'Element.hasAttribute');
    return state.find(StringPrototypeToLowerCase(toDOMString(name))) !== undefined;
  }

  setAttribute(name: unknown, value: unknown): this {
    const state = this.#open();
    requireArguments(arguments.length, 2, 'Element.setAttribute');
    const key = toAttributeName(toDOMString(name));
    state.setAttribute(key, StringPrototypeToWellFormed(toDOMString(value)));
    return this;
  }

  removeAttribute(name: unknown): this {
    const state = this.#open();
    requireArguments(arguments.length, 1, 'Element.removeAttribute');
    state.removeAttribute(StringPrototypeToLowerCase(toDOMString(name)));
    return this;
  }

  before(content: unknown, options: unknown = undefined): this {
    const state = this.#open();
    return this.#add(state.edits.before, toContent(content, options, 'Element.before'));
  }

  after(content: unknown, options: unknown = undefined): this {
    const { isEmpty, edits, endEdits } = this.#open();
    return this.#add((isEmpty ? edits : endEdits).after, toContent(content, options, 'Element.after'));
  }

  prepend(content: unknown, options: unknown = undefined): this {
    const state = this.#open();
    const given = toContent(content, options, 'Element.prepend');
    if (state.isEmpty) return this;
    state.isSelfClosing = false;
    return this.#add(state.edits.after, given);
  }

  append(content: unknown, options: unknown = undefined): this {
    const state = this.#open();
    const given = toContent(content, options, 'Element.append');
    if (state.isEmpty) return this;
    state.isSelfClosing = false;
    return this.#add(state.endEdits.before, given);
  }

  replace(content: unknown, options: unknown = undefined): this {
    const state = this.#open();
    state.edits.replace(toContent(content, options, 'Element.replace'));
    state.remove();
    return this;
  }

  remove(): this {
    this.#open().remove();
    return this;
  }

  removeAndKeepContent(): this {
    const { edits, endEdits } = this.#open();
    edits.removed = true;
    endEdits.removed = true;
    return this;
  }

  setInnerContent(content: unknown, options: unknown = undefined): this {
    const state = this.#open();
    const given = toContent(content, options, 'Element.setInnerContent');
    if (state.isEmpty) return this;
    state.removeContent();
    state.isSelfClosing = false;
    return this.#add(state.edits.after, given);
  }

  onEndTag(handler: unknown): void {
    const state = this.#open();
    if (!isCallable(handler)) throw new TypeErrorCtor('Element.onEndTag: the handler is not a function.');
    if (state.isEmpty) throw parserError('No end tag.');
    state.onEndTag = handler;
  }

  #add(list: Content[], content: Content): this {
    list[list.length] = content;
    return this;
  }

  #open(): ElementState {
    requireOpen(this.#scope);
    return this.#state;
  }
}

/** Pairs of names and values. Not to be used any more once the attributes have changed. */
export class AttributesIterator {
  readonly #state: ElementState;
  readonly #scope: Scope;
  readonly #list: readonly AttributeState[];
  #index = 0;

  constructor(key: unknown = undefined, state: unknown = undefined, scope: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
    this.#state = state as ElementState;
    this.#scope = scope as Scope;
    this.#list = this.#state.attributes;
  }

  next(): { done: boolean; value: unknown } {
    requireOpen(this.#scope);
    const list = this.#list;
    if (this.#state.attributes !== list)
      throw new ErrorCtor(
        'The attributes of this element have been modified during iteration. You must create a new iterator after modifying attributes.',
      );
    const attribute = list[this.#index];
    if (this.#index >= list.length || attribute === undefined) return { done: true, value: undefined };
    this.#index++;
    return { done: false, value: [attribute.name, attribute.value] };
  }
}

defineInterface(Element, 'Element');
ReflectSetPrototypeOf(AttributesIterator.prototype, IteratorPrototype);
defineInterface(AttributesIterator, 'AttributesIterator');
