/** The contract over calls to another thread. */

import t from 'tap';
import { contract, together } from './contract.ts';

t.test('each worker in a group of its own', (t) =>
  contract(t, { name: 'channel', start: together('others'), skip: [] }),
);
