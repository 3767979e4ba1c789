/** Which services a command means: names, `all`, and globs with `*` and `?`. Pure. */

import { makeError } from '../shared/errors.ts';
import { matchesGlob } from '../shared/glob.ts';
import { nearest } from '../shared/suggest.ts';

/** The names that are meant, in the order of `names`. Throws an AggregateError of SELECTOR_UNMATCHED for selectors that mean nothing. */
export function select(selectors: readonly string[], names: readonly string[]): string[] {
  const unmatched = selectors.filter(
    (selector) => selector !== 'all' && !names.some((name) => matchesGlob(selector, name)),
  );
  if (unmatched.length > 0)
    throw new AggregateError(
      unmatched.map((selector) =>
        makeError('SELECTOR_UNMATCHED', { selector, suggestion: nearest(selector, names) }),
      ),
    );
  return names.filter((name) =>
    selectors.some((selector) => selector === 'all' || matchesGlob(selector, name)),
  );
}
