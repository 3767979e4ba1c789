/**
 * The types of what `HTMLRewriter` gives to handlers, for the code of workers. The names are not Cloudflare's, because `Element`, `Text` and `Comment`
 * mean something else in browsers. The class itself is among the globals of `nanod/types`. Types only: nothing here runs.
 */

/** What is inserted: a string, or the body of a response or a stream, which is read when its turn comes. */
export type HTMLContent = string | ReadableStream | Response;

export interface HTMLContentOptions {
  /** Whether the content is HTML; otherwise it is escaped. */
  readonly html?: boolean;
}

/** What can be put around a token. Each method returns the token. */
interface Surroundings {
  before(content: HTMLContent, options?: HTMLContentOptions): this;
  after(content: HTMLContent, options?: HTMLContentOptions): this;
  remove(): this;
}

interface Replaceable extends Surroundings {
  replace(content: HTMLContent, options?: HTMLContentOptions): this;
  readonly removed: boolean;
}

/** An element, from its start tag on. Like every token, it can be used until its handler is done. */
export interface HTMLElementToken extends Replaceable {
  tagName: string;
  readonly namespaceURI: string;
  /** Names and values, as they are written. */
  readonly attributes: IterableIterator<[name: string, value: string]>;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  setAttribute(name: string, value: string): this;
  removeAttribute(name: string): this;
  prepend(content: HTMLContent, options?: HTMLContentOptions): this;
  append(content: HTMLContent, options?: HTMLContentOptions): this;
  setInnerContent(content: HTMLContent, options?: HTMLContentOptions): this;
  removeAndKeepContent(): this;
  /** Throws for an element that has no content. The last handler counts. */
  onEndTag(handler: (tag: HTMLEndTag) => unknown): void;
}

export interface HTMLEndTag extends Surroundings {
  name: string;
}

/** A piece of a text. */
export interface HTMLText extends Replaceable {
  /** As it is written, with its entities. */
  readonly text: string;
  /** True for the last piece of a text, which is empty. */
  readonly lastInTextNode: boolean;
}

export interface HTMLComment extends Replaceable {
  text: string;
}

export interface HTMLDoctype {
  readonly name: string | null;
  readonly publicId: string | null;
  readonly systemId: string | null;
}

export interface HTMLDocumentEnd {
  append(content: HTMLContent, options?: HTMLContentOptions): this;
}

/** A promise that a handler returns is waited for; its rejection fails the body. */
export interface HTMLElementHandlers {
  element?(element: HTMLElementToken): unknown;
  comments?(comment: HTMLComment): unknown;
  text?(text: HTMLText): unknown;
}

export interface HTMLDocumentHandlers {
  doctype?(doctype: HTMLDoctype): unknown;
  comments?(comment: HTMLComment): unknown;
  text?(text: HTMLText): unknown;
  end?(end: HTMLDocumentEnd): unknown;
}
