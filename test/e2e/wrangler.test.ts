/** wrangler's configuration by way of the command line. */

import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Test } from 'tap';
import type { DeployReport } from '../../src/control/api.ts';
import { rewrite } from '../helpers/bundle.ts';
import { makeDaemon, text } from '../helpers/daemon.ts';
import { runNanod, serve } from '../helpers/nanod.ts';

const fixture = fileURLToPath(new URL('../fixtures/wrangler/', import.meta.url));

/** A copy of the fixture, with a secret; and its files. */
function copyOfFixture(t: Test): { directory: string; files: string[] } {
  const directory = t.testdir();
  cpSync(fixture, directory, { recursive: true });
  writeFileSync(join(directory, 'gateway/.dev.vars'), 'SECRET="s3cret"\n');
  return {
    directory,
    files: [join(directory, 'gateway/wrangler.toml'), join(directory, 'users/wrangler.jsonc')],
  };
}

const anywhere = ['-s', 'http=127.0.0.1:0'];

const answer = {
  GREETING: 'Hello',
  LIMITS: { perMinute: 60 },
  SECRET: 's3cret',
  motto: 'Small is fine.\n',
  stage: 'none',
  user: 'Ada 1',
};

/** The text that a server answers for a host. */
function textFor(url: string, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end();
  });
}

t.test('two files are one deployment, with services and routes between them', async (t) => {
  const { files } = copyOfFixture(t);
  const nanod = await serve(t, { args: [...files, ...anywhere] });
  t.strictSame(await (await fetch(nanod.url)).json(), answer);
  t.equal(await textFor(nanod.url, 'users.example'), 'users of users.example: Ada');
  await nanod.stop();
});

t.test('an environment is served', async (t) => {
  const { files } = copyOfFixture(t);
  const nanod = await serve(t, { args: [...files, '--env', 'staging', ...anywhere] });
  t.strictSame(await (await fetch(nanod.url)).json(), {
    GREETING: 'Test',
    SECRET: 's3cret',
    motto: 'Small is fine.\n',
    stage: 'staging',
    user: 'Test user 1',
  });
  await nanod.stop();
});

t.test('what is converted answers as what it was made from, with secrets from the environment', async (t) => {
  const { directory, files } = copyOfFixture(t);
  const output = join(directory, 'ecosystem.config.mjs');
  const { status, stdout, stderr } = await runNanod(t, {
    args: ['config', 'convert', ...files, '-o', output],
  });
  t.strictSame([status, stdout, stderr], [0, '', '']);
  for (const file of files) rmSync(file);
  const nanod = await serve(t, { args: [directory, ...anywhere], env: { SECRET: 's3cret' } });
  t.strictSame(await (await fetch(nanod.url)).json(), answer);
  await nanod.stop();
});

t.test('a reload reads the same files in the same environment again', async (t) => {
  const workerFile = (name: string, rest: object): string =>
    JSON.stringify({ name, main: `${name}.js`, ...rest });
  const binding = (service: string): object => ({ services: [{ binding: 'B', service }] });
  const daemon = makeDaemon(t, {
    files: {
      'wrangler.json': workerFile('a', {
        dev: { port: 0 },
        ...binding('b'),
        env: { staging: binding('b-staging') },
      }),
      'wrangler.b.json': workerFile('b', {
        env: { staging: { vars: { A: 'staged' } } },
      }),
      'a.js': 'export default { fetch: (request, env) => env.B.fetch(request) };',
      'b.js': 'export default { fetch: (request, env) => new Response("one " + env.A) };',
    },
  });
  const started = await daemon.json<DeployReport>(
    'start',
    'wrangler.json',
    'wrangler.b.json',
    '--env',
    'staging',
  );
  const [socket] = started.sockets;
  t.equal(await text(socket?.url), 'one staged');
  rewrite(daemon.directory, {
    'b.js': 'export default { fetch: (request, env) => new Response("two " + env.A) };',
  });
  const [reloaded] = await daemon.json<DeployReport[]>('reload');
  t.match(reloaded?.services, [
    { name: 'a-staging', change: 'same' },
    { name: 'b-staging', change: 'changed' },
  ]);
  t.equal(await text(socket?.url), 'two staged');
});

t.test('a directory may hold a wrangler file, and warnings are printed', async (t) => {
  const directory = t.testdir({
    'wrangler.json': '{"name":"w","main":"w.js","build":{"command":"make"}}',
    'w.js': 'export default { fetch: () => new Response("w") };',
  });
  const { status, stdout, stderr } = await runNanod(t, { args: ['check', directory] });
  t.equal(status, 0);
  t.match(stdout, /wrangler\.json: ok \(1 worker, 1 socket\)\n$/u);
  t.match(stderr, /^warning: build \(.*wrangler\.json:1:\d+\): ignored; its command is not run/u);
});

t.test('two constants, and files that do not belong together, are wrong usage', async (t) => {
  const { files } = copyOfFixture(t);
  const cases = [
    [...files, 'x.capnp'],
    ['config.capnp', 'one', 'two'],
    [...files, 'constant'],
  ];
  for (const args of cases)
    t.equal((await runNanod(t, { args: ['check', ...args] })).status, 2, args.join(' '));
});
