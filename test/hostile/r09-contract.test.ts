/**
 * What crosses between host and realm keeps to the contract of host-api.ts, whatever a worker does: primitives and buffers one way and the
 * other (HARDENING R9, R10), no function or promise of a worker (R11), nothing thrown out of an entry (R12), and every buffer
 * becomes the realm's (R13).
 */

import t from 'tap';
import { makeSharedHost } from '../../src/realm/host/index.ts';
import { hostFunctions } from '../helpers/failing-host.ts';
import { runAttacks, serviceBinding, targetBindings, targets } from '../helpers/hostile.ts';
import { watchPrelude } from '../helpers/watched-prelude.ts';

const watch = await watchPrelude();
const options = {
  others: { ...targets, odd: { file: 'r04-answers.js' } },
  bindings: [...targetBindings, serviceBinding('ODD')],
  prelude: watch.prelude,
};

for (const file of ['walk.js', 'r04-looks.js', 'r08-host-calls.js', 'r14-calls.js', 'r14-methods.js'])
  await t.test(file, (t) => runAttacks(t, file, options));

await t.test('nodejs-attacks.js', (t) =>
  runAttacks(t, 'nodejs-attacks.js', {
    others: { other: { file: 'nodejs-other.js', bindings: [serviceBinding('ATTACKER', 'Inner')] } },
    bindings: [serviceBinding('OTHER')],
    prelude: watch.prelude,
  }),
);

t.same([...watch.breaches], [], 'nothing else has crossed');
t.same(watch.untransferred(), [], 'every buffer was transferred');
const { rpc, neutral, cachesOf, ...areas } = makeSharedHost();
t.type(cachesOf, 'function', 'realms get what it makes');
t.ok(Object.isFrozen(rpc) && Object.isFrozen(neutral), 'what makes neutral records is not watched');
const missed = hostFunctions(areas).filter((name) => !watch.called.has(name));
t.same(missed, [], 'every host function was called');
