/**
 * Every API near stack overflow. What it throws there belongs to the realm; the process lives; and once there is room again, everything is
 * as in a realm where it never happened. `HOSTILE_STEP=1` leaves out none of the depths at which calls are made, and takes minutes.
 */

import process from 'node:process';
import t from 'tap';
import { runAttackProcess } from '../helpers/run-attack-process.ts';

const STEP = Number(process.env['HOSTILE_STEP'] ?? 12);

t.setTimeout(600_000);

/** What Node.js itself writes when a promise is rejected where there is no room to note it (HARDENING R20). */
const REMARK = 'Exception in PromiseRejectCallback:';

/** Said of promises that are pending after a while. */
const UNSETTLED = 'is not settled';

/** Calls whose outcomes depend on the calls before them: caches outlive the realm. */
const KEPT = /^(?:Cache|CacheStorage|caches)\[/u;

t.test('APIs', async (t) => {
  const { reports, stderr } = await runAttackProcess(t, 'overflow.js', { STEP });
  const near = [...reports].filter(([name]) => name.endsWith(', near the limit'));
  t.ok(near.length > 80, `${near.length} groups of calls`);
  for (const [name, { lines, checks }] of near) {
    const ease = reports.get(name.replace(', near the limit', ', at ease'))?.lines ?? [];
    const comparable = (line: string, i: number): boolean =>
      !KEPT.test(line) && ease[i]?.endsWith(UNSETTLED) !== true;
    t.same(lines.filter(comparable), ease.filter(comparable), name);
    t.match(checks, /^#[1-9]/u, 'and something was looked at');
  }
  for (const remark of stderr.split(/^(?=Exception in )/mu).filter((text) => text.trim() !== ''))
    if (!remark.startsWith(REMARK)) t.fail(remark);
});

for (const [what, file] of Object.entries({
  'calls from realm to realm': 'overflow-calls.js',
  'what the services of a thread share': 'overflow-shared.js',
})) {
  t.test(what, async (t) => {
    const { reports } = await runAttackProcess(t, file, { STEP: Math.ceil(STEP / 4) });
    t.ok(reports.size > 4, `${reports.size} attacks`);
    for (const [name, { lines, checks }] of reports) {
      t.same(lines, [], name);
      t.match(checks, /^#[1-9]/u, 'and something was looked at');
    }
  });
}
