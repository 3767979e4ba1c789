/**
 * HTML cut into tags, comments and text at their places in the source. Plain tags and comments are found by a pattern; everything else,
 * and what is not complete yet, is decided by parse5's tokenizer (careful-tokenizer.ts). What a parser would make of them (decoded
 * entities, normalized line ends) is not used, because what nobody changes goes out as it came in. It works on one character a byte
 * (Latin-1), which every encoding that a document can have here leaves the markup of alone. Runs in a thread, in the host realm.
 */

import type { Token } from 'parse5';
import { CarefulTokenizer } from './careful-tokenizer.ts';
import type { LexerSink, SourceTag, TextMode } from './source.ts';

/** The most of one tag or comment that is kept while the rest of it is waited for. */
export const MAX_PENDING = 8 * 1024 * 1024;

/** A tag with nothing odd in it. What this matches, the tokenizer of the standard takes for the same tag. */
const PLAIN_TAG =
  /<(\/?)([A-Za-z][^\t\n\f\r />\0]*)(?:[\t\n\f\r ]+[^\t\n\f\r "'<>/=\0]+(?:=(?:"[^"]*"|'[^']*'|[^\t\n\f\r "'<>=`\0]+(?=[\t\n\f\r >])))?)*[\t\n\f\r ]*(\/?)>/y;

/** The end of a raw text, by the name of its element; in a script, a comment changes what that is. */
const RAW_ENDS: ReadonlyMap<string, RegExp> = new Map([
  ['script', /<!--|<\/script[\t\n\f\r />]/gi],
  ...['iframe', 'noembed', 'noframes', 'noscript', 'style', 'textarea', 'title', 'xmp'].map(
    (name) => [name, new RegExp(`</${name}[\\t\\n\\f\\r />]`, 'gi')] as const,
  ),
]);

const NAMELESS = '</>';
const CDATA_START = '<![CDATA[';
const CDATA_END = ']]>';
/** What can be the beginning of the end. */
const BRACKETS = /\]{0,2}$/;

export class Lexer {
  readonly #sink: LexerSink;
  readonly #isUtf8: boolean;
  /** What is not done with yet, from offset `#base` on. */
  #window = '';
  #base = 0;
  /** Up to where everything has been given out, and up to where it has been looked at. */
  #done = 0;
  #seen = 0;
  #mode: TextMode = 'data';
  /** The element of a raw text, in lower case. */
  #rawName = '';
  #isForeign = false;
  #isInText = false;
  #isInCdata = false;
  /** At work from offset `#carefulBase` on, until it has found something. */
  #careful: CarefulTokenizer | undefined;
  #carefulBase = 0;

  /** `isUtf8`: parts of a text end between characters of UTF-8. */
  constructor(sink: LexerSink, isUtf8: boolean) {
    this.#sink = sink;
    this.#isUtf8 = isUtf8;
  }

  /** Up to where everything has been given out: nothing before will be referred to again. */
  get settled(): number {
    return this.#done;
  }

  /** Takes more of the document. Throws what the sink throws. */
  write(chunk: string, isLast: boolean): void {
    this.#window = this.#window.slice(this.#done - this.#base) + chunk;
    this.#base = this.#done;
    const end = this.#base + this.#window.length;
    if (this.#careful !== undefined) this.#feed(this.#careful, chunk, isLast);
    while (this.#careful === undefined && this.#seen < end) {
      if (this.#mode === 'data') this.#markup(isLast);
      else this.#rawText(isLast);
    }
    const careful = this.#careful;
    if (careful === undefined) this.#text(isLast ? end : end - this.#incomplete());
    // What is left at the end is a tag that nobody closed: it is no text, and goes out as it is.
    else
      this.#carefulText(
        isLast ? careful.openToken(end, this.#carefulBase) : this.#settledUntil(careful, end),
      );
    if (isLast) this.#endText();
  }

  /** Finds the next tag or comment. */
  #markup(isLast: boolean): void {
    const at = this.#window.indexOf('<', this.#seen - this.#base);
    if (at === -1) {
      this.#seen = this.#base + this.#window.length;
      return;
    }
    const commentEnd = this.#plainCommentEnd(at);
    if (commentEnd !== -1) return this.#comment(this.#base + at, this.#base + commentEnd);
    PLAIN_TAG.lastIndex = at;
    const found = PLAIN_TAG.exec(this.#window);
    if (found === null) return this.#beCareful(this.#base + at, isLast);
    // No destructuring of arrays and no for-of in what runs for each tag: frozen intrinsics make them slow.
    const source = found[0];
    const start = this.#base + at;
    const end = start + source.length;
    const tag = { source, name: found[2] ?? '', isSelfClosing: found[3] === '/', start, end };
    this.#text(start);
    this.#tag(tag, found[1] === '/');
  }

  /** Where the comment at `at` ends, if it is one and its end is nothing special; else -1. */
  #plainCommentEnd(at: number): number {
    const window = this.#window;
    if (!window.startsWith('<!--', at)) return -1;
    if (window.startsWith('>', at + 4) || window.startsWith('->', at + 4)) return -1;
    const dashes = window.indexOf('--', at + 4);
    return dashes !== -1 && window.startsWith('>', dashes + 2) ? dashes + 3 : -1;
  }

  /** Finds where a raw text ends. */
  #rawText(isLast: boolean): void {
    const end = RAW_ENDS.get(this.#rawName);
    if (this.#mode === 'plaintext' || end === undefined) {
      this.#seen = this.#base + this.#window.length;
      return;
    }
    end.lastIndex = this.#seen - this.#base;
    const found = end.exec(this.#window);
    if (found?.[0].startsWith('</') !== true) return this.#beCareful(this.#seen, isLast);
    this.#seen = this.#base + found.index;
    this.#mode = 'data';
  }

  #tag(tag: SourceTag, isEnd: boolean): void {
    this.#endText();
    this.#done = this.#seen = tag.end;
    const { mode, isForeign } = isEnd ? this.#sink.endTag(tag) : this.#sink.startTag(tag);
    this.#mode = mode;
    this.#isForeign = isForeign;
    if (mode !== 'data') this.#rawName = tag.name.toLowerCase();
  }

  #comment(start: number, end: number): void {
    if (this.#careful === undefined) this.#text(start);
    this.#endText();
    this.#done = this.#seen = end;
    this.#sink.comment(this.#slice(start, end), start, end);
  }

  /** Leaves it to the tokenizer, from an offset on, what comes next. */
  #beCareful(from: number, isLast: boolean): void {
    const careful = new CarefulTokenizer(
      { mode: this.#mode, isForeign: this.#isForeign, rawName: this.#rawName },
      {
        tag: (token, isEnd) => this.#carefulTag(token, isEnd),
        comment: (token) => {
          const [start, end] = this.#found(token);
          this.#comment(start, end);
        },
        doctype: (token) => {
          const [start, end] = this.#found(token);
          this.#endText();
          this.#done = this.#seen = end;
          this.#sink.doctype(token, start, end);
        },
      },
    );
    this.#careful = careful;
    this.#carefulBase = from;
    this.#feed(careful, this.#slice(from, this.#base + this.#window.length), isLast);
  }

  #feed(careful: CarefulTokenizer, chunk: string, isLast: boolean): void {
    careful.write(chunk, isLast);
    // In plain text again, it has nothing more to say.
    if (this.#careful === careful && this.#mode === 'data' && careful.isInData) this.#careful = undefined;
    else return;
    const end = this.#base + this.#window.length;
    this.#carefulText(end - (isLast ? 0 : this.#incomplete()));
    this.#seen = end;
  }

  #carefulTag(token: Token.TagToken, isEnd: boolean): void {
    const [start, end] = this.#found(token);
    const source = this.#slice(start, end);
    const from = isEnd ? 2 : 1;
    const name = source.slice(from, nameEnd(source, from));
    this.#tag({ source, name, isSelfClosing: token.selfClosing, start, end }, isEnd);
  }

  /** The tokenizer has found something: gives out the text before. Returns where it begins and ends. */
  #found({ location }: Token.Token): [start: number, end: number] {
    const { startOffset, endOffset } = location as Token.Location;
    const start = this.#carefulBase + startOffset;
    this.#carefulText(start);
    this.#careful = undefined;
    this.#mode = 'data';
    // The document's end can end a comment.
    return [start, Math.min(this.#carefulBase + endOffset, this.#base + this.#window.length)];
  }

  #endText(): void {
    if (!this.#isInText) return;
    this.#isInText = false;
    this.#sink.textEnd(this.#done);
  }

  #text(end: number): void {
    if (end <= this.#done) return;
    this.#isInText = true;
    const start = this.#done;
    this.#done = end;
    this.#sink.text(this.#slice(start, end), start, end);
  }

  /** The marks of a CDATA section are no text, and each section is a text of its own. */
  #carefulText(end: number): void {
    while (this.#done < end && (this.#isInCdata || this.#isForeign)) {
      const mark = this.#isInCdata ? CDATA_END : CDATA_START;
      const at = this.#slice(this.#done, end).indexOf(mark);
      if (at === -1) break;
      const start = this.#done + at;
      this.#namelessText(start);
      this.#endText();
      this.#done = start + mark.length;
      this.#isInCdata = !this.#isInCdata;
    }
    this.#namelessText(end);
  }

  /** An end tag without a name is no text. */
  #namelessText(end: number): void {
    while (this.#done < end && this.#mode === 'data' && !this.#isInCdata) {
      // Not in the whole window: this is done for each token, and would take time in the square of its length.
      const at = this.#slice(this.#done, end).indexOf(NAMELESS);
      if (at === -1) break;
      const start = this.#done + at;
      this.#text(start);
      this.#endText();
      this.#done = start + NAMELESS.length;
    }
    this.#text(end);
  }

  /** Everything from here on may still become a part of something else. */
  #settledUntil(careful: CarefulTokenizer, end: number): number {
    if (careful.isSettled) return end - this.#incomplete();
    const open = careful.openToken(end, this.#carefulBase);
    if (open < end) return open;
    if (this.#isInCdata) return end - (this.#window.length - this.#window.search(BRACKETS));
    // Not the last one: what `<!` begins is not clear before seven more bytes, and they can hold another.
    const from = this.#window.indexOf('<', this.#done - this.#base);
    return from === -1 ? end : this.#base + from;
  }

  /** How many bytes at the end begin a character that is not complete. */
  #incomplete(): number {
    const last = this.#window.length - 1;
    for (let i = 0; this.#isUtf8 && i < 3 && this.#base + last - i >= this.#done; i++) {
      const byte = this.#window.charCodeAt(last - i);
      if (byte < 0x80) return 0;
      if (byte >= 0xc0) return i + 1 < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? i + 1 : 0;
    }
    return 0;
  }

  #slice(start: number, end: number): string {
    return this.#window.slice(start - this.#base, end - this.#base);
  }
}

/** Where the name of a tag ends that begins at `from`. */
function nameEnd(source: string, from: number): number {
  NAME_END.lastIndex = from;
  return NAME_END.exec(source)?.index ?? source.length;
}

const NAME_END = /[\t\n\f\r />]/g;
