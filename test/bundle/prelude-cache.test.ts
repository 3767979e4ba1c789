/** The prelude of a clone is bundled once for as long as its sources stay the same. */

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cachedPrelude, type PreludeCache } from '../../src/bundle/prelude-cache.ts';

function fixture(t: Test): { cache: PreludeCache; make: () => Promise<string>; made: () => number } {
  const directory = t.testdir({
    sources: { 'a.ts': 'one', folder: { 'b.ts': 'two' }, 'c.txt': '' },
    lock: '1',
  });
  let count = 0;
  return {
    cache: {
      sources: [join(directory, 'sources')],
      files: [join(directory, 'lock')],
      directory: join(directory, 'cache'),
    },
    make: () => Promise.resolve(`text ${++count}`),
    made: () => count,
  };
}

t.test('what was made is read again', async (t) => {
  const { cache, make, made } = fixture(t);
  t.equal(await cachedPrelude(cache, make), 'text 1');
  t.equal(await cachedPrelude(cache, make), 'text 1');
  t.equal(made(), 1);
});

t.test('a change of anything that it is made from makes it anew', async (t) => {
  const { cache, make } = fixture(t);
  await cachedPrelude(cache, make);
  const source = join(cache.sources[0] ?? '', 'folder', 'b.ts');
  writeFileSync(source, 'three');
  t.equal(await cachedPrelude(cache, make), 'text 2');
  writeFileSync(cache.files[0] ?? '', '2');
  t.equal(await cachedPrelude(cache, make), 'text 3');
  writeFileSync(source, 'two');
  writeFileSync(cache.files[0] ?? '', '1');
  t.equal(await cachedPrelude(cache, make), 'text 1', 'and what was made of the former is still there');
});

t.test('old bundles are removed', async (t) => {
  const { cache, make } = fixture(t);
  for (let i = 0; i < 12; i++) {
    writeFileSync(cache.files[0] ?? '', String(i));
    await cachedPrelude(cache, make);
  }
  t.equal(readdirSync(cache.directory).length, 8);
});

t.test('without a cache that can be written it is made each time', async (t) => {
  const { cache, make } = fixture(t);
  rmSync(cache.directory, { recursive: true, force: true });
  writeFileSync(cache.directory, 'a file');
  t.equal(await cachedPrelude(cache, make), 'text 1');
  t.equal(await cachedPrelude(cache, make), 'text 2');
});
