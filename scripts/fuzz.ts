/**
 * `npm run fuzz [-- TARGET…] [-- --seconds N] [-- --seed N]`: gives every target input of all kinds for two minutes, or the named ones, and ends with
 * status 1 when one of their properties does not hold. A target is a file in scripts/fuzz/ and a line in `targets`.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { addresses } from './fuzz/addresses.ts';
import { capnp } from './fuzz/capnp.ts';
import { ecosystem } from './fuzz/ecosystem.ts';
import { rpc } from './fuzz/rpc.ts';
import { runTarget } from './fuzz/target.ts';
import type { FuzzTarget } from './fuzz/target.ts';
import { wrangler } from './fuzz/wrangler.ts';

/** Everything that reads what strangers wrote, and what decides where they may go. */
export const targets: readonly FuzzTarget[] = [ecosystem, capnp, wrangler, rpc, addresses];

const defaultSeconds = 120;

function select(names: readonly string[]): readonly FuzzTarget[] {
  for (const name of names) {
    if (targets.every((target) => target.name !== name)) {
      throw new Error(`no target "${name}"; there are ${targets.map((target) => target.name).join(', ')}`);
    }
  }
  return targets.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? defaultSeconds);
  for (const target of select(positionals)) {
    const seed = values.seed === undefined ? {} : { seed: Number(values.seed) };
    for (const { property, runs, failure } of await runTarget(target, { seconds, ...seed })) {
      console.log(
        `${failure === undefined ? 'ok    ' : 'FAILED'} ${target.name}: ${property} (${runs} inputs)`,
      );
      if (failure === undefined) continue;
      console.log(failure);
      process.exitCode = 1;
    }
  }
}

if (import.meta.main) await main();
