/** Text, Comment and Doctype, as handlers of an HTMLRewriter get them. */

import { illegalConstructor, defineInterface, toDOMString } from '../webidl.ts';
import {
  StringPrototypeEndsWith,
  StringPrototypeIncludes,
  StringPrototypeStartsWith,
  StringPrototypeToWellFormed,
} from '../primordials.ts';
import { Edits, toContent } from './edits.ts';
import type { CommentToken, DoctypeToken, TextToken } from './plan.ts';
import { INTERNAL, parserError, requireOpen, type Scope } from './scope.ts';

/** A text or a comment on its way. */
export class CharacterState {
  readonly start: number;
  readonly end: number;
  text: string;
  /** Of a text: whether nothing of it follows. */
  readonly isLast: boolean;
  /** Of a comment: whether its text was set. */
  isChanged = false;
  edits: Edits | undefined = undefined;

  constructor(token: TextToken | CommentToken) {
    this.start = token[1];
    this.end = token[2];
    this.text = token[4];
    this.isLast = token[0] === 'text' && token[5];
  }

  edit(): Edits {
    return (this.edits ??= new Edits());
  }
}

export class Text {
  readonly #state: CharacterState;
  readonly #scope: Scope;

  constructor(key: unknown = undefined, state: unknown = undefined, scope: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
    this.#state = state as CharacterState;
    this.#scope = scope as Scope;
  }

  get text(): string {
    return this.#open().text;
  }

  get lastInTextNode(): boolean {
    return this.#open().isLast;
  }

  get removed(): boolean {
    return this.#open().edits?.removed ?? false;
  }

  before(content: unknown, options: unknown = undefined): this {
    const { before } = this.#open().edit();
    before[before.length] = toContent(content, options, 'Text.before');
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    const { after } = this.#open().edit();
    after[after.length] = toContent(content, options, 'Text.after');
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    this.#open()
      .edit()
      .replace(toContent(content, options, 'Text.replace'));
    return this;
  }

  remove(): this {
    this.#open().edit().removed = true;
    return this;
  }

  #open(): CharacterState {
    requireOpen(this.#scope);
    return this.#state;
  }
}

export class Comment {
  readonly #state: CharacterState;
  readonly #scope: Scope;

  constructor(key: unknown = undefined, state: unknown = undefined, scope: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
    this.#state = state as CharacterState;
    this.#scope = scope as Scope;
  }

  get text(): string {
    return this.#open().text;
  }

  set text(value: unknown) {
    const state = this.#open();
    const text = StringPrototypeToWellFormed(toDOMString(value));
    if (endsComment(text)) throw parserError("Comment text shouldn't contain a comment-closing sequence.");
    state.text = text;
    state.isChanged = true;
  }

  get removed(): boolean {
    return this.#open().edits?.removed ?? false;
  }

  before(content: unknown, options: unknown = undefined): this {
    const { before } = this.#open().edit();
    before[before.length] = toContent(content, options, 'Comment.before');
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    const { after } = this.#open().edit();
    after[after.length] = toContent(content, options, 'Comment.after');
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    this.#open()
      .edit()
      .replace(toContent(content, options, 'Comment.replace'));
    return this;
  }

  remove(): this {
    this.#open().edit().removed = true;
    return this;
  }

  #open(): CharacterState {
    requireOpen(this.#scope);
    return this.#state;
  }
}

/** Whether a comment with this text would be over before its end. https://html.spec.whatwg.org/#comments */
function endsComment(text: string): boolean {
  return (
    StringPrototypeIncludes(text, '-->') ||
    StringPrototypeIncludes(text, '--!>') ||
    StringPrototypeStartsWith(text, '>') ||
    StringPrototypeStartsWith(text, '->') ||
    StringPrototypeEndsWith(text, '<!-')
  );
}

export class Doctype {
  readonly #token: DoctypeToken;
  readonly #scope: Scope;

  constructor(key: unknown = undefined, token: unknown = undefined, scope: unknown = undefined) {
    if (key !== INTERNAL) throw illegalConstructor();
    this.#token = token as DoctypeToken;
    this.#scope = scope as Scope;
  }

  get name(): string | null {
    return this.#open()[4];
  }

  get publicId(): string | null {
    return this.#open()[5];
  }

  get systemId(): string | null {
    return this.#open()[6];
  }

  #open(): DoctypeToken {
    requireOpen(this.#scope);
    return this.#token;
  }
}

defineInterface(Text, 'Text');
defineInterface(Comment, 'Comment');
defineInterface(Doctype, 'Doctype');
