/**
 * Totals that never fall: a thread that ends takes its counts with it, so what it last told stays in the sums. What it has counted since then is
 * lost. Pure, but for what it remembers.
 */

import type { EdgeReport } from '../messages/counters.ts';
import { sumEdges, type ObservedThread } from '../supervisor/counters.ts';

export class Totals {
  /** What the threads told last, by number. */
  #last = new Map<number, readonly EdgeReport[]>();
  /** Of threads that are gone. */
  #gone: readonly EdgeReport[] = [];

  /** The sums over all threads that ever were, after these have told how they are. */
  edges(threads: readonly ObservedThread[]): EdgeReport[] {
    const now = new Map(
      threads.map(({ thread, report }) => [thread, report?.edges ?? this.#last.get(thread) ?? []]),
    );
    const ended = [...this.#last].filter(([thread]) => !now.has(thread)).map(([, edges]) => edges);
    const over = ended.flat().map((edge) => ({ ...edge, waiting: 0 }));
    this.#gone = sumEdges([this.#gone, over]);
    this.#last = now;
    return sumEdges([this.#gone, ...now.values()]);
  }
}
