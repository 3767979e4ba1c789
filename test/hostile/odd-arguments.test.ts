/** Every function of the platform with receivers and arguments of every kind: the host is given primitives and buffers only (HARDENING R10, R11). */

import t from 'tap';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';
import { watchPrelude } from '../helpers/watched-prelude.ts';

const watch = await watchPrelude();

await runAttacks(t, 'odd-arguments.js', {
  others: targets,
  bindings: targetBindings,
  prelude: watch.prelude,
});

t.same([...watch.breaches], [], 'host functions and entries keep to their contract');
