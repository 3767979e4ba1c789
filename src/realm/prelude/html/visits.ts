/** What is done with each token: whom to call, with what, and how it is written then. */

import { newBareArray } from '../bare-array.ts';
import type { Callback } from '../streams/callbacks.ts';
import type { DocumentWriter } from './document-writer.ts';
import type { Content } from './edits.ts';
import { Element } from './element.ts';
import { ElementState } from './element-state.ts';
import { DocumentEnd, EndState, EndTag } from './end-tokens.ts';
import type { Handlers } from './handlers.ts';
import type { Output } from './output.ts';
import type { DoctypeToken, EndToken, HtmlToken } from './plan.ts';
import { INTERNAL, type Scope } from './scope.ts';
import { CharacterState, Comment, Doctype, Text } from './text-tokens.ts';

/** The calls for one token. For each index: `token`, and then `callback` with it as a method of `self`. `finish` comes last. */
export interface Visit {
  readonly count: number;
  token(index: number, scope: Scope): object;
  callback(index: number): Callback | undefined;
  self(index: number): object | undefined;
  finish(): void;
}

type HandlerName = 'element' | 'comments' | 'text' | 'doctype' | 'end';

/** Calls registered handlers, each with an object of its own over the same state. */
class HandlerVisit implements Visit {
  readonly #handlers: readonly Handlers[];
  readonly #indexes: readonly number[];
  readonly #name: HandlerName;
  readonly #make: (scope: Scope) => object;
  readonly finish: () => void;

  constructor(
    name: HandlerName,
    handlers: readonly Handlers[],
    indexes: readonly number[],
    make: (scope: Scope) => object,
    finish: () => void,
  ) {
    this.#name = name;
    this.#handlers = handlers;
    this.#indexes = indexes;
    this.#make = make;
    this.finish = finish;
  }

  get count(): number {
    return this.#indexes.length;
  }

  token(_index: number, scope: Scope): object {
    return this.#make(scope);
  }

  callback(index: number): Callback | undefined {
    return this.#at(index)[this.#name];
  }

  self(index: number): object | undefined {
    return this.#at(index).self;
  }

  #at(index: number): Handlers {
    return this.#handlers[this.#indexes[index] as number] as Handlers;
  }
}

/** Calls what elements have asked for at their end: those inside without an end tag of their own first. */
class EndVisit implements Visit {
  readonly count: number;
  readonly #token: EndToken;
  readonly #state: EndState;
  readonly #writer: DocumentWriter;
  #element: ElementState | undefined = undefined;

  constructor(token: EndToken, writer: DocumentWriter) {
    this.#token = token;
    this.#state = new EndState(token);
    this.#writer = writer;
    this.count = token[3].length;
  }

  token(index: number, scope: Scope): object {
    const state = this.#state;
    const element = this.#writer.closed(this.#token[3][index] as number, state.start);
    this.#element = element;
    const isOwn = this.#token[4] && index === this.count - 1;
    if (element !== undefined && isOwn) state.takeOwn(element);
    else if (element !== undefined) state.takeImplied(element);
    return new EndTag(INTERNAL, state, scope);
  }

  callback(): Callback | undefined {
    return this.#element?.onEndTag;
  }

  self(): undefined {
    return undefined;
  }

  finish(): void {
    this.#writer.endTag(this.#state);
  }
}

export function visitOf(token: HtmlToken, handlers: readonly Handlers[], writer: DocumentWriter): Visit {
  switch (token[0]) {
    case 'element': {
      const state = new ElementState(token);
      state.edits.removed = writer.isRemoving;
      const make = (scope: Scope): object => new Element(INTERNAL, state, scope);
      return new HandlerVisit('element', handlers, token[3], make, () => writer.element(state));
    }
    case 'end':
      return new EndVisit(token, writer);
    case 'text': {
      const state = new CharacterState(token);
      const make = (scope: Scope): object => new Text(INTERNAL, state, scope);
      return new HandlerVisit('text', handlers, token[3], make, () => writer.characters(state));
    }
    case 'comment': {
      const state = new CharacterState(token);
      const make = (scope: Scope): object => new Comment(INTERNAL, state, scope);
      return new HandlerVisit('comments', handlers, token[3], make, () => writer.characters(state));
    }
    default:
      return doctypeVisit(token, handlers);
  }
}

function doctypeVisit(token: DoctypeToken, handlers: readonly Handlers[]): Visit {
  const make = (scope: Scope): object => new Doctype(INTERNAL, token, scope);
  return new HandlerVisit('doctype', handlers, token[3], make, () => {});
}

/** After the last token. */
export function endVisit(handlers: readonly Handlers[], output: Output): Visit {
  const indexes = newBareArray<number>();
  for (let i = 0; i < handlers.length; i++)
    if ((handlers[i] as Handlers).end !== undefined) indexes[indexes.length] = i;
  const appended = newBareArray<Content>();
  const make = (scope: Scope): object => new DocumentEnd(INTERNAL, appended, scope);
  return new HandlerVisit('end', handlers, indexes, make, () => {
    for (let i = 0; i < appended.length; i++) output.addContent(appended[i] as Content);
  });
}
