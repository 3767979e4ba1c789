/** EndTag and DocumentEnd, as handlers of an HTMLRewriter get them. */

import { StringPrototypeToLowerCase } from '../primordials.ts';
import { defineInterface, illegalConstructor, toDOMString } from '../webidl.ts';
import { type Content, Edits, toContent } from './edits.ts';
import { type ElementState, toTagName } from './element-state.ts';
import type { EndToken } from './plan.ts';
import { INTERNAL, requireOpen, type Scope } from './scope.ts';

/** An end tag on its way. */
export class EndState {
  readonly start: number;
  readonly end: number;
  name: string;
  isChanged = false;
  readonly edits = new Edits();

  constructor(token: EndToken) {
    this.start = token[1];
    this.end = token[2];
    this.name = token[5];
  }

  get isEdited(): boolean {
    const { before, after, removed } = this.edits;
    return this.isChanged || removed || before.length > 0 || after.length > 0;
  }

  /** Takes over what is to be done where its own element ends. */
  takeOwn({ endEdits, endName }: ElementState): void {
    const { edits } = this;
    append(edits.before, endEdits.before);
    append(edits.after, endEdits.after);
    if (endEdits.removed) edits.removed = true;
    if (endName === undefined) return;
    this.name = endName;
    this.isChanged = true;
  }

  /** The same for an element inside that has no end tag: what was to stand before and after that stands before this one. */
  takeImplied({ endEdits }: ElementState): void {
    const { before } = this.edits;
    append(before, endEdits.before);
    for (let i = endEdits.after.length - 1; i >= 0; i--) before[before.length] = endEdits.after[i] as Content;
  }
}

function append(list: Content[], added: readonly Content[]): void {
  for (let i = 0; i < added.length; i++) list[list.length] = added[i] as Content;
}

export class EndTag {
  readonly #state: EndState;
  readonly #scope: Scope;

  constructor(key: unknown = undefined, state: unknown = undefined, scope: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
    this.#state = state as EndState;
    this.#scope = scope as Scope;
  }

  get name(): string {
    return StringPrototypeToLowerCase(this.#open().name);
  }

  set name(value: unknown) {
    const state = this.#open();
    state.name = toTagName(toDOMString(value));
    state.isChanged = true;
  }

  before(content: unknown, options: unknown = undefined): this {
    const { before } = this.#open().edits;
    before[before.length] = toContent(content, options, 'EndTag.before');
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    const { after } = this.#open().edits;
    after[after.length] = toContent(content, options, 'EndTag.after');
    return this;
  }

  remove(): this {
    this.#open().edits.removed = true;
    return this;
  }

  #open(): EndState {
    requireOpen(this.#scope);
    return this.#state;
  }
}

export class DocumentEnd {
  readonly #appended: Content[];
  readonly #scope: Scope;

  constructor(key: unknown = undefined, appended: unknown = undefined, scope: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
    this.#appended = appended as Content[];
    this.#scope = scope as Scope;
  }

  append(content: unknown, options: unknown = undefined): this {
    requireOpen(this.#scope);
    const appended = this.#appended;
    appended[appended.length] = toContent(content, options, 'DocumentEnd.append');
    return this;
  }
}

defineInterface(EndTag, 'EndTag');
defineInterface(DocumentEnd, 'DocumentEnd');
