/** docs/workers.md says what a realm holds. */

import { constants, createContext, runInContext } from 'node:vm';
import t from 'tap';
import { availableExports, availableModules } from '../../src/bundle/builtin-modules.ts';
import { nodeModuleNames } from '../../src/bundle/node-modules.ts';
import { fileOf, readPage } from '../helpers/doc-pages.ts';
import { serve } from '../helpers/nanod.ts';
import { evaluate } from '../helpers/realm.ts';
import { openWebSocket } from '../helpers/web-socket.ts';

const page = readPage('docs/workers.md');

const ownNames = 'Object.getOwnPropertyNames(globalThis)';

/** The global names of the language, as a bare context has them. These two are no part of it. */
function languageNames(): Set<string> {
  const names = runInContext(ownNames, createContext(constants.DONT_CONTEXTIFY)) as string[];
  return new Set(names.filter((name) => name !== 'console' && name !== 'WebAssembly'));
}

t.test('the globals are those of a realm', async (t) => {
  const listed = /<!-- globals -->([^]*?)<!-- end -->/u.exec(page.text)?.[1] ?? '';
  const names = [...listed.matchAll(/`(\w+)`/gu)].map((match) => String(match[1]));
  const language = languageNames();
  const real = (await evaluate(`return ${ownNames}`)) as string[];
  t.strictSame(names.toSorted(), real.filter((name) => !language.has(name)).toSorted());
});

t.test('what a realm lacks of the language is what the page says', async (t) => {
  const real = new Set((await evaluate(`return ${ownNames}`)) as string[]);
  const gone = [...languageNames()].filter((name) => !real.has(name));
  t.strictSame(gone.toSorted(), ['Atomics', 'SharedArrayBuffer', 'Temporal']);
  for (const name of gone) t.ok(page.text.includes(`\`${name}\``), name);
  t.equal(await evaluate('return typeof Temporal'), 'object');
  t.strictSame(
    await evaluate(`const thrown = [];
      for (const run of [() => eval('1'), () => new Function('1')]) try { run(); } catch (error) { thrown.push(error.name); }
      return thrown;`),
    ['EvalError', 'EvalError'],
  );
});

t.test('what the page says to be missing is missing', async (t) => {
  t.equal(await evaluate('return typeof new Request("http://a").cf'), 'undefined');
});

t.test('the algorithms are those that SubtleCrypto has', async (t) => {
  const listed = /<!-- algorithms -->([^]*?)<!-- end -->/u.exec(page.text)?.[1] ?? '';
  const names = [...listed.matchAll(/`([\w-]+)`/gu)].map((match) => String(match[1]));
  t.ok(names.length > 40, `${names.length} algorithms`);
  const unsupported = await evaluate(`return ${JSON.stringify(names)}.filter((name) =>
    !SubtleCrypto.supports('importKey', name) &&
    !SubtleCrypto.supports('importKey', { name, hash: 'SHA-256', namedCurve: 'P-256' }) &&
    !SubtleCrypto.supports('digest', { name, outputLength: 256 }));`);
  t.strictSame(unsupported, []);
});

t.test('the built-in modules are those that can be imported', async (t) => {
  t.strictSame(availableModules(), ['cloudflare:workers', 'cloudflare:sockets']);
  for (const module of availableModules()) {
    for (const name of availableExports(module)) t.match(page.text, new RegExp(`\`${name}[\`(]`, 'u'), name);
  }
});

t.test('the modules of Node.js are those of the table', async (t) => {
  const table = /<!-- node modules -->([^]*?)<!-- end -->/u.exec(page.text)?.[1] ?? '';
  const cells = [...table.matchAll(/^\| (`[^|]*`)/gmu)].map((match) => String(match[1]));
  const names = cells.flatMap((cell) => [...cell.matchAll(/`([\w/]+)`/gu)].map((match) => String(match[1])));
  t.strictSame(names.toSorted(), nodeModuleNames.toSorted());
});

t.test('the globals of Node.js come with the flag', async (t) => {
  const without = new Set((await evaluate(`return ${ownNames}`)) as string[]);
  const all = (await evaluate(`return ${ownNames}`, { nodejs: true })) as string[];
  const added = all.filter((name) => !without.has(name));
  t.strictSame(added.toSorted(), ['Buffer', 'clearImmediate', 'global', 'process', 'setImmediate']);
  for (const name of added) t.ok(page.text.includes(`\`${name}\``), name);
});

t.test('the chat of the page works', async (t) => {
  const files = Object.fromEntries(
    page.fences.flatMap((fence) => {
      const file = fileOf(fence);
      return file === undefined ? [] : [[file.path, file.text]];
    }),
  );
  const nanod = await serve(t, {
    config: {
      threads: 1,
      apps: [{ name: 'chat', script: 'chat.js' }],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'chat' }],
    },
    files: { 'chat.js': String(files['chat.js']) },
  });
  t.equal((await fetch(nanod.url)).status, 426);
  const url = `ws://127.0.0.1:${nanod.port}/`;
  const ada = await openWebSocket(t, `${url}?name=Ada`);
  const somebody = await openWebSocket(t, url);
  ada.socket.send('hello');
  t.equal(await ada.next(), 'Ada: hello');
  t.equal(await somebody.next(), 'Ada: hello');
  ada.socket.close();
  t.equal(await somebody.next(), 'Ada has left');
  t.equal((await nanod.stop()).status, 0);
});
