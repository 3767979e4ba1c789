/** What would share memory, block the thread or compile WebAssembly is not there, and is not to be got at by other ways (HARDENING R5). */

import t from 'tap';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';

await runAttacks(t, 'r05-forbidden.js', { others: targets, bindings: targetBindings });
