/**
 * What of a document's tree a tokenizer has to know: namespaces, and which tags make raw text of what follows. It is simulated, as a
 * streaming rewriter must: without the tree, from the tags alone. Where they leave it open whether a tag is ignored, and so whether
 * markup or text follows, the document is refused. https://html.spec.whatwg.org/#tree-construction
 */

import type { SourceAttribute } from './attributes.ts';
import type { TagFeedback, TextMode } from './source.ts';

export type Namespace = 'html' | 'svg' | 'math';

/** The document cannot be rewritten. The message is for the worker. */
export class HtmlError extends Error {}

const TEXT_MODES = new Map<string, TextMode>([
  ['textarea', 'rcdata'],
  ['title', 'rcdata'],
  ['plaintext', 'plaintext'],
  ['script', 'script'],
  ['style', 'rawtext'],
  ['iframe', 'rawtext'],
  ['xmp', 'rawtext'],
  ['noembed', 'rawtext'],
  ['noframes', 'rawtext'],
  ['noscript', 'rawtext'],
]);

/** https://html.spec.whatwg.org/#parsing-main-inforeign: the tags that end it. */
const LEAVES_FOREIGN = words(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ' +
    'ruby s small span strong strike sub sup table tt u ul var',
);
const SVG_POINTS = words('desc title foreignobject');
const MATH_POINTS = words('mi mo mn ms mtext');
const VOID = words(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr',
);

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

export class TreeContext {
  /** Each with the element that led into it. */
  readonly #stack: { readonly namespace: Namespace; readonly opener: string }[] = [];
  readonly #guard = new AmbiguityGuard();

  /** The namespace of an element whose start tag has just been taken. */
  get namespace(): Namespace {
    return this.#stack[this.#stack.length - 1]?.namespace ?? 'html';
  }

  /** Takes a start tag. Throws HtmlError where its meaning is ambiguous. `attributes` is asked for rarely. */
  startTag(name: string, isSelfClosing: boolean, attributes: () => SourceAttribute[]): StartTagMeaning {
    this.#guard.startTag(name);
    let mode: TextMode = 'data';
    let namespace: Namespace | undefined;
    if (name === 'svg' || name === 'math') this.#stack.push({ namespace: name, opener: name });
    else if (this.namespace === 'html') mode = TEXT_MODES.get(name) ?? 'data';
    else namespace = this.#foreignStartTag(name, isSelfClosing, attributes);
    namespace ??= this.namespace;
    const hasContent = namespace === 'html' ? !VOID.has(name) : !isSelfClosing;
    // An empty <svg/> has nothing in it that its namespace would be for.
    if (!hasContent && (name === 'svg' || name === 'math')) this.#stack.pop();
    return { mode, isForeign: this.namespace !== 'html', namespace, hasContent };
  }

  endTag(name: string): TagFeedback {
    this.#guard.endTag(name);
    if (this.#stack.at(-1)?.opener === name) this.#stack.pop();
    else if (name === 'p' || name === 'br') this.#leaveForeign();
    return { mode: 'data', isForeign: this.namespace !== 'html' };
  }

  /** Gives the element's namespace where that is not the one of what follows. */
  #foreignStartTag(
    name: string,
    isSelfClosing: boolean,
    attributes: () => SourceAttribute[],
  ): Namespace | undefined {
    const { namespace } = this;
    if (LEAVES_FOREIGN.has(name) || (name === 'font' && attributes().some(isFontAttribute)))
      this.#leaveForeign();
    else if (
      !isSelfClosing &&
      (isIntegrationPoint(namespace, name) || isHtmlAnnotation(namespace, name, attributes))
    ) {
      this.#stack.push({ namespace: 'html', opener: name });
      return namespace;
    }
    return undefined;
  }

  /** Up to the innermost element whose content is HTML. */
  #leaveForeign(): void {
    while (this.namespace !== 'html') this.#stack.pop();
  }
}

export interface StartTagMeaning extends TagFeedback {
  readonly namespace: Namespace;
  /** False for void elements, and in SVG and MathML for those that close themselves. */
  readonly hasContent: boolean;
}

/** Whether the element's content is HTML. */
function isIntegrationPoint(namespace: Namespace, name: string): boolean {
  return (namespace === 'svg' && SVG_POINTS.has(name)) || (namespace === 'math' && MATH_POINTS.has(name));
}

function isFontAttribute({ name }: SourceAttribute): boolean {
  return name === 'color' || name === 'size' || name === 'face';
}

function isHtmlAnnotation(namespace: Namespace, name: string, attributes: () => SourceAttribute[]): boolean {
  if (namespace !== 'math' || name !== 'annotation-xml') return false;
  const encoding = attributes()
    .find((attribute) => attribute.name === 'encoding')
    ?.value.toLowerCase();
  return encoding === 'text/html' || encoding === 'application/xhtml+xml';
}

/** Knows where a parser ignores tags, and refuses those that would change how the text after them is read. */
class AmbiguityGuard {
  #place: 'anywhere' | 'select' | 'template in select' | 'frameset' = 'anywhere';
  #templates = 0;

  startTag(name: string): void {
    switch (this.#place) {
      case 'anywhere':
        if (name === 'select') this.#place = 'select';
        else if (name === 'frameset') this.#place = 'frameset';
        break;
      case 'select':
        this.#inSelect(name);
        break;
      case 'template in select':
        if (name === 'template') this.#templates++;
        else refuseText(name);
        break;
      default:
        if (name !== 'noframes') refuseText(name);
    }
  }

  endTag(name: string): void {
    if (this.#place === 'select' && name === 'select') this.#place = 'anywhere';
    else if (this.#place === 'template in select' && name === 'template' && --this.#templates === 0)
      this.#place = 'select';
  }

  #inSelect(name: string): void {
    if (name === 'select' || name === 'textarea' || name === 'input' || name === 'keygen') {
      this.#place = 'anywhere';
    } else if (name === 'template') {
      this.#place = 'template in select';
      this.#templates = 1;
    } else if (name !== 'script') refuseText(name);
  }
}

function refuseText(name: string): void {
  if (!TEXT_MODES.has(name)) return;
  throw new HtmlError(
    `<${name}> stands where a parser may ignore it, so that it is unclear whether text or markup follows.`,
  );
}
