/** Attacks with and on the modules of Node.js, which run in the realm with the worker's own rights. */

import t from 'tap';
import { runAttacks, serviceBinding } from '../helpers/hostile.ts';

await runAttacks(t, 'nodejs-attacks.js', {
  others: { other: { file: 'nodejs-other.js', bindings: [serviceBinding('ATTACKER', 'Inner')] } },
  bindings: [serviceBinding('OTHER')],
});
