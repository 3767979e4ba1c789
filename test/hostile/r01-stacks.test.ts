/** Stacks: formatted by the realm itself, whatever a worker does to errors (HARDENING R1). */

import t from 'tap';
import { runAttacks } from '../helpers/hostile.ts';

await runAttacks(t, 'r01-stacks.js');
