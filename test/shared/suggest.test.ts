import t from 'tap';
import { editDistance, nearest } from '../../src/shared/suggest.ts';

t.test('the nearest name wins, and far ones are not offered', (t) => {
  t.equal(nearest('bd', ['api', 'db', 'internet']), 'db');
  t.equal(nearest('max_restarts', ['maxRestarts', 'maxRestart']), 'maxRestarts');
  t.equal(nearest('intrenet', ['internal', 'internet']), 'internet');
  t.equal(nearest('entirely', ['different', 'things']), undefined);
  t.equal(nearest('a', ['b', 'c']), undefined, 'a single letter is like any other');
  t.equal(nearest('', ['a']), undefined);
  t.equal(nearest('x', []), undefined);
  t.equal(nearest('x'.repeat(10_000), ['x'.repeat(9999)]), undefined, 'long names are not compared');
  t.end();
});

t.test('distances', (t) => {
  t.equal(editDistance('', ''), 0);
  t.equal(editDistance('', 'abc'), 3);
  t.equal(editDistance('kitten', 'sitting'), 3);
  t.equal(editDistance('ab', 'ba'), 1);
  t.equal(editDistance('ca', 'abc'), 3);
  t.end();
});

t.test('a limit changes nothing below it', (t) => {
  let seed = 3;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const word = (): string => Array.from({ length: random(8) }, () => 'abc'[random(3)]).join('');
  for (let round = 0; round < 5000; round += 1) {
    const [a, b, limit] = [word(), word(), random(8)];
    const exact = editDistance(a, b);
    const limited = editDistance(a, b, limit);
    if (exact <= limit ? limited !== exact : limited <= limit)
      t.fail(`${a} ${b} ${limit}: ${limited}, not ${exact}`);
    if (exact !== editDistance(b, a)) t.fail(`${a} ${b} is not symmetric`);
  }
  t.end();
});
