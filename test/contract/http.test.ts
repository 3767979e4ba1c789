/** The contract over calls to another nanod. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { serve } from '../helpers/nanod.ts';
import { contract, deployApart } from './contract.ts';

t.test('each worker in a nanod of its own', (t) =>
  contract(t, {
    name: 'http',
    start: async (t, cases) => {
      // Not that of the test: names of Unix sockets are short.
      const directory = mkdtempSync(join(tmpdir(), 'nanod-rpc-'));
      t.teardown(() => rmSync(directory, { recursive: true, force: true }));
      const [caller, callee] = await Promise.all(
        deployApart(cases, directory, 'a-token-of-the-contract').map((each) => serve(t, each)),
      );
      if (caller === undefined || callee === undefined) throw new Error('there are two of them');
      return { front: caller, all: [caller, callee] };
    },
    skip: [],
  }),
);
