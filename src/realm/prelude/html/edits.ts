/** What handlers do to a token: content before and after it, and what comes in its place. */

import { newBareArray } from '../bare-array.ts';
import {
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeToWellFormed,
} from '../primordials.ts';
import type { SourceState } from '../state.ts';
import { toDictionary, toDOMString } from '../webidl.ts';

/** Something to insert: text that is HTML already, or a source that is read when its turn comes. */
export class Content {
  readonly html: string;
  readonly source: SourceState | undefined;
  /** Whether the source's text is HTML. */
  readonly isHtml: boolean;

  constructor(html: string, source: SourceState | undefined, isHtml: boolean) {
    this.html = html;
    this.source = source;
    this.isHtml = isHtml;
  }
}

/** Content before comes out in the order in which it was given; content after in the reverse, each next to the token. */
export class Edits {
  before: Content[] = newBareArray();
  after: Content[] = newBareArray();
  replacement: Content | undefined = undefined;
  removed = false;

  replace(content: Content): void {
    this.removed = true;
    this.replacement = content;
  }
}

/** Converts what a worker inserts: a string, a ReadableStream or a Response. Throws a TypeError for a body in use. */
export function toContent(value: unknown, options: unknown, where: string): Content {
  const isHtml = toDictionary<{ html: unknown }>(options, where)?.html ? true : false;
  if (typeof value === 'object' && value !== null) {
    const { isReadableStream, streamSource } = require('../streams/internal.ts');
    if (isReadableStream(value)) return new Content('', streamSource(value), isHtml);
    const { responseState } = require('../fetch/response.ts');
    const state = responseState(value);
    if (state !== undefined) {
      const { bodySource } = require('../fetch/body-pieces.ts');
      return new Content('', bodySource(state.body), isHtml);
    }
  }
  const text = StringPrototypeToWellFormed(toDOMString(value));
  return new Content(isHtml ? text : escapeText(text), undefined, true);
}

const AMPERSAND = 38;
const QUOTE = 34;
const LESS = 60;
const GREATER = 62;

/** Text as HTML. */
export function escapeText(text: string): string {
  return escapeWith(text, textReference);
}

/** A value as it stands between double quotes; references in it stay what they are. */
export function escapeValue(text: string): string {
  return escapeWith(text, quoteReference);
}

function textReference(code: number): string {
  return code === LESS ? '&lt;' : code === GREATER ? '&gt;' : code === AMPERSAND ? '&amp;' : '';
}

function quoteReference(code: number): string {
  return code === QUOTE ? '&quot;' : '';
}

function escapeWith(text: string, referenceTo: (code: number) => string): string {
  let escaped = '';
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const reference = referenceTo(StringPrototypeCharCodeAt(text, i));
    if (reference === '') continue;
    escaped += StringPrototypeSlice(text, done, i) + reference;
    done = i + 1;
  }
  return done === 0 ? text : escaped + StringPrototypeSlice(text, done);
}
