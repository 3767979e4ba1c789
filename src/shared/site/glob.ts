/**
 * Lists of patterns for paths, as `run_worker_first` has them: `/api/*`, and `!/api/docs/*` for what is not meant after all. `*` is any text,
 * slashes included. Pure; runs in the supervisor and in threads.
 */

import { plainPath } from '../url-path.ts';

export class PathGlobs {
  readonly #included: readonly string[][];
  readonly #excluded: readonly string[][];

  constructor(patterns: readonly string[]) {
    this.#included = patterns.filter((pattern) => !pattern.startsWith('!')).map(partsOf);
    this.#excluded = patterns.flatMap((pattern) =>
      pattern.startsWith('!') ? [partsOf(pattern.slice(1))] : [],
    );
  }

  /** What the patterns say of a path: exceptions come first. */
  test(path: string): 'included' | 'excluded' | undefined {
    const plain = plainPath(path);
    if (this.#excluded.some((parts) => matches(parts, plain))) return 'excluded';
    return this.#included.some((parts) => matches(parts, plain)) ? 'included' : undefined;
  }
}

/** Why a pattern is none. */
export function globProblem(pattern: string): string | undefined {
  const path = pattern.startsWith('!') ? pattern.slice(1) : pattern;
  if (!path.startsWith('/')) return 'it does not begin with / or !/';
  return /[?#\s\\]/u.test(path) ? 'it has spaces, a query or a fragment' : undefined;
}

/** The texts between the stars, in the form in which URLs have paths. */
function partsOf(pattern: string): string[] {
  const path = URL.parse(`http://host${pattern}`)?.pathname ?? pattern;
  return plainPath(path).split('*');
}

/** Each part at its first place: with `*` alone, no later place could serve better. */
function matches(parts: readonly string[], path: string): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return path === first;
  if (!path.startsWith(first) || path.length < first.length + last.length || !path.endsWith(last))
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= path.length - last.length;
}
