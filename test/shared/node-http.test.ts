/** What of Node.js a process loads that only serves HTTP. */

import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);

/** Names of Node's own modules that a fresh process has loaded once it has imported a module of nanod. */
async function loadedBy(module: string): Promise<readonly string[]> {
  const url = new URL(`../../src/${module}`, import.meta.url).href;
  const code = `await import(${JSON.stringify(url)}); console.log(process.moduleLoadList.join('\\n'));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { env: {} });
  return stdout.split('\n').map((line) => line.replace('NativeModule ', ''));
}

const heavy = ['https', 'http2', 'tls', 'internal/deps/undici/undici'];

await t.test('a thread loads HTTP, and what only few need of it later', async (t) => {
  const loaded = await loadedBy('thread/main.ts');
  t.ok(loaded.includes('http'));
  t.strictSame(
    heavy.filter((name) => loaded.includes(name)),
    [],
  );
});

await t.test('the main thread loads none of it to serve', async (t) => {
  const loaded = await loadedBy('operations.ts');
  t.strictSame(
    ['http', ...heavy].filter((name) => loaded.includes(name)),
    [],
  );
});
