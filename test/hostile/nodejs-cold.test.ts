/** The modules of Node.js are whole, or not there, where they are first used at the end of the stack. */

import t from 'tap';
import { runAttacks } from '../helpers/hostile.ts';

await runAttacks(t, 'nodejs-cold.js');
