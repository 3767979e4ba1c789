/** The host looks at no object of a worker, whatever happens to it (HARDENING R4). */

import t from 'tap';
import { alteredPrelude } from '../helpers/altered-prelude.ts';
import { runAttacks, serviceBinding, targetBindings, targets } from '../helpers/hostile.ts';
import { makeWitness } from '../helpers/witness.ts';

const witness = makeWitness();

await runAttacks(t, 'r04-looks.js', {
  others: { ...targets, odd: { file: 'r04-answers.js' } },
  bindings: [...targetBindings, serviceBinding('ODD')],
  prelude: await alteredPrelude({ before: (context) => witness.install(context) }),
});

t.ok(witness.count() > 200, `traps were run ${witness.count()} times`);
t.same([...witness.looks], [], 'none of them by the host');
