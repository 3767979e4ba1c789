/**
 * HTML cut into tags, comments and text at their places in the source. parse5's tokenizer decides where they are; what it would make of
 * them (decoded entities, normalized line ends) is not used, because what nobody changes goes out as it came in. It works on one
 * character a byte (Latin-1), which every encoding that a document can have here leaves the markup of alone. Runs in a thread, in the
 * host realm.
 */

import { type Token, Tokenizer, TokenizerMode } from 'parse5';

/** How the text after a start tag is to be read. */
export type TextMode = 'data' | 'rcdata' | 'rawtext' | 'script' | 'plaintext';

/** Where a start tag leads to. */
export interface TagFeedback {
  readonly mode: TextMode;
  /** Whether a CDATA section can follow, which is so in SVG and MathML. */
  readonly isForeign: boolean;
}

/** Gets what was found, in order. Offsets count bytes from the document's start; `source` is a tag or comment as it was written. */
export interface LexerSink {
  startTag(source: string, nameLength: number, start: number, end: number): TagFeedback;
  endTag(source: string, nameLength: number, start: number, end: number): TagFeedback;
  comment(source: string, start: number, end: number): void;
  doctype(token: Token.DoctypeToken, start: number, end: number): void;
  /** Part of a text, which goes on until `textEnd`. */
  text(source: string, start: number, end: number): void;
  textEnd(offset: number): void;
}

/** The most of one tag or comment that is kept while the rest of it is waited for. */
export const MAX_PENDING = 8 * 1024 * 1024;

const MODES: Readonly<Record<TextMode, number>> = Object.freeze({
  data: TokenizerMode.DATA,
  rcdata: TokenizerMode.RCDATA,
  rawtext: TokenizerMode.RAWTEXT,
  script: TokenizerMode.SCRIPT_DATA,
  plaintext: TokenizerMode.PLAINTEXT,
});

/** What can be text up to the end of what there is, with no markup begun. */
const SETTLED = new Set<number>([...Object.values(MODES), TokenizerMode.CDATA_SECTION]);

const NAMELESS = '</>';
const CDATA_START = '<![CDATA[';
const CDATA_END = ']]>';
/** What can be the beginning of the end. */
const BRACKETS = /\]{0,2}$/;

export class Lexer {
  readonly #tokenizer: OpenTokenizer;
  readonly #sink: LexerSink;
  /** What is not done with yet, from offset `#base` on. */
  #window = '';
  #base = 0;
  /** Up to where everything has been given out. */
  #done = 0;
  #mode: TextMode = 'data';
  #isInText = false;
  #isInCdata = false;

  readonly #isUtf8: boolean;

  /** `isUtf8`: parts of a text end between characters of UTF-8. */
  constructor(sink: LexerSink, isUtf8: boolean) {
    this.#sink = sink;
    this.#isUtf8 = isUtf8;
    this.#tokenizer = new OpenTokenizer({
      onStartTag: (token) => this.#tag(token, 1),
      onEndTag: (token) => this.#tag(token, 2),
      onComment: (token) => this.#comment(token),
      onDoctype: (token) => this.#doctype(token),
      onEof: nothing,
      onCharacter: nothing,
      onNullCharacter: nothing,
      onWhitespaceCharacter: nothing,
    });
  }

  /** Up to where everything has been given out: nothing before will be referred to again. */
  get settled(): number {
    return this.#done;
  }

  /** Takes more of the document. Throws what the sink throws. */
  write(chunk: string, isLast: boolean): void {
    this.#window = this.#window.slice(this.#done - this.#base) + chunk;
    this.#base = this.#done;
    this.#tokenizer.write(chunk, isLast);
    const end = this.#base + this.#window.length;
    // What is left at the end is a tag that nobody closed: it is no text, and goes out as it is.
    this.#textUntil(isLast ? this.#tokenizer.openToken(end) : this.#settledUntil(end));
    if (isLast) this.#endText();
  }

  #tag(token: Token.TagToken, prefix: 1 | 2): void {
    const [start, end] = this.#enter(token);
    const source = this.#slice(start, end);
    const length = nameEnd(source, prefix) - prefix;
    const feedback =
      prefix === 1
        ? this.#sink.startTag(source, length, start, end)
        : this.#sink.endTag(source, length, start, end);
    this.#mode = feedback.mode;
    this.#tokenizer.goOn(feedback);
  }

  #comment(token: Token.CommentToken): void {
    const [start, end] = this.#enter(token);
    this.#sink.comment(this.#slice(start, end), start, end);
    this.#tokenizer.skipText();
  }

  #doctype(token: Token.DoctypeToken): void {
    const [start, end] = this.#enter(token);
    this.#sink.doctype(token, start, end);
    this.#tokenizer.skipText();
  }

  /** Gives out the text before the markup. Returns where it begins and ends. */
  #enter({ location }: Token.Token): [start: number, end: number] {
    const { startOffset, endOffset } = location as Token.Location;
    this.#textUntil(startOffset);
    this.#endText();
    this.#done = Math.min(endOffset, this.#base + this.#window.length); // the document's end can end a comment
    return [startOffset, this.#done];
  }

  #endText(): void {
    if (!this.#isInText) return;
    this.#isInText = false;
    this.#sink.textEnd(this.#done);
  }

  #textUntil(end: number): void {
    if (this.#isInCdata || this.#tokenizer.inForeignNode) this.#textAroundCdata(end);
    else this.#plainText(end);
  }

  /** An end tag without a name is no text. */
  #plainText(end: number): void {
    while (this.#mode === 'data' && !this.#isInCdata) {
      const at = this.#window.indexOf(NAMELESS, this.#done - this.#base);
      if (at === -1 || this.#base + at >= end) break;
      this.#text(this.#base + at);
      this.#endText();
      this.#done = this.#base + at + NAMELESS.length;
    }
    this.#text(end);
  }

  #text(end: number): void {
    if (end <= this.#done) return;
    this.#isInText = true;
    const start = this.#done;
    this.#done = end;
    this.#sink.text(this.#slice(start, end), start, end);
  }

  /** The marks of a CDATA section are no text, and each section is a text of its own. */
  #textAroundCdata(end: number): void {
    while (this.#done < end) {
      const mark = this.#isInCdata ? CDATA_END : CDATA_START;
      const at = this.#window.indexOf(mark, this.#done - this.#base);
      const start = at === -1 ? end : this.#base + at;
      if (start + mark.length > end) break;
      this.#plainText(start);
      this.#endText();
      this.#done = start + mark.length;
      this.#isInCdata = !this.#isInCdata;
    }
    this.#plainText(end);
  }

  /** Everything from here on may still become a part of something else. */
  #settledUntil(end: number): number {
    if (SETTLED.has(this.#tokenizer.state)) return this.#isUtf8 ? end - this.#incomplete() : end;
    const open = this.#tokenizer.openToken(end);
    if (open < end) return open;
    if (this.#isInCdata) return end - (this.#window.length - this.#window.search(BRACKETS));
    // Not the last one: what `<!` begins is not clear before seven more bytes, and they can hold another.
    const from = this.#window.indexOf('<', this.#done - this.#base);
    return from === -1 ? end : this.#base + from;
  }

  /** How many bytes at the end begin a character that is not complete. */
  #incomplete(): number {
    const last = this.#window.length - 1;
    for (let i = 0; i < 3 && this.#base + last - i >= this.#done; i++) {
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

/** parse5's tokenizer, with what it knows of where it is. */
class OpenTokenizer extends Tokenizer {
  #emitted: Token.Token | null = null;

  constructor(handler: ConstructorParameters<typeof Tokenizer>[1]) {
    super({ sourceCodeLocationInfo: true }, handler);
  }

  /** Where the tag, comment or doctype that has begun has begun; else `end`. */
  openToken(end: number): number {
    const token = this.currentToken;
    return token === null || token === this.#emitted ? end : (token.location?.startOffset ?? end);
  }

  protected override prepareToken(token: Token.Token): void {
    this.#emitted = token;
    super.prepareToken(token);
  }

  /** Called when a tag has just been emitted. */
  goOn({ mode, isForeign }: TagFeedback): void {
    this.inForeignNode = isForeign;
    this.state = MODES[mode];
    if (mode !== 'plaintext') this.skipText();
  }

  /** Text up to the next `<` says nothing to the tokenizer, so that looking for that is enough (bench/html.ts). */
  skipText(): void {
    const { preprocessor } = this;
    const { html, pos } = preprocessor;
    if (pos >= html.length) return; // at the end of the document
    const next = html.indexOf('<', pos + 1);
    preprocessor.pos = (next === -1 ? html.length : next) - 1;
  }
}

/** Where the name of a tag ends that begins at `from`. */
export function nameEnd(source: string, from: number): number {
  NAME_END.lastIndex = from;
  return NAME_END.exec(source)?.index ?? source.length;
}

const NAME_END = /[\t\n\f\r />]/g;

function nothing(): void {}
