/** The contract over calls on the same thread. */

import t from 'tap';
import { contract } from './contract.ts';

const skip = [
  {
    reason:
      'on one thread only calls that nest without a pause are counted: to count others would cost every call its price again',
    cases: ['they get it as well where each of them waits before it calls'],
  },
];

t.test('both workers on one thread', (t) => contract(t, { name: 'direct', calleeGroup: 'default', skip }));
