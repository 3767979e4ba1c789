/** A test is given objects of its realm only, and the host takes nothing from it but text. */

import t from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { testControl } from '../../src/thread/run-test.ts';
import { makeServices } from '../helpers/hostile.ts';

t.teardown(stopCompiler);

const services = await makeServices({ attacker: { file: 'tests.js' }, outbound: { file: 'other.js' } });
t.teardown(() => services.close());
const control = testControl(services.registry, async (service) => {
  await services.registry.workers(service)[0]?.load();
  return [];
});

const { entrypoints } = await control.tests('attacker');

t.test('what has a test is listed, whatever else is exported', async (t) => {
  const expected = ['Constructing', 'looked', 'overflow', 'patched', 'thenable', 'throwsProxy'];
  t.strictSame([entrypoints[0], entrypoints.slice(1).toSorted()], ['default', expected.toSorted()]);
});

const outcomes: Readonly<Record<string, string | undefined>> = {
  default: undefined,
  Constructing: 'Error',
  looked: undefined,
  overflow: 'RangeError',
  thenable: 'Error',
  throwsProxy: 'Error',
  patched: undefined,
};

// The last one patches its realm.
for (const [entrypoint, failure] of Object.entries(outcomes)) {
  t.test(`the test of ${entrypoint} ends, with text`, async (t) => {
    const { error } = await control.runTest({ service: 'attacker', entrypoint });
    t.equal(error?.name, failure);
    for (const text of Object.values(error ?? {})) t.type(text, 'string');
  });
}

t.test('an entrypoint that is not there fails', async (t) => {
  const { error } = await control.runTest({ service: 'attacker', entrypoint: 'gone' });
  t.match(error, { name: 'TypeError' });
});
