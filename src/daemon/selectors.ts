/** Which services a command means: names, namespaces, `all`, and globs with `*` and `?`. Pure. */

import { makeError } from '../shared/errors.ts';
import { matchesGlob } from '../shared/glob.ts';
import { nearest } from '../shared/suggest.ts';

/** The names that are meant, in the order of `names`. `namespaces`: by name. Throws an AggregateError of SELECTOR_UNMATCHED for selectors that mean nothing. */
export function select(
  selectors: readonly string[],
  names: readonly string[],
  namespaces: ReadonlyMap<string, string> = new Map(),
): string[] {
  const means = (selector: string, name: string): boolean => {
    const namespace = namespaces.get(name);
    if (selector === 'all' || matchesGlob(selector, name)) return true;
    return namespace !== undefined && matchesGlob(selector, namespace);
  };
  const unmatched = selectors.filter(
    (selector) => selector !== 'all' && !names.some((name) => means(selector, name)),
  );
  if (unmatched.length > 0)
    throw new AggregateError(
      unmatched.map((selector) =>
        makeError('SELECTOR_UNMATCHED', {
          selector,
          suggestion: nearest(selector, [...names, ...namespaces.values()]),
        }),
      ),
    );
  return names.filter((name) => selectors.some((selector) => means(selector, name)));
}
