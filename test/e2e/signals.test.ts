/** What the daemon does on signals, and what it tells systemd meanwhile. */

import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import type { Test } from 'tap';
import type { DeployReport, UpdateReport } from '../../src/control/api.ts';
import { rewrite } from '../helpers/bundle.ts';
import type { Child } from '../helpers/child.ts';
import { makeDaemon, text, type TestDaemon } from '../helpers/daemon.ts';
import { openRaw } from '../helpers/http.ts';
import { writeFiles } from '../helpers/nanod.ts';

const answering = (body: string): string => `export default { fetch: () => new Response('${body}') };`;

const deployment = {
  config: {
    threads: 1,
    apps: [{ name: 'hello', script: 'hello.js' }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'hello' }],
  },
  files: { 'hello.js': answering('one') },
};

interface Watched {
  readonly daemon: TestDaemon;
  readonly child: Child;
  readonly url: string;
  /** What systemd was told so far, a call a line. */
  told(): string[];
}

/** A daemon in the foreground whose service manager is a file. */
async function watched(t: Test, environment: Readonly<Record<string, string>> = {}): Promise<Watched> {
  const program = '#!/bin/sh\nIFS="|"\necho "$*" >> "$NOTIFY_SOCKET"\n';
  const directory = writeFiles(t, { files: { 'systemd-notify': program, told: '' } });
  chmodSync(join(directory, 'systemd-notify'), 0o755);
  const file = join(directory, 'told');
  const PATH = [directory, process.env['PATH']].join(delimiter);
  const daemon = makeDaemon(t, { ...deployment, env: { NOTIFY_SOCKET: file, PATH, ...environment } });
  const told = (): string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  const child = daemon.foreground();
  while (told().length === 0) await nextLook();
  const { sockets } = await daemon.json<DeployReport>('start');
  return { daemon, child, url: sockets[0]?.url ?? '', told };
}

function nextLook(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

t.test('SIGHUP reads every configuration again', async (t) => {
  const { daemon, url, told } = await watched(t);
  t.match(told(), [/^READY=1\|MAINPID=\d+\|STATUS=serves$/]);
  rewrite(daemon.directory, { 'hello.js': answering('two') });
  daemon.signal('SIGHUP');
  while ((await text(url)) !== 'two') await nextLook();
  while (told().length < 3) await nextLook();
  t.match(told()[1], /^RELOADING=1\|MONOTONIC_USEC=\d+\|STATUS=/);
  t.match(told()[2], /^READY=1\|STATUS=serves$/);

  rewrite(daemon.directory, { 'hello.js': 'syntax error(' });
  daemon.signal('SIGHUP');
  daemon.signal('SIGHUP');
  while (!/could not be deployed again: error\[WORKER_SYNTAX\]/u.test(daemon.log())) await nextLook();
  while (told().length < 5) await nextLook();
  t.match(told()[4], /^READY=1\|STATUS=serves what was deployed before/);
  t.equal(await text(url), 'two', 'what is wrong changes nothing');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} lets requests under way end, and the daemon ends with status 0`, async (t) => {
    const { daemon, child, url, told } = await watched(t);
    rewrite(daemon.directory, {
      'hello.js': 'export default { fetch: (request) => new Response(request.body) };',
    });
    await daemon.json('reload');
    const connection = await openRaw(t, Number(new URL(url).port));
    connection.send('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n6\r\nbegin,\r\n');
    await connection.until('begin,');
    daemon.signal(signal);
    while (told().length < 2) await nextLook();
    t.match(told()[1], /^STOPPING=1\|STATUS=/);
    connection.send('3\r\nend\r\n0\r\n\r\n');
    await connection.closed;
    t.match(connection.received, /begin,\r\n3\r\nend\r\n0\r\n\r\n$/);
    t.strictSame(await child.ended, { status: 0, signal: null });
    t.match(daemon.log(), /the daemon ends/);
    t.notOk(existsSync(join(daemon.home, 'nanod.pid')));
  });
}

t.test('systemd hears that the daemon lives, and of the one that takes its place', async (t) => {
  // What is meant for another process is not for this one: the daemon does not ping, its successor does.
  const { daemon, told } = await watched(t, { WATCHDOG_USEC: '30000', WATCHDOG_PID: '1' });
  t.notOk(told().includes('WATCHDOG=1'));
  const { to } = await daemon.json<UpdateReport>('update');
  t.ok(
    told().some((line) => line.startsWith(`READY=1|MAINPID=${to.pid}|`)),
    'before the other one ends',
  );
  while (!told().includes('WATCHDOG=1')) await nextLook();
});

t.test('a service manager that cannot be told is no reason to end', async (t) => {
  const daemon = makeDaemon(t, { ...deployment, env: { NOTIFY_SOCKET: '/nowhere' } });
  daemon.foreground();
  while (!existsSync(join(daemon.home, 'nanod.sock'))) await nextLook();
  const { sockets } = await daemon.json<DeployReport>('start');
  t.equal(await text(sockets[0]?.url), 'one');
  t.match(daemon.log(), /systemd cannot be told: /);
});
