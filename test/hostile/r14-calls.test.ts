/** Calls from realm to realm show neither side anything of the other (HARDENING R14). */

import t from 'tap';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';

for (const file of ['r14-calls.js', 'r14-methods.js'])
  await t.test(file, (t) => runAttacks(t, file, { others: targets, bindings: targetBindings }));
