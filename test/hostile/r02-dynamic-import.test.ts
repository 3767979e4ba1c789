/**
 * What becomes of `import()` in a worker: a call of the realm's own, which fails with errors of the realm (HARDENING R2). That no
 * form of it slips past the bundler is the matter of bundled-import.test.ts.
 */

import t from 'tap';
import { makeServices, runAttacks } from '../helpers/hostile.ts';

await runAttacks(t, 'r02-dynamic-import.js');

t.test('import() of a classic script, in the places that only scripts have', async (t) => {
  const services = await makeServices({ script: { file: 'r02-script.js' } });
  t.teardown(() => services.close());
  t.equal(await services.text('script'), '#6');
});
