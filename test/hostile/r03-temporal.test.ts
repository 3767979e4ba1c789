/** Temporal is built in its own realm or not at all, whoever touches it first (HARDENING R3). */

import type { Context } from 'node:vm';
import t from 'tap';
import { alteredPrelude } from '../helpers/altered-prelude.ts';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';

/** As a careless host would, or a neighbour that has got hold of the global. */
function touch(context: Context): void {
  void context['Temporal'];
  void (context['Date'] as { prototype: { toTemporalInstant?: unknown } }).prototype.toTemporalInstant;
}

const options = {
  others: targets,
  bindings: targetBindings,
  prelude: await alteredPrelude({ after: touch }),
};

t.test('a worker that does not mention it', (t) => runAttacks(t, 'r03-no-temporal.js', options));

t.test('a worker that does', (t) => runAttacks(t, 'r03-temporal.js', options));
