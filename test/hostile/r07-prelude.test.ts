/** A worker that replaces whatever it can reach gets at nothing that the prelude keeps for itself (HARDENING R7). */

import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { attackUrl, makeServices, runAttacks, targetBindings, targets } from '../helpers/hostile.ts';

t.setTimeout(120_000);

const options = { others: targets, bindings: targetBindings };

t.test('what the prelude keeps for itself', (t) => runAttacks(t, 'r07-integrity.js', options));

t.test('every API among patched prototypes', (t) => runAttacks(t, 'r07-patched.js', options));

t.test('every API does the same among accessors that change nothing', async (t) => {
  t.teardown(stopCompiler);
  const workers = { ...targets, attacker: { file: 'r07-same.js', bindings: targetBindings } };
  const outcomes = async (attack: string): Promise<string[]> => {
    const services = await makeServices(workers);
    t.teardown(() => services.close());
    return (await services.text('attacker', attackUrl(attack))).split('\n');
  };
  t.same(await outcomes('patched'), await outcomes('plain'));
});
