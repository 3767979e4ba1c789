/** No code from strings in a realm (HARDENING R6). For the process as a whole, R15, see thread.test.ts. */

import t from 'tap';
import { runAttacks } from '../helpers/hostile.ts';

await runAttacks(t, 'r06-code-generation.js');
