/** Hello world over HTTP: nanod against a bare `node:http` server with the same number of threads, in turn in one run. */

import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { readUntil, startNanod, stop } from './server.ts';
import { formatTable, median } from './statistics.ts';

export interface HttpOptions {
  readonly rounds: number;
  /** Of each run, in seconds. */
  readonly duration: number;
  readonly onProgress: (text: string) => void;
}

export interface HttpResult {
  /** Requests per second, by round. */
  readonly bare: readonly number[];
  readonly nanod: readonly number[];
  /** Median over the rounds of nanod's by the bare server's in the same round. */
  readonly ratio: number;
}

const connections = 32;

export async function measureHttp({ rounds, duration, onProgress }: HttpOptions): Promise<HttpResult> {
  const nanod = await startNanod('workers/http.config.json');
  const { child, url } = await startBare();
  try {
    const urls = { bare: url, nanod: nanod.urls.get('callee') ?? '' };
    await load(urls.bare, 1);
    await load(urls.nanod, 1);
    const results = { bare: [] as number[], nanod: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      onProgress(`round ${round + 1} of ${rounds}`);
      const order = round % 2 === 0 ? (['bare', 'nanod'] as const) : (['nanod', 'bare'] as const);
      for (const name of order) results[name].push(await load(urls[name], duration));
    }
    const ratio = median(results.nanod.map((rate, round) => rate / (results.bare[round] ?? NaN)));
    return { ...results, ratio };
  } finally {
    await stop(child);
    await nanod.stop();
  }
}

/** Requests per second. Throws if anything but 200 came back. */
async function load(url: string, duration: number): Promise<number> {
  const result = await autocannon({ url, connections, duration });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} bad answers, ${result.errors} errors`);
  return result.requests.average;
}

async function startBare(): Promise<{ child: ChildProcess; url: string }> {
  const script = fileURLToPath(new URL('bare-server.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const url = (await readUntil(child, '\n')).trim();
  return { child, url };
}

export function formatHttp({ bare, nanod, ratio }: HttpResult): string {
  const rate = (rates: readonly number[]): string => Math.round(median(rates)).toLocaleString('en');
  const rows = [
    ['hello world, one thread, 32 connections', 'requests/s', 'ratio'],
    ['bare node:http', rate(bare), '1.00'],
    ['nanod', rate(nanod), ratio.toFixed(2)],
  ];
  return `${formatTable(rows)}\n`;
}
