/**
 * What is counted of the calls that services and sockets of this thread make. Whoever makes a call writes into a record that is made here, and
 * nothing looks at it before somebody asks.
 */

import type { CallerSpec, EdgeReport, EdgeRoute } from '../messages/counters.ts';
import { timeBuckets } from '../realm/neutral.ts';
import type { EdgeCounts } from '../realm/prelude/state.ts';
import { makeCounts } from '../services/edge.ts';

/** Of an edge where no call was timed. */
const untimed: readonly number[] = Object.freeze(Array<number>(timeBuckets).fill(0));

interface Edge {
  readonly caller: CallerSpec;
  readonly callee: string;
  readonly entrypoint: string;
  readonly counts: EdgeCounts;
}

export class Counters {
  /** By caller and entrypoint. They outlive the realms of both: a deployment changes no number. */
  readonly #edges = new Map<string, Edge>();

  /** What counts the calls of a caller to an entrypoint; to nobody in particular (''), those of its stubs. */
  edge(caller: CallerSpec, callee: string, entrypoint: string): EdgeCounts {
    const key = JSON.stringify([caller.kind, caller.name, callee, entrypoint]);
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = { caller, callee, entrypoint, counts: makeCounts() };
      this.#edges.set(key, edge);
    }
    return edge.counts;
  }

  /** Edges that were ever called. `routeTo`: the way to a service now. */
  report(routeTo: (service: string) => EdgeRoute): EdgeReport[] {
    const called = [...this.#edges.values()].filter(({ counts }) => counts.calls > 0);
    return called.map(
      ({ caller, callee, entrypoint, counts: { calls, errors, canceled, waiting, times } }) => ({
        caller,
        callee,
        entrypoint,
        route: callee === '' ? 'stub' : routeTo(callee),
        calls,
        errors,
        canceled,
        // A turn that was interrupted may have counted one end of a call and not the other (HARDENING R19).
        waiting: Math.max(0, waiting),
        times: [...(times ?? untimed)],
      }),
    );
  }
}
