/**
 * Runs the attacks of a file as a process of its own, and prints what came of each as a line of JSON: for attacks that can end the
 * process, or make Node.js write to its standard error by itself. Arguments: the file, and the environment of the attacker as JSON.
 */

import { argv, stdout } from 'node:process';
import { currentDepth } from '../../src/services/request-context.ts';
import { attackUrl, makeServices, targetBindings, targets } from './hostile.ts';

/** What became of one attack; `begun` says that it is being run. */
export type Report =
  | { readonly begun: string }
  | { readonly name: string; readonly lines: readonly string[]; readonly checks: string };

const [, , file = '', env = '{}'] = argv;
const vars = Object.entries(JSON.parse(env) as Record<string, unknown>);
const bindings = vars.map(([name, value]) => ({ kind: 'json', name, json: JSON.stringify(value) }) as const);
const workers = { ...targets, attacker: { file, bindings: [...targetBindings, ...bindings] } };

function report(line: Report): void {
  stdout.write(`${JSON.stringify(line)}\n`);
}

const listing = await makeServices(workers);
const names = (await listing.text('attacker')).split('\n');
await listing.close();
for (const name of names) {
  report({ begun: name });
  const services = await makeServices(workers);
  const lines = (await services.text('attacker', attackUrl(name))).split('\n');
  await services.close();
  const checks = lines.pop() ?? '';
  if (currentDepth() !== 0) lines.push(`${currentDepth()} calls that have ended are counted still`);
  report({ name, lines, checks });
}
// What was left half made by native code shows when it is collected.
globalThis.gc?.();
