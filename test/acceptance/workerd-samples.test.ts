/**
 * workerd's own samples, unchanged, with the answers that their READMEs promise. `NANOD_WORKERD_SAMPLES` names the folder `samples` of a
 * clone of cloudflare/workerd. What these samples need besides is storage, tail workers, a virtual file system or `unsafe-eval` in others,
 * which are not here.
 */

import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import type { Test } from 'tap';
import { runNanod, serve } from '../helpers/nanod.ts';
import type { Nanod } from '../helpers/nanod.ts';

const samples = process.env['NANOD_WORKERD_SAMPLES'] ?? '';

interface Sample {
  /** Names of the sockets of its configuration; `http` alone where nothing is said. */
  readonly sockets?: readonly string[];
  /** What else stands on the command line. */
  readonly args?: readonly string[];
  readonly verify: (t: Test, nanod: Nanod) => Promise<void>;
}

/** That a request is answered with a text. */
function answers(expected: string | RegExp, path = '', init: RequestInit = {}): Sample['verify'] {
  return async (t, { url }) => {
    const response = await fetch(url + path, init);
    t.equal(response.status, 200);
    t.match(await response.text(), expected);
  };
}

function allOf(...checks: readonly Sample['verify'][]): Sample['verify'] {
  return async (t, nanod) => {
    for (const check of checks) await check(t, nanod);
  };
}

const lorem = /^[^]{100,}$/u;

const table: Readonly<Record<string, Sample>> = {
  helloworld: { verify: answers(/^Hello World\n$/u) },
  helloworld_esm: { verify: answers(/^Hello World\n$/u) },
  'helloworld-ts': { verify: answers(/^Hello World from Typescript!$/u) },
  'async-context': { verify: answers(/^Hello World$/u) },
  extensions: {
    verify: allOf(
      answers(/^9$/u, '', { method: 'POST', body: 'veggie' }),
      answers(/^9$/u, '', { method: 'POST', body: 'meat', headers: { 'X-Use-Direct-Api': '1' } }),
    ),
  },
  'memory-cache': { verify: allOf(answers(/^Hello World\n$/u), answers(/^Hello World\n$/u)) },
  'nodejs-compat-crypto': { verify: answers(/^ok$/u) },
  'nodejs-compat-diagnosticschannel': { verify: answers(/^ok$/u) },
  'nodejs-compat-streams': { verify: answers(/^HELLO FROM THE WONDERFUL WORLD OF NODE\.JS STREAMS!\n$/u) },
  'nodejs-compat-streams-split2': {
    verify: answers(/^hello\nfrom\nthe\nwonderful\nworld\nof\nnode\.js\nstreams!\n$/u),
  },
  'static-files-from-disk': {
    args: ['--directory-path', `site-files=${join(samples, 'static-files-from-disk/content-dir')}`],
    verify: async (t, { url }) => {
      const response = await fetch(url);
      t.match(response.headers.get('content-type'), /^text\/html/u);
      t.match(await response.text(), 'Hello world!');
      t.equal((await fetch(`${url}index`)).status, 200, 'without its ending');
      t.equal((await fetch(`${url}gone`)).status, 404);
    },
  },
  'tcp-ingress': {
    sockets: ['http', 'tcp'],
    verify: async (t, nanod) => {
      await answers(/^ok$/u)(t, nanod);
      const [, port] = /tcp:\/\/127\.0\.0\.1:(\d+)/u.exec(nanod.stdout()) ?? [];
      t.equal(await echo(Number(port), 'Hello World!\n'), 'Hello World!\n');
    },
  },
  'web-streams': {
    verify: allOf(
      answers(lorem, 'sync'),
      answers(lorem, 'async'),
      answers(lorem, 'bytes/sync'),
      answers(lorem, 'bytes/async'),
    ),
  },
};

/** What a server of TCP sends back until it closes. */
function echo(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('end', () => resolve(received));
    socket.on('error', reject);
  });
}

if (samples === '') {
  t.comment('SKIPPED: the samples of workerd. NANOD_WORKERD_SAMPLES names the folder that has them.');
}

for (const [name, { sockets = ['http'], args = [], verify }] of Object.entries(table)) {
  t.test(`the sample ${name}`, { skip: samples === '' && 'NANOD_WORKERD_SAMPLES is not set' }, async (t) => {
    const addresses = sockets.flatMap((socket) => ['--socket-addr', `${socket}=127.0.0.1:0`]);
    const nanod = await serve(t, { args: [join(samples, name, 'config.capnp'), ...addresses, ...args] });
    await verify(t, nanod);
    await nanod.stop();
  });
}

t.test('the sample unit-tests', { skip: samples === '' && 'NANOD_WORKERD_SAMPLES is not set' }, async (t) => {
  const config = join(samples, 'unit-tests', 'config.capnp');
  const { status, stdout, stderr } = await runNanod(t, { args: ['test', config] });
  t.strictSame([status, stderr], [0, '']);
  const passed = [...stdout.matchAll(/^\[ PASS \] (\S+) \(/gmu)].map((match) => match[1]);
  t.strictSame(passed, ['main:testStrings', 'main:testMath']);
});
