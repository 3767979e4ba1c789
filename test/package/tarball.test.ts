/** What `npm pack` makes can be installed and used by somebody who has nothing but npm and a Node.js of any age. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Test } from 'tap';
import { machinePath, startChild } from '../helpers/child.ts';
import type { Child } from '../helpers/child.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const WORKER = `export default {
  fetch: (request, env) => new Response(env.GREETING + ' from ' + new URL(request.url).pathname),
};`;

const CONFIG = `export default {
  apps: [{ name: 'hello', script: 'hello.js', bindings: { GREETING: 'good morning' } }],
  sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'hello' }],
};`;

// The runtime alone is more than 100 MB.
t.setTimeout(600_000);

/** The environment of a user's shell: without what npm and tap have added to this process's. */
function userEnvironment(): Record<string, string | undefined> {
  const added =
    /^(npm_(lifecycle|package|command|execpath|node_execpath|config_local_prefix)|INIT_CWD$|NODE$|TAP)/;
  const names = Object.keys(process.env).filter((name) => added.test(name));
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), PATH: machinePath() };
}

function run(t: Test, cwd: string, command: string, args: readonly string[]): Child {
  return startChild(t, command, args, { cwd, env: userEnvironment() });
}

/** Runs a program to its end. Rejects if that is not a success. */
async function succeed(t: Test, cwd: string, command: string, args: readonly string[]): Promise<Child> {
  const child = run(t, cwd, command, args);
  const ending = await child.ended;
  if (ending.status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} failed: ${JSON.stringify(ending)}\n${child.stdout}\n${child.stderr}`,
    );
  }
  return child;
}

t.test('the tarball installs into an empty folder and serves from it', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'nanod-tarball-'));
  t.teardown(() => rmSync(scratch, { recursive: true }));
  await succeed(t, ROOT, 'npm', ['pack', '--pack-destination', scratch]);
  const [tarball] = readdirSync(scratch);
  t.match(tarball, /^nanod-.*\.tgz$/);

  const project = join(scratch, 'project');
  mkdirSync(project);
  const flags = ['--prefix', project, '--prefer-offline', '--no-audit', '--no-fund'];
  await succeed(t, project, 'npm', ['install', ...flags, join(scratch, String(tarball))]);

  await t.test('it holds what is needed and no sources', async (t) => {
    const installed = join(project, 'node_modules/nanod');
    for (const path of [
      'LICENSE',
      'README.md',
      'bin/nanod.cjs',
      'dist/main.js',
      'dist/index.d.ts',
      'dist/nodejs.js',
      'dist/nodejs.licenses.txt',
      'dist/types.d.ts',
      'dist/worker-globals.d.ts',
      'dist/workers-module.d.ts',
      'dist/realm/prelude.js',
    ]) {
      t.ok(existsSync(join(installed, path)), path);
    }
    for (const path of ['src', 'test', 'dist/main.ts', 'dist/realm/prelude/main.js', 'dist/nodejs/main.js']) {
      t.notOk(existsSync(join(installed, path)), path);
    }
  });

  writeFileSync(join(project, 'hello.js'), WORKER);
  writeFileSync(join(project, 'ecosystem.config.mjs'), CONFIG);
  const nanod = join(project, 'node_modules/.bin/nanod');

  await t.test('its types can be used', async (t) => {
    writeFileSync(join(project, 'user.mts'), "import type {} from 'nanod';\nexport * from 'nanod';\n");
    const user = `import { createServer, type NanodServer } from 'nanod';
export async function ask(): Promise<string> {
  await using server: NanodServer = await createServer({ apps: [] }, { listen: false });
  const { add } = server.getService<{ add(a: number, b: number): Promise<number> }>('calc');
  const sum: number = await add(1, 2);
  // @ts-expect-error: there is no such option
  await createServer('.', { nope: true });
  return (await (await server.fetch("http://a/", { service: "b" })).text()) + String(sum);
}`;
    writeFileSync(join(project, 'program.mts'), user);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--types', 'node'];
    const roots = ['--typeRoots', join(ROOT, 'node_modules/@types')];
    await succeed(t, project, process.execPath, [tsc, ...flags, ...roots, 'user.mts', 'program.mts']);
    const worker = `import type { ExportedHandler } from 'nanod/types';
const handler = { fetch: (request) => new Response(request.url + URLPattern.name) } satisfies ExportedHandler;
// @ts-expect-error: no realm has it
export default [handler, XMLHttpRequest];`;
    writeFileSync(join(project, 'worker.mts'), worker);
    const ambient = ['--lib', 'esnext', '--types', 'nanod/types', '--skipLibCheck', 'false'];
    const common = ['--noEmit', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler'];
    await succeed(t, project, process.execPath, [tsc, ...common, ...ambient, 'worker.mts']);
  });

  await t.test('its configuration is checked', async (t) => {
    const { stdout } = await succeed(t, project, nanod, ['check']);
    t.match(stdout, /ok/);
  });

  await t.test('a program runs it', async (t) => {
    const program = `import { createServer } from 'nanod';
const server = await createServer('.', { threads: 1, overrides: { hello: 'other.ts' } });
const response = await server.fetch('http://example.com/here');
console.log(await response.text(), server.sockets.length);
await server.close();`;
    writeFileSync(join(project, 'program.mjs'), program);
    writeFileSync(
      join(project, 'other.ts'),
      'export default { fetch: (): Response => new Response("replaced") };',
    );
    const { stdout } = await succeed(t, project, process.execPath, ['program.mjs']);
    t.equal(stdout, 'replaced 1\n');
  });

  await t.test('it draws the map', async (t) => {
    const { stdout } = await succeed(t, project, nanod, ['graph', '--format', 'svg']);
    t.match(stdout, '</svg>');
  });

  await t.test('it serves until SIGINT, and ends with status 0', async (t) => {
    const server = run(t, project, nanod, ['serve']);
    const [url] = await server.printed(/http:\/\/127\.0\.0\.1:\d+\//);
    const response = await fetch(new URL('/here', url));
    t.equal(response.status, 200);
    t.equal(await response.text(), 'good morning from /here');
    process.kill(server.pid, 'SIGINT');
    t.strictSame(await server.ended, { status: 0, signal: null });
    t.equal(server.stderr, '');
  });
});
