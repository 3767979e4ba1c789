/** Imports of modules of Node.js, with the flag and without. */

import t from 'tap';
import type { Test } from 'tap';
import { bundleFiles, bundleOf, errorsOf } from '../helpers/bundle.ts';
import type { Files } from '../helpers/bundle.ts';
import { makeTestRealm } from '../helpers/realm.ts';

/** The answer of a worker that may import modules of Node.js, as text. */
async function answer(t: Test, files: Files): Promise<unknown> {
  const { code, format, assets } = bundleOf(await bundleFiles(t, files, true));
  const realm = await makeTestRealm(code, { format, assets, nodejs: true });
  const { body } = await realm.fetch();
  return JSON.parse(body as string);
}

async function messages(t: Test, code: string, nodejs: boolean): Promise<string[]> {
  const errors = errorsOf(await bundleFiles(t, { 'index.js': code }, nodejs));
  return errors.flatMap(({ code, message, hint = '' }) => [code, message, hint]);
}

const worker = (expression: string): string =>
  `export default { fetch: async () => Response.json(${expression}) };`;

t.test('a module is imported with and without its prefix, whole and by name', async (t) => {
  t.strictSame(
    await answer(t, {
      'index.js': `import EventEmitter, { once, EventEmitter as Named } from 'node:events';
        import bare from 'events';
        import * as all from 'events';
        import { format } from 'util';
        ${worker(`[EventEmitter === bare, EventEmitter === Named, all.once === once, all.default === bare, format('%s', 1),
          (await import('node:path')).join('a', 'b')]`)}`,
    }),
    [true, true, true, true, '1', 'a/b'],
  );
});

t.test('require gives what module.exports is in Node.js', async (t) => {
  t.strictSame(
    await answer(t, {
      'index.js': `import * as old from './old.cjs'; ${worker('old.default()')}`,
      'old.cjs': `const EventEmitter = require('events'); const { Buffer } = require('node:buffer'); const assert = require('assert');
        class Own extends EventEmitter {}
        module.exports = () => { assert(true); return [typeof EventEmitter, new Own().emit('x'), Buffer.from('a').toString('hex'), require('stream').Readable.name]; };`,
    }),
    ['function', false, '61', 'Readable'],
  );
});

t.test('a worker in service-worker syntax has them too', async (t) => {
  t.strictSame(
    await answer(t, {
      'index.js': `import { join } from 'node:path';
        addEventListener('fetch', (event) => event.respondWith(Response.json([join('a', 'b'), typeof Buffer, typeof process.version])));`,
    }),
    ['a/b', 'function', 'string'],
  );
  t.strictSame(
    await answer(t, {
      'index.js': `addEventListener('fetch', (event) => event.respondWith(Response.json(Buffer.from('a').toString('hex'))));`,
    }),
    '61',
  );
});

t.test('a bundle holds no code of the modules, and is the same wherever they come from', async (t) => {
  const files = { 'index.js': `import { Readable } from 'node:stream'; ${worker('Readable.name')}` };
  const { code, sources, sourceMap } = bundleOf(await bundleFiles(t, files, true));
  t.ok(code.length < 1000, `${code.length} characters`);
  t.equal(sources.length, 1);
  t.match(sourceMap, /"nanod-builtin:node:stream"/u);
});

t.test('without the flag an error says which flag it takes', async (t) => {
  for (const name of ['node:events', 'crypto', 'node:util/types']) {
    const [code, message, hint] = await messages(t, `import '${name}'; ${worker('1')}`, false);
    t.equal(code, 'WORKER_NODE_MODULE');
    t.match(message, `"${name}" is a module of Node.js`);
    t.equal(hint, `give the worker compatibilityFlags: ['nodejs_compat']`);
  }
});

t.test('a module that is not offered is an error with the flag and without', async (t) => {
  const [code, message, hint] = await messages(t, `import 'node:fs'; ${worker('1')}`, true);
  t.equal(code, 'WORKER_NODE_MODULE');
  t.match(message, /"node:fs" is a module of Node.js, which nanod does not offer/u);
  t.match(hint, /nodejs_compat brings assert, .*util\/types/u);
  t.match(
    (await messages(t, `import 'fs'; ${worker('1')}`, false))[2],
    /nodejs_compat does not bring it either/u,
  );
});

t.test('a name that a module does not export is an error where it is imported by name', async (t) => {
  const [code, message] = await messages(
    t,
    `import { createSign } from 'node:crypto'; ${worker('createSign')}`,
    true,
  );
  t.equal(code, 'WORKER_BUILTIN_EXPORT');
  t.match(message, /"node:crypto" has no export "createSign"/u);
  // Packages ask a namespace what there is.
  t.strictSame(
    await answer(t, { 'index.js': `import * as util from 'util'; ${worker('typeof util.parseArgs')}` }),
    'undefined',
  );
});

t.test('a package of the name of a module is not what is imported, one with a slash is', async (t) => {
  t.strictSame(
    await answer(t, {
      'index.js': `import { own } from 'events/'; import { once } from 'events'; ${worker('[own, typeof once]')}`,
      node_modules: {
        events: { 'package.json': '{ "main": "main.js" }', 'main.js': 'exports.own = "package";' },
      },
    }),
    ['package', 'function'],
  );
});

t.test('packages of npm that need the modules run as they are', async (t) => {
  t.strictSame(
    await answer(t, {
      'index.js': `import { Minipass } from 'minipass'; ${worker(`await (async () => {
        const stream = new Minipass({ encoding: 'utf8' });
        stream.write(Buffer.from([0xe2, 0x82])); stream.write(Buffer.from([0xac])); stream.end('!');
        return stream.concat();
      })()`)}`,
    }),
    '\u20ac!',
    'minipass',
  );
  t.strictSame(
    await answer(t, {
      'index.js': `import split from 'split2'; import { Readable } from 'node:stream'; ${worker(`await (async () => {
        const lines = [];
        for await (const line of Readable.from(['{"a":1}\\n{"a"', ':2}\\n']).pipe(split(JSON.parse))) lines.push(line.a);
        return lines;
      })()`)}`,
    }),
    [1, 2],
    'split2',
  );
  t.strictSame(
    await answer(t, {
      'index.js': `import iconv from 'iconv-lite'; ${worker(`[iconv.encode('\u00e9\u20ac', 'win1252').toString('hex'),
        iconv.decode(Buffer.from('82a0', 'hex'), 'shift_jis')]`)}`,
    }),
    ['e980', '\u3042'],
    'iconv-lite',
  );
  t.strictSame(
    await answer(t, {
      'index.js': `import { Readable } from 'readable-stream'; ${worker(`await Readable.from(['a', 'b']).toArray()`)}`,
    }),
    ['a', 'b'],
    'readable-stream',
  );
});
