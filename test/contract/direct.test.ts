/** The contract over calls on the same thread. */

import t from 'tap';
import { contract } from './contract.ts';

t.test('both workers on one thread', (t) =>
  contract(t, { name: 'direct', calleeGroup: 'default', skip: [] }),
);
