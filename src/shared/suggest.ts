/** "Did you mean": the name nearest to a mistyped one. Pure functions; runs in the supervisor. */

const longestCompared = 64;

/**
 * The candidate nearest to `name`, or `undefined` when none is near. Case, `_` and `-` count for nothing, so that `max_restarts` finds
 * `maxRestarts`; otherwise at most a third of the characters (at least one) may differ.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name);
  if (wanted.length === 0 || wanted.length > longestCompared) return undefined;
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const folded = fold(candidate);
    const length = Math.max(folded.length, wanted.length);
    const allowed = Math.min(Math.max(1, Math.floor(length / 3)), length - 1, bestDistance - 1);
    const distance = editDistance(wanted, folded, allowed);
    if (distance <= allowed) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[_-]/gu, '');
}

/**
 * Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours, each at a cost of 1. Any number above `limit`
 * stands for more than that, which saves most of the work.
 */
export function editDistance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let beforePrevious: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  let previousLeast = 0;
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    let least = i;
    const last = Math.min(b.length, i + limit);
    for (let j = Math.max(1, i - limit); j <= last; j += 1) {
      const substitution = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforePrevious, j - 2) + 1);
      }
      current[j] = cost;
      least = Math.min(least, cost);
    }
    if (Math.min(previousLeast, least) > limit) return Infinity;
    beforePrevious = previous;
    previous = current;
    previousLeast = least;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
