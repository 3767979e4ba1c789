/** Cryptography: no forged key, no argument that changes under way and no listening built-in gets at anything (HARDENING R7 to R11). */

import t from 'tap';
import { runAttacks } from '../helpers/hostile.ts';

await runAttacks(t, 'crypto.js');
