/** What a realm and the host's parser tell each other about one document, as JSON. Types only. */

/** The handlers of one call of `on` (with a selector) or `onDocument`, those for selectors first. */
export type HtmlPlan = readonly HandlerPlan[];

export interface HandlerPlan {
  readonly selector: string | null;
  readonly element: boolean;
  readonly comments: boolean;
  readonly text: boolean;
  readonly doctype: boolean;
}

/**
 * What a chunk has brought: the offset up to which the document is done with, what is wrong with it (or ''), and what handlers are to be
 * called for. Offsets count bytes from the document's start; handlers are indexes of the plan.
 */
export type HtmlTokens = readonly [settled: number, problem: string, tokens: readonly HtmlToken[]];

export type HtmlToken = ElementToken | EndToken | TextToken | CommentToken | DoctypeToken;

type Place = readonly [start: number, end: number, handlers: readonly number[]];

/** `id`: 0 for an element without content. `attributes`: start, end, name and value of each. */
export type ElementToken = readonly [
  kind: 'element',
  ...place: Place,
  id: number,
  name: string,
  namespaceURI: string,
  isSelfClosing: boolean,
  attributes: readonly (string | number)[],
];

/** `ids`: elements that end here, the innermost first. `isOwn`: the tag belongs to the last of them. */
export type EndToken = readonly [
  kind: 'end',
  start: number,
  end: number,
  ids: readonly number[],
  isOwn: boolean,
  name: string,
];

export type TextToken = readonly [kind: 'text', ...place: Place, text: string, isLast: boolean];

export type CommentToken = readonly [kind: 'comment', ...place: Place, text: string];

export type DoctypeToken = readonly [
  kind: 'doctype',
  ...place: Place,
  name: string | null,
  publicId: string | null,
  systemId: string | null,
];
