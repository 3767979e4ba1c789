/** Calls from realm to realm show neither side anything of the other (HARDENING R14). */

import t from 'tap';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';

await runAttacks(t, 'r14-calls.js', { others: targets, bindings: targetBindings });
