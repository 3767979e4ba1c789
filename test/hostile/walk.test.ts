/** Nothing that can be reached from a realm's globals, nor from what its APIs give, belongs to the host or to another realm. */

import t from 'tap';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';

await runAttacks(t, 'walk.js', { others: targets, bindings: targetBindings });
