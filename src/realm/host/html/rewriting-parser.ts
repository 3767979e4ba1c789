/**
 * One document on its way through an HTMLRewriter: what its handlers have asked for is told to the realm as JSON, a chunk at a time;
 * everything else is bytes that the realm passes on. Runs in a thread, in the host realm.
 */

import type { Token } from 'parse5';
import type { HtmlPlan, HtmlToken, HtmlTokens } from '../../prelude/html/plan.ts';
import { lowerCase, parseAttributes, type SourceAttribute } from './attributes.ts';
import type { DocumentEncoding } from './document-encoding.ts';
import { Lexer, MAX_PENDING } from './lexer.ts';
import { type MatchedTag, Matcher, type OpenElement } from './matcher.ts';
import { parseSelector, type Step } from './selector.ts';
import type { LexerSink, SourceTag, TagFeedback } from './source.ts';
import { HtmlError, type Namespace, TreeContext } from './tree-context.ts';

/** A list of handlers that are called for comments or text, by their index: always, or within elements that a selector matches. */
class ActiveHandlers {
  readonly #counts: number[];
  readonly #isWanted: readonly boolean[];
  #list: readonly number[] | undefined;

  constructor(isWanted: readonly boolean[], isAlways: readonly boolean[]) {
    this.#isWanted = isWanted;
    this.#counts = isWanted.map((wanted, i) => (wanted && isAlways[i] === true ? 1 : 0));
  }

  change(handlers: readonly number[], by: 1 | -1): void {
    for (let i = 0; i < handlers.length; i++) {
      const handler = handlers[i] ?? -1;
      if (this.#isWanted[handler] !== true) continue;
      this.#counts[handler] = (this.#counts[handler] ?? 0) + by;
      this.#list = undefined;
    }
  }

  get list(): readonly number[] {
    return (this.#list ??= [...this.#counts.keys()].filter((handler) => (this.#counts[handler] ?? 0) > 0));
  }
}

export class RewritingParser implements LexerSink {
  readonly #lexer: Lexer;
  readonly #context = new TreeContext();
  readonly #matcher: Matcher;
  readonly #encoding: DocumentEncoding;
  readonly #texts: ActiveHandlers;
  readonly #comments: ActiveHandlers;
  readonly #plan: HtmlPlan;
  readonly #doctypes: readonly number[];
  #tokens: HtmlToken[] = [];
  #elements = 0;
  #total = 0;

  constructor(plan: HtmlPlan, encoding: DocumentEncoding) {
    this.#plan = plan;
    this.#encoding = encoding;
    this.#lexer = new Lexer(this, this.#encoding.isUtf8);
    this.#matcher = new Matcher(plan.map(({ selector }) => stepsOf(selector)));
    const isAlways = plan.map(({ selector }) => selector === null);
    this.#texts = new ActiveHandlers(
      plan.map(({ text }) => text),
      isAlways,
    );
    this.#comments = new ActiveHandlers(
      plan.map(({ comments }) => comments),
      isAlways,
    );
    this.#doctypes = [...plan.keys()].filter((i) => plan[i]?.doctype === true);
  }

  /** Takes more of the document. Returns JSON of HtmlTokens (prelude/html/plan.ts). */
  write(chunk: string, isLast: boolean): string {
    this.#tokens = [];
    this.#total += chunk.length;
    let problem = '';
    try {
      this.#lexer.write(chunk, isLast);
      if (this.#total - this.#lexer.settled > MAX_PENDING) problem = 'The memory limit has been exceeded.';
    } catch (error) {
      problem = error instanceof HtmlError ? error.message : 'The document cannot be parsed.';
    }
    return JSON.stringify([this.#lexer.settled, problem, this.#tokens] satisfies HtmlTokens);
  }

  startTag({ source, name: written, isSelfClosing, start, end }: SourceTag): TagFeedback {
    const name = lowerCase(written);
    let parsed: SourceAttribute[] | undefined;
    const attributes = (): SourceAttribute[] => (parsed ??= parseAttributes(source, 1 + written.length));
    const meaning = this.#context.startTag(name, isSelfClosing, attributes);
    const tag: MatchedTag = {
      name,
      attribute: (wanted) => this.#valueOf(attributes().find((attribute) => attribute.name === wanted)),
    };
    const element = this.#matcher.startTag(tag, meaning.hasContent);
    const { matched } = element;
    const handlers =
      matched.length === 0 ? matched : matched.filter((handler) => this.#plan[handler]?.element === true);
    if (meaning.hasContent) this.#enter(element, handlers.length > 0);
    if (handlers.length > 0) {
      const places = this.#places(attributes(), start);
      const uri = NAMESPACES[meaning.namespace];
      this.#add([
        'element',
        start,
        end,
        handlers,
        element.id,
        this.#encoding.decode(written),
        uri,
        isSelfClosing,
        places,
      ]);
    }
    return meaning;
  }

  endTag({ name: written, start, end }: SourceTag): TagFeedback {
    const name = lowerCase(written);
    const closed = this.#matcher.endTag(name);
    const ids: number[] = [];
    for (let i = 0; i < closed.length; i++) {
      const { matched, id } = closed[i] as OpenElement;
      this.#texts.change(matched, -1);
      this.#comments.change(matched, -1);
      if (id !== 0) ids.push(id);
    }
    const isOwn = (closed[closed.length - 1]?.id ?? 0) !== 0;
    if (ids.length > 0) this.#add(['end', start, end, ids, isOwn, this.#encoding.decode(written)]);
    return this.#context.endTag(name);
  }

  comment(source: string, start: number, end: number): void {
    const handlers = this.#comments.list;
    if (handlers.length === 0) return;
    this.#add(['comment', start, end, handlers, this.#encoding.decode(commentText(source))]);
  }

  doctype({ name, publicId, systemId }: Token.DoctypeToken, start: number, end: number): void {
    if (this.#doctypes.length === 0) return;
    const decode = (part: string | null): string | null => part && this.#encoding.decode(part);
    this.#add([
      'doctype',
      start,
      end,
      this.#doctypes,
      decode(name === '' ? null : name),
      decode(publicId),
      decode(systemId),
    ]);
  }

  text(source: string, start: number, end: number): void {
    const handlers = this.#texts.list;
    if (handlers.length === 0) return;
    const text = this.#encoding.decodePart(source);
    if (text !== '') this.#add(['text', start, end, handlers, text, false]);
  }

  textEnd(offset: number): void {
    const handlers = this.#texts.list;
    if (handlers.length === 0) return;
    const rest = this.#encoding.decodePart('');
    this.#add(['text', offset, offset, handlers, rest, true]);
  }

  #add(token: HtmlToken): void {
    this.#tokens.push(token);
  }

  #enter(element: OpenElement, isTold: boolean): void {
    if (isTold) element.id = ++this.#elements;
    this.#texts.change(element.matched, 1);
    this.#comments.change(element.matched, 1);
  }

  /** As ElementToken has them. */
  #places(attributes: readonly SourceAttribute[], offset: number): (string | number)[] {
    const places: (string | number)[] = [];
    for (let i = 0; i < attributes.length; i++) {
      const { name, value, start, end } = attributes[i] as SourceAttribute;
      places.push(offset + start, offset + end, this.#encoding.decode(name), this.#encoding.decode(value));
    }
    return places;
  }

  #valueOf(attribute: SourceAttribute | undefined): string | undefined {
    return attribute === undefined ? undefined : this.#encoding.decode(attribute.value);
  }
}

const NAMESPACES: Readonly<Record<Namespace, string>> = Object.freeze({
  html: 'http://www.w3.org/1999/xhtml',
  svg: 'http://www.w3.org/2000/svg',
  math: 'http://www.w3.org/1998/Math/MathML',
});

/** Selectors were checked when they were given. */
function stepsOf(selector: string | null): Step[][] {
  return selector === null ? [] : parseSelector(selector);
}

/** What stands between the marks, also of what parsers take for comments: `<!x>`, `<?x>`, `</ x>`. */
function commentText(source: string): string {
  if (!source.startsWith('<!--')) return source.slice(source.startsWith('<?') ? 1 : 2).replace(/>$/, '');
  return source.slice(4).replace(COMMENT_END, '');
}

/** An end may be wrong (`--!>`), too early (`<!-->`), or missing. */
const COMMENT_END = /(?:--!?>|^-?>|--!|--?)$/;
