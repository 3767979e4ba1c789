/**
 * What does a method call cost? Numbers, a small object and bytes, on the same thread and over a channel, as ratios to an awaited call of
 * a local async function in the same run. Prints JSON: for each case the median over the rounds of nanoseconds per call, and of the ratio.
 */

import { startNanod } from './server.ts';
import { median } from './statistics.ts';

const ROUNDS = process.argv.includes('--quick') ? 3 : 9;

type Round = Readonly<Record<string, number>>;

const server = await startNanod('workers/rpc.config.json');
const url = server.urls.get('caller') ?? '';
const rounds: Round[] = [];
try {
  await measure(); // warm-up
  for (let i = 0; i < ROUNDS; i++) rounds.push(await measure());
} finally {
  await server.stop();
}

async function measure(): Promise<Round> {
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`the benchmark worker answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Round;
}

const results = Object.keys(rounds[0] ?? {}).map((name) => ({
  name,
  nanoseconds: Math.round(median(rounds.map((round) => round[name] ?? NaN))),
  libraryCalls: Number(
    median(rounds.map((round) => (round[name] ?? NaN) / (round['library'] ?? NaN))).toFixed(2),
  ),
}));
process.stdout.write(`${JSON.stringify({ rounds: ROUNDS, results }, undefined, 2)}\n`);
