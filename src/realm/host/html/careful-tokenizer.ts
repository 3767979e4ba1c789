/** parse5's tokenizer, for finding the next thing that is no text, and no more. Runs in a thread, in the host realm. */

import { type Token, Tokenizer, TokenizerMode } from 'parse5';
import type { TextMode } from './source.ts';

/** Called once, with what was found. */
export interface Finder {
  tag(token: Token.TagToken, isEnd: boolean): void;
  comment(token: Token.CommentToken): void;
  doctype(token: Token.DoctypeToken): void;
}

const MODES: Readonly<Record<TextMode, number>> = Object.freeze({
  data: TokenizerMode.DATA,
  rcdata: TokenizerMode.RCDATA,
  rawtext: TokenizerMode.RAWTEXT,
  script: TokenizerMode.SCRIPT_DATA,
  plaintext: TokenizerMode.PLAINTEXT,
});

/** What can be text up to the end of what there is, with no markup begun. */
const SETTLED = new Set<number>([...Object.values(MODES), TokenizerMode.CDATA_SECTION]);

/** Its offsets count from where it was begun. */
export class CarefulTokenizer extends Tokenizer {
  constructor(place: { mode: TextMode; isForeign: boolean; rawName: string }, finder: Finder) {
    const found = <T>(tell: (token: T) => void): ((token: T) => void) => {
      return (token) => {
        if (this.paused) return;
        this.pause();
        tell(token);
      };
    };
    super(
      { sourceCodeLocationInfo: true },
      {
        onStartTag: found((token: Token.TagToken) => finder.tag(token, false)),
        onEndTag: found((token: Token.TagToken) => finder.tag(token, true)),
        onComment: found((token: Token.CommentToken) => finder.comment(token)),
        onDoctype: found((token: Token.DoctypeToken) => finder.doctype(token)),
        onEof: nothing,
        onCharacter: nothing,
        onNullCharacter: nothing,
        onWhitespaceCharacter: nothing,
      },
    );
    this.state = MODES[place.mode];
    this.inForeignNode = place.isForeign;
    this.lastStartTagName = place.rawName;
  }

  /** Whether all that there is can be given out: nothing has begun that could be something else than text. */
  get isSettled(): boolean {
    return SETTLED.has(this.state);
  }

  get isInData(): boolean {
    return this.state === TokenizerMode.DATA;
  }

  /** Where the tag, comment or doctype that has begun has begun, if it was begun at `base`; else `end`. */
  openToken(end: number, base: number): number {
    const start = this.currentToken?.location?.startOffset;
    return start === undefined ? end : base + start;
  }
}

function nothing(): void {}
