/** HTML for the HTMLRewriter of realms; the parts are in ./html/. Runs in a thread, in the host realm. */

import type { HtmlHost, HtmlParserState } from '../prelude/host-api.ts';
import type { HtmlPlan, HtmlTokens } from '../prelude/html/plan.ts';
import { encodingProblem, makeDocumentEncoding } from './html/document-encoding.ts';
import type * as RewritingParsers from './html/rewriting-parser.ts';
import { parseSelector, SelectorError } from './html/selector.ts';

type Parsers = typeof RewritingParsers;

/** parse5 takes some megabytes and milliseconds: it is loaded where a document is rewritten for the first time. */
class ParserLoader {
  loaded: Parsers | undefined;
  #loading: Promise<void> | undefined;

  /** Calls back when `loaded` is as it will be. */
  whenReady(callback: () => void): void {
    const { loaded } = this;
    if (loaded !== undefined) return callback();
    this.#loading ??= this.#load();
    void this.#loading.then(callback);
  }

  async #load(): Promise<void> {
    try {
      this.loaded = await import('./html/rewriting-parser.ts');
    } catch {
      this.#loading = undefined; // documents fail until it can be read
    }
  }
}

/** The HTML area; one serves all realms of a thread. */
export function makeHtmlHost(): HtmlHost {
  const loader = new ParserLoader();
  return Object.freeze<HtmlHost>({
    selectorProblem(selector) {
      try {
        parseSelector(selector);
        return '';
      } catch (error) {
        return error instanceof SelectorError ? error.message : 'Unexpected token in selector.';
      }
    },
    open(plan, encoding) {
      return encodingProblem(encoding) ?? parserState(JSON.parse(plan) as HtmlPlan, encoding, loader);
    },
  });
}

const BROKEN = JSON.stringify([0, 'The parser cannot be loaded.', []] satisfies HtmlTokens);

function parserState(plan: HtmlPlan, label: string, loader: ParserLoader): HtmlParserState {
  const encoding = makeDocumentEncoding(label);
  let parser: RewritingParsers.RewritingParser | undefined;
  return Object.freeze({
    __proto__: null,
    isUtf8: encoding.isUtf8,
    ready(callback: () => void) {
      loader.whenReady(() => {
        try {
          callback();
        } catch {
          // the receiver's own affair
        }
      });
    },
    write(buffer: ArrayBuffer, byteOffset: number, byteLength: number, isLast: boolean) {
      parser ??= loader.loaded && new loader.loaded.RewritingParser(plan, encoding);
      if (parser === undefined) return BROKEN;
      return parser.write(Buffer.from(buffer, byteOffset, byteLength).toString('latin1'), isLast);
    },
    encode: (text: string) => encoding.encode(text),
  });
}
