/** The targets of `npm run fuzz` hold for a few inputs, the same ones each time; the fuzzer itself runs apart from the tests. */
import t from 'tap';
import { targets } from '../../scripts/fuzz.ts';
import { runTarget } from '../../scripts/fuzz/target.ts';

for (const target of targets) {
  t.test(`${target.name} holds for a few inputs`, async (t) => {
    for (const { property, failure } of await runTarget(target, { runs: 150, seed: 1 })) {
      t.equal(failure, undefined, property);
    }
  });
}
