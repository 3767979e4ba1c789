/** Which services a command means: names, `all`, and globs with `*` and `?`. Pure. */

import { makeError } from '../shared/errors.ts';
import { nearest } from '../shared/suggest.ts';

/** The names that are meant, in the order of `names`. Throws an AggregateError of SELECTOR_UNMATCHED for selectors that mean nothing. */
export function select(selectors: readonly string[], names: readonly string[]): string[] {
  const unmatched = selectors.filter(
    (selector) => selector !== 'all' && !names.some((name) => matches(selector, name)),
  );
  if (unmatched.length > 0)
    throw new AggregateError(
      unmatched.map((selector) =>
        makeError('SELECTOR_UNMATCHED', { selector, suggestion: nearest(selector, names) }),
      ),
    );
  return names.filter((name) => selectors.some((selector) => selector === 'all' || matches(selector, name)));
}

/** A name means itself, whatever characters are in it. */
function matches(selector: string, name: string): boolean {
  if (selector === name) return true;
  if (!/[*?]/u.test(selector)) return false;
  const pattern = selector
    .replace(/[.+^${}()|[\]\\]/gu, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 'u').test(name);
}
