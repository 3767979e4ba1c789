/**
 * What does a call cost? An awaited library call, a nanoservice fetch on the same thread, the same over a channel to another thread,
 * and over a loopback HTTP hop (undici, keep-alive): fetch and read a text of five bytes, in one run, in turn.
 */

import { Pool } from 'undici';
import { startNanod } from './server.ts';
import { formatMicros, formatTable, median, summarize, type Summary } from './statistics.ts';

export interface LatencyOptions {
  /** Times that all cases are measured, in turn. */
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

export interface LatencyRow extends Summary {
  readonly name: string;
  /** Median over the rounds of this case's median, by that of the library call in the same round. */
  readonly ratio: number;
  /** Calls that one sample is the mean of: a clock cannot see a single short call. */
  readonly batch: number;
}

interface Case {
  readonly name: string;
  readonly batch: number;
  readonly samples: number;
  /** Microseconds per call, by sample. */
  readonly measure: (samples: number, batch: number) => Promise<readonly number[]>;
}

/** Measures every case in every round. */
export async function measureLatency({ rounds, onProgress }: LatencyOptions): Promise<readonly LatencyRow[]> {
  const server = await startNanod('workers/ecosystem.config.json');
  const caller = server.urls.get('caller') ?? '';
  const pool = new Pool(new URL(server.urls.get('callee') ?? '').origin, { connections: 1 });
  try {
    const cases = makeCases(caller, pool);
    for (const one of cases) await one.measure(Math.ceil(one.samples / 4), one.batch); // warm-up
    const byCase = cases.map((): (readonly number[])[] => []);
    for (let round = 0; round < rounds; round++) {
      onProgress(`round ${round + 1} of ${rounds}`);
      for (const [index, one] of cases.entries())
        byCase[index]?.push(await one.measure(one.samples, one.batch));
    }
    return cases.map((one, index) => toRow(one, byCase[index] ?? [], byCase[0] ?? []));
  } finally {
    await pool.close();
    await server.stop();
  }
}

function toRow(
  { name, batch }: Case,
  rounds: readonly (readonly number[])[],
  library: readonly (readonly number[])[],
): LatencyRow {
  const ratios = rounds.map((samples, round) => median(samples) / median(library[round] ?? []));
  return { name, batch, ratio: median(ratios), ...summarize(rounds.flat()) };
}

function makeCases(caller: string, pool: Pool): readonly Case[] {
  const inside = (name: string) => async (samples: number, batch: number) => {
    const response = await fetch(`${caller}?case=${name}&samples=${samples}&batch=${batch}`);
    if (!response.ok) throw new Error(`the benchmark worker answered ${response.status}`);
    return (await response.json()) as number[];
  };
  return [
    { name: 'awaited library call', batch: 10_000, samples: 40, measure: inside('library') },
    { name: 'nanoservice fetch, same thread', batch: 1000, samples: 80, measure: inside('direct') },
    { name: 'nanoservice fetch, over a channel', batch: 1, samples: 1000, measure: inside('channel') },
    {
      name: 'loopback HTTP hop (undici)',
      batch: 1,
      samples: 1000,
      measure: (samples) => measureHop(pool, samples),
    },
  ];
}

async function measureHop(pool: Pool, samples: number): Promise<readonly number[]> {
  const micros: number[] = [];
  for (let i = 0; i < samples; i++) {
    const began = performance.now();
    const { body } = await pool.request({ path: '/', method: 'GET' });
    await body.text();
    micros.push((performance.now() - began) * 1000);
  }
  return micros;
}

export function formatLatency(rows: readonly LatencyRow[]): string {
  const hop = rows.at(-1)?.p50 ?? NaN;
  const table = [
    ['call and read 5 bytes', 'p50', 'p99', 'library calls', 'a hop is'],
    ...rows.map(({ name, p50, p99, ratio }) => [
      name,
      formatMicros(p50),
      formatMicros(p99),
      ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0),
      `${(hop / p50).toFixed(hop / p50 < 10 ? 1 : 0)} times it`,
    ]),
  ];
  return `${formatTable(table)}\n(short calls: each sample is the mean of a batch)\n`;
}
