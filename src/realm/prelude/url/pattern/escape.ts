/** Escaping within regular expressions and pattern strings. https://urlpattern.spec.whatwg.org/#escape-a-regexp-string */

import { StringPrototypeIndexOf } from '../../primordials.ts';

/** What `*` stands for. */
export const FULL_WILDCARD = '.*';

export function escapeRegExp(text: string): string {
  return escapeUnits(text, '.+*?^${}()[]|/\\');
}

/** https://urlpattern.spec.whatwg.org/#escape-a-pattern-string */
export function escapePattern(text: string): string {
  return escapeUnits(text, '+*?:{}()\\');
}

function escapeUnits(text: string, special: string): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text[i] as string;
    if (StringPrototypeIndexOf(special, unit) !== -1) result += '\\';
    result += unit;
  }
  return result;
}
