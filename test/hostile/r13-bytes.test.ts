/** Bytes that cross: each buffer is made for its receiver, exact, and becomes one of its realm (HARDENING R13). */

import t from 'tap';
import { runAttacks, targetBindings, targets } from '../helpers/hostile.ts';
import { watchPrelude } from '../helpers/watched-prelude.ts';

const watch = await watchPrelude();

await runAttacks(t, 'r13-bytes.js', { others: targets, bindings: targetBindings, prelude: watch.prelude });

t.same(watch.untransferred(), [], 'every buffer that the host gave was transferred by the realm');
t.same([...watch.breaches], [], 'host functions keep to their contract');
