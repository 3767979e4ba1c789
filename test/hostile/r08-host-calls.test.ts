/** Host functions that fail: what a worker catches is its realm's, and says nothing of the host (HARDENING R8). */

import t from 'tap';
import { failingHost } from '../helpers/failing-host.ts';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';

const options = { others: targets, bindings: targetBindings };

t.test('provoked failures', (t) => runAttacks(t, 'r08-host-calls.js', options));

t.test('any failure', async (t) => {
  const { prelude, failed } = await failingHost();
  await runAttacks(t, 'r08-failing-host.js', { ...options, prelude });
  t.ok(failed.size > 30, `${failed.size} host functions have failed`);
  t.comment([...failed].join(' '));
});
