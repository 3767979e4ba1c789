/** The bundle as a value: its version, its immutability, and many of them at once. */

import { join } from 'node:path';
import t from 'tap';
import { bundleWorker } from '../../src/bundle/bundle-worker.ts';
import { bundleWorkers } from '../../src/bundle/bundle-workers.ts';
import { stopCompiler } from '../../src/bundle/compile.ts';
import { bundleFiles, bundleOf, rewrite } from '../helpers/bundle.ts';

t.teardown(stopCompiler);

const plain = { 'worker.js': 'export default { fetch() {} };' };
const importing = {
  'worker.ts': `import a from './a.bin'; import b from './b.bin'; import './lib.js'; export default { a, b };`,
  'a.bin': 'aaa',
  'b.bin': 'bbb',
  'lib.js': 'globalThis.x = 1;',
};

t.test(
  'the version is the content: same files, same version, wherever they lie and whoever asks',
  async (t) => {
    for (const files of [plain, importing]) {
      const one = bundleOf(await bundleFiles(t, files));
      const [entry = ''] = Object.keys(files);
      const elsewhere = t.testdir({
        'package.json': '{}',
        'tsconfig.json': '{}',
        deep: { er: { ...files } },
      });
      const source = { kind: 'script', path: join(elsewhere, 'deep/er', entry) } as const;
      const two = bundleOf(await bundleWorker({ name: 'other', source, workingDirectory: '/' }));
      t.match(one.version, /^[0-9a-f]{64}$/u);
      t.equal(two.version, one.version);
      t.equal(two.code, one.code);
    }
  },
);

t.test('whatever shows in the code, the assets or a stack trace changes the version', async (t) => {
  const directory = t.testdir({ ...importing, 'package.json': '{}', 'tsconfig.json': '{}' });
  const source = { kind: 'script', path: join(directory, 'worker.ts') } as const;
  const request = { name: 'api', source, workingDirectory: directory };
  const versions = new Set<string>();
  const changes = [
    {},
    { 'lib.js': 'globalThis.x = 2;' },
    { 'b.bin': 'bbc' },
    { 'lib.js': '\nglobalThis.x = 2;' },
    { 'worker.ts': `${importing['worker.ts']} export const await1 = await 1;` },
  ];
  for (const change of changes) {
    rewrite(directory, change);
    versions.add(bundleOf(await bundleWorker(request)).version);
  }
  t.equal(versions.size, changes.length);
});

t.test('a bundle is frozen and names every file that was read', async (t) => {
  const bundle = bundleOf(await bundleFiles(t, importing));
  t.ok([bundle, bundle.assets, bundle.assets[0], bundle.sources, bundle.warnings].every(Object.isFrozen));
  t.same(
    bundle.sources.map((file) => file.slice(t.testdirName.length + 1)),
    ['a.bin', 'b.bin', 'lib.js', 'worker.ts'],
  );
  const small = bundleOf(await bundleFiles(t, plain));
  t.same(small.sources, [join(t.testdirName, 'worker.js')]);
});

t.test('warnings of the compiler have a place', async (t) => {
  const { warnings } = bundleOf(
    await bundleFiles(t, {
      'worker.ts': `export default () => {\n  if ({} === {}) return 1;\n  return typeof 1 === 'strin';\n};`,
    }),
  );
  t.match(warnings[0], /^worker\.ts:2:\d+: /u);
});

t.test('many workers are bundled in one go, the outcomes in order, the bad ones among them', async (t) => {
  const count = 120;
  const files: Record<string, string> = { 'package.json': '{}', 'tsconfig.json': '{}' };
  for (let i = 0; i < count; i++) {
    const broken = i % 10 === 3;
    files[`w${i}.${i % 2 === 0 ? 'js' : 'ts'}`] = `export default ${broken ? ';' : i};`;
  }
  const directory = t.testdir(files);
  const requests = Array.from({ length: count }, (_, i) => ({
    name: `w${i}`,
    source: { kind: 'script' as const, path: join(directory, `w${i}.${i % 2 === 0 ? 'js' : 'ts'}`) },
    workingDirectory: directory,
  }));
  const done: number[] = [];
  const outcomes = await bundleWorkers(requests, (progress) => {
    t.equal(progress.total, count);
    done.push(progress.done);
  });
  t.same(
    done,
    Array.from({ length: count }, (_, i) => i + 1),
  );
  outcomes.forEach((outcome, i) => {
    if (i % 10 === 3)
      t.match(outcome, { errors: [{ code: 'WORKER_SYNTAX', message: new RegExp(`"w${i}"`, 'u') }] });
    else t.match(bundleOf(outcome).code, new RegExp(`= ?${i};`, 'u'));
  });
  t.same(await bundleWorkers([]), []);
});
