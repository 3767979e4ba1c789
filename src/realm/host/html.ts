/** HTML for the HTMLRewriter of realms; the parts are in ./html/. Runs in a thread, in the host realm. */

import type { HtmlHost, HtmlParserState } from '../prelude/host-api.ts';
import type { HtmlPlan } from '../prelude/html/plan.ts';
import { encodingProblem } from './html/document-encoding.ts';
import { RewritingParser } from './html/rewriting-parser.ts';
import { parseSelector, SelectorError } from './html/selector.ts';

/** The HTML area; one serves all realms of a thread. */
export function makeHtmlHost(): HtmlHost {
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
      return encodingProblem(encoding) ?? parserState(JSON.parse(plan) as HtmlPlan, encoding);
    },
  });
}

function parserState(plan: HtmlPlan, encoding: string): HtmlParserState {
  const parser = new RewritingParser(plan, encoding);
  return Object.freeze({
    __proto__: null,
    isUtf8: parser.isUtf8,
    write: (buffer: ArrayBuffer, byteOffset: number, byteLength: number, isLast: boolean) =>
      parser.write(Buffer.from(buffer, byteOffset, byteLength).toString('latin1'), isLast),
    encode: (text: string) => parser.encode(text).buffer,
  });
}
