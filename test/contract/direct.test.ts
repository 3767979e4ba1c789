/** The contract over calls on the same thread. */

import t from 'tap';
import { contract, together } from './contract.ts';

t.test('both workers on one thread', (t) =>
  contract(t, { name: 'direct', start: together('default'), skip: [] }),
);
