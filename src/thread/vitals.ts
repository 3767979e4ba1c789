/** How a thread is: its event loop, its heap, its garbage collector. Nothing is watched before somebody asks for the first time. */

import { constants, monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { ThreadReport } from '../messages/control.ts';

type Vitals = Pick<ThreadReport, 'loop' | 'delay' | 'heap' | 'collections'>;

/** How often timers are looked at, in milliseconds. */
const resolution = 20;

const kinds: Readonly<Record<number, string>> = Object.freeze({
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak callbacks',
});

export class VitalSigns {
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  readonly #collections = new Map<string, { count: number; ms: number }>();

  read(): Vitals {
    this.#watch();
    const { idle, active } = performance.eventLoopUtilization();
    const heap = getHeapStatistics();
    return {
      loop: { active, idle },
      delay: this.#readDelay(),
      heap: {
        used: heap.used_heap_size,
        total: heap.total_heap_size,
        limit: heap.heap_size_limit,
        external: heap.external_memory,
      },
      collections: [...this.#collections].map(([kind, { count, ms }]) => ({ kind, count, ms })),
    };
  }

  #watch(): void {
    if (this.#delay !== undefined) return;
    this.#delay = monitorEventLoopDelay({ resolution });
    this.#delay.enable();
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { duration, detail } = entry as PerformanceEntry & {
          readonly detail?: { readonly kind?: number };
        };
        const kind = kinds[detail?.kind ?? 0] ?? 'other';
        const known = this.#collections.get(kind) ?? { count: 0, ms: 0 };
        this.#collections.set(kind, { count: known.count + 1, ms: known.ms + duration });
      }
    });
    observer.observe({ entryTypes: ['gc'] });
  }

  /** The histogram holds the time between two looks. */
  #readDelay(): Vitals['delay'] {
    const histogram = this.#delay;
    if (histogram === undefined || histogram.count === 0) return { mean: 0, p50: 0, p99: 0, max: 0 };
    const late = (ns: number): number => Math.max(0, ns / 1e6 - resolution);
    const delay = {
      mean: late(histogram.mean),
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      max: late(histogram.max),
    };
    histogram.reset();
    return delay;
  }
}
