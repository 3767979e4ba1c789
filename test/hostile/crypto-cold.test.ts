/** Cryptography that is first used near the end of the stack is whole afterwards, in that realm and in all others of the thread. */

import t from 'tap';
import { runAttacks } from '../helpers/hostile.ts';

await runAttacks(t, 'crypto-cold.js');
