/** A worker that replaces whatever it can reach gets at nothing that the prelude keeps for itself (HARDENING R7). */

import t from 'tap';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';

const options = { others: targets, bindings: targetBindings };

t.test('what the prelude keeps for itself', (t) => runAttacks(t, 'r07-integrity.js', options));

t.test('every API among patched prototypes', (t) => runAttacks(t, 'r07-patched.js', options));
