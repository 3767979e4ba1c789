/** Attacks in a process of their own (attack-process.ts), seen from the test. */

import { fileURLToPath } from 'node:url';
import process from 'node:process';
import type { Test } from 'tap';
import { startChild } from './child.ts';
import type { Report } from './attack-process.ts';

const script = fileURLToPath(new URL('attack-process.ts', import.meta.url));

/** What came of the attacks of a process, by name. */
export interface Attacked {
  readonly reports: ReadonlyMap<string, { readonly lines: readonly string[]; readonly checks: string }>;
  /** What the process has written to its standard error. */
  readonly stderr: string;
}

/** Runs the attacks of a file; a test fails where the process does not come to its end. `env`: for the attacker, beside the usual. */
export async function runAttackProcess(
  t: Test,
  file: string,
  env: Readonly<Record<string, unknown>>,
): Promise<Attacked> {
  const child = startChild(t, process.execPath, ['--expose-gc', script, file, JSON.stringify(env)]);
  const ending = await child.ended;
  const reports = new Map<string, { lines: readonly string[]; checks: string }>();
  let last = '';
  for (const line of child.stdout.split('\n').filter((text) => text !== '')) {
    const report = JSON.parse(line) as Report;
    if ('begun' in report) last = report.begun;
    else reports.set(report.name, report);
  }
  t.same(
    ending,
    { status: 0, signal: null },
    `the process lives until its end; the last attack was "${last}"`,
  );
  if (ending.status !== 0) t.comment(child.stderr.slice(-2000));
  return { reports, stderr: child.stderr };
}
