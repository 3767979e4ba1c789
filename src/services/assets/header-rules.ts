/** What `_headers` does to responses. Pure; used in threads. */

import { fillIn, matchPath, parsePathPattern, type PathPattern } from '../../shared/site/path-pattern.ts';
import type { HeaderRule } from '../../shared/site/settings.ts';
import { partsOf } from './url-parts.ts';

/** Name (in lower case) and value. */
export type HeaderPair = readonly [name: string, value: string];

/** Characters that end a header, or that no header may have. */
const forbidden = /[\0-\x08\n-\x1f\x7f\u0100-\uffff]/u;

/** What nanod says of a response in such a header is true besides. */
function isAdded(name: string): boolean {
  return name === 'vary';
}

export class HeaderRules {
  readonly #rules: readonly { readonly pattern: PathPattern; readonly rule: HeaderRule }[];

  constructor(rules: readonly HeaderRule[]) {
    this.#rules = rules.flatMap((rule) => {
      const pattern = parsePathPattern(rule.path);
      return 'reason' in pattern ? [] : [{ pattern, rule }]; // the configuration has been checked
    });
  }

  /**
   * The headers of a response to a request for `url`. Of the rules that match, each takes away what it names, and sets what it names: in place of
   * what nanod says, and beside what a rule before has said.
   */
  apply(url: string, headers: readonly HeaderPair[]): readonly HeaderPair[] {
    if (this.#rules.length === 0) return headers;
    const { host, path } = partsOf(url);
    const segments = path.split('/');
    const own = new Set<string>();
    let result = headers;
    for (const { pattern, rule } of this.#rules) {
      const values = matchPath(pattern, host, segments);
      if (values === undefined) continue;
      if (rule.remove.length > 0) result = result.filter(([name]) => !rule.remove.includes(name));
      for (const { name, value } of rule.set) {
        const filled = fillIn(value, values);
        if (forbidden.test(filled)) continue;
        const kept = own.has(name) || isAdded(name) ? result : result.filter((pair) => pair[0] !== name);
        result = [...kept, [name, filled]];
        own.add(name);
      }
    }
    return result;
  }
}
