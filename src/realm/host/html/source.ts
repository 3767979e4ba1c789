/** What a lexer finds in a document, and what it has to be told to go on. Types only. */

import type { Token } from 'parse5';

/** How the text after a start tag is to be read. */
export type TextMode = 'data' | 'rcdata' | 'rawtext' | 'script' | 'plaintext';

/** Where a start tag leads to. */
export interface TagFeedback {
  readonly mode: TextMode;
  /** Whether a CDATA section can follow, which is so in SVG and MathML. */
  readonly isForeign: boolean;
}

/** A tag as it is written. Offsets count bytes from the document's start. */
export interface SourceTag {
  readonly source: string;
  /** As it is written. */
  readonly name: string;
  readonly isSelfClosing: boolean;
  readonly start: number;
  readonly end: number;
}

/** Gets what was found, in order. */
export interface LexerSink {
  startTag(tag: SourceTag): TagFeedback;
  endTag(tag: SourceTag): TagFeedback;
  comment(source: string, start: number, end: number): void;
  doctype(token: Token.DoctypeToken, start: number, end: number): void;
  /** Part of a text, which goes on until `textEnd`. */
  text(source: string, start: number, end: number): void;
  textEnd(offset: number): void;
}
