/**
 * What does a method call cost? Numbers, a small object and bytes, on the same thread, over a channel, and to another nanod, as ratios to an awaited call of
 * a local async function: one of these is timed right before each case, in every round, as the machine is not equally fast at all times.
 * Several processes, since the engine does not compile the same code alike in each. Prints JSON: the median over the processes, the least and
 * the most.
 * `--against PATH`: in turn with another checkout, by the path of its bin/nanod.cjs.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startNanod } from './server.ts';
import { fastest, spread } from './statistics.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, against: { type: 'string' } },
});
const PROCESSES = options.quick ? 1 : 5;
const ROUNDS = options.quick ? 15 : 40;
const WARM_UP = 10;

const workers = resolve(import.meta.dirname, 'workers');

/** Nanoseconds of a library call, and of the case. */
type Round = readonly [number, number];
type Rounds = Record<string, Round[]>;

/** One process. `program`: bin/nanod.cjs of another checkout, which perhaps knows no way to another nanod. */
async function measure(program: string | undefined): Promise<Rounds> {
  if (program !== undefined) return measureWith('workers/rpc.config.json', program);
  const other = await startNanod('workers/rpc-server.config.json');
  const directory = mkdtempSync(join(tmpdir(), 'nanod-bench-'));
  try {
    const file = join(directory, 'rpc.config.json');
    writeFileSync(file, JSON.stringify(withOther(other.urls.get('callee') ?? '')));
    return await measureWith(file, undefined);
  } finally {
    await other.stop();
    rmSync(directory, { recursive: true });
  }
}

/** The configuration, for a file anywhere, with another nanod in it. */
function withOther(url: string): object {
  const config = JSON.parse(readFileSync(resolve(workers, 'rpc.config.json'), 'utf8')) as {
    readonly apps: readonly { readonly script: string; readonly bindings?: object }[];
  };
  const apps = config.apps.map(({ script, bindings, ...app }) => ({
    ...app,
    script: resolve(workers, script),
    ...(bindings === undefined ? {} : { bindings: { ...bindings, HTTP: { service: 'apart' } } }),
  }));
  const services = [{ name: 'apart', kind: 'external', address: url, rpc: true }];
  return { ...config, apps, services };
}

async function measureWith(config: string, program: string | undefined): Promise<Rounds> {
  const server = await startNanod(config, program);
  const ask = async (rounds: number): Promise<Rounds> => {
    const response = await fetch(`${server.urls.get('caller') ?? ''}?rounds=${rounds}`);
    if (!response.ok)
      throw new Error(`the benchmark worker answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Rounds;
  };
  try {
    await ask(WARM_UP);
    return await ask(ROUNDS);
  } finally {
    await server.stop();
  }
}

/** What the rounds of a case say about one process. */
interface Process {
  readonly library: number;
  readonly nanoseconds: number;
}

/** Other processes of the machine only ever make a round slower, so it is the fastest rounds that are compared. */
function lookAt(rounds: readonly Round[]): Process {
  return {
    library: fastest(rounds.map(([library]) => library)),
    nanoseconds: fastest(rounds.map(([, call]) => call)),
  };
}

function describe(found: Readonly<Record<string, readonly Process[]>>): object {
  const results = Object.entries(found).map(([name, processes]) => ({
    name,
    nanoseconds: spread(
      processes.map(({ nanoseconds }) => nanoseconds),
      0,
    ),
    libraryCalls: spread(
      processes.map(({ nanoseconds, library }) => nanoseconds / library),
      2,
    ),
  }));
  const library = Object.values(found).flatMap((processes) => processes.map((one) => one.library));
  return { library: spread(library, 1), results };
}

const here: Record<string, Process[]> = {};
const there: Record<string, Process[]> = {};

async function add(to: Record<string, Process[]>, program: string | undefined): Promise<void> {
  for (const [name, rounds] of Object.entries(await measure(program))) (to[name] ??= []).push(lookAt(rounds));
}

for (let i = 0; i < PROCESSES; i++) {
  await add(here, undefined);
  if (options.against !== undefined) await add(there, resolve(options.against));
}
const results = { processes: PROCESSES, rounds: ROUNDS, ...describe(here) };
const all = options.against === undefined ? results : { ...results, against: describe(there) };
process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
