/** The log of a daemon, through the real command line. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Test } from 'tap';
import type { DeployReport, FlushReport, PingReport } from '../../src/control/api.ts';
import { type Child, startChild } from '../helpers/child.ts';
import { makeDaemon, shell, text, type TestDaemon } from '../helpers/daemon.ts';
import { rewrite } from '../helpers/bundle.ts';

const launcher = fileURLToPath(new URL('../../bin/nanod.cjs', import.meta.url));

/** Prints what it is asked to: `say`, `level`, `times`. */
const talker = `export default { async fetch(request) {
  const { searchParams: asked, pathname } = new URL(request.url);
  if (pathname === '/throw') throw new Error('thrown');
  for (let i = 0; i < Number(asked.get('times') ?? 1); i++) console[asked.get('level') ?? 'log'](asked.get('say') ?? i);
  return new Response('ok');
} };`;

interface Talking {
  readonly daemon: TestDaemon;
  /** Has a service print something. */
  say(service: string, asked: Readonly<Record<string, string | number>>): Promise<void>;
  /** What `nanod logs` prints, as records. */
  records(...args: string[]): Promise<Line[]>;
  /** A command that goes on; it is killed after the test. */
  follow(...args: string[]): Child;
  files(): string[];
}

interface Line {
  readonly level: number;
  readonly time: number;
  readonly service: string;
  readonly msg: string;
  readonly dropped?: number;
}

async function talking(t: Test, more: object = {}, apps: Record<string, object> = {}): Promise<Talking> {
  const names = ['one', 'two'];
  const daemon = makeDaemon(t, {
    config: {
      threads: 1,
      ...more,
      apps: names.map((name) => ({ name, script: 'talker.js', ...apps[name] })),
      sockets: names.map((name) => ({ name, address: '127.0.0.1:0', service: name })),
    },
    files: { 'talker.js': talker },
  });
  const { sockets } = await daemon.json<DeployReport>('start');
  return {
    daemon,
    async say(service, asked) {
      const query = new URLSearchParams(Object.entries(asked).map(([key, value]) => [key, String(value)]));
      const url = sockets.find((socket) => socket.service === service)?.url ?? '';
      await text(`${url}?${query.toString()}`);
    },
    async records(...args) {
      const { status, stdout, stderr } = await daemon.nanod('logs', ...args, '--no-follow', '--json');
      if (status !== 0) throw new Error(stderr);
      return parse(stdout);
    },
    follow: (...args) =>
      startChild(t, process.execPath, [launcher, 'logs', ...args], { env: { NANOD_HOME: daemon.home } }),
    files: () => readdirSync(join(daemon.home, 'logs')).toSorted(),
  };
}

function parse(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

const messages = (lines: readonly Line[]): string[] => lines.map(({ msg }) => msg);

t.test('lines, selectors, levels, streams, patterns, times', async (t) => {
  const { daemon, say, records, files } = await talking(t);
  await say('one', { times: 30 });
  await say('one', { say: 'careful', level: 'warn' });
  await say('two', { say: 'a\nb' });
  t.equal((await records()).length, 15, 'fifteen, as it has always been');
  t.strictSame(files(), ['nanod.log', 'one-error.log', 'one-out.log', 'start.log', 'two-out.log']);
  t.strictSame(messages(await records('one', '--lines', '3')), ['28', '29', 'careful']);
  t.match(await records('one', '--level', 'warn'), [
    {
      level: 40,
      service: 'one',
      msg: 'careful',
      version: /^[0-9a-f]{12}$/,
      thread: Number,
      entrypoint: 'default',
    },
  ]);
  t.strictSame(messages(await records('one', '--err')), ['careful']);
  t.strictSame(messages(await records('one', '-n', '1', '--out')), ['29']);
  t.strictSame(messages(await records('t*', '--grep', '^b$')), ['a\nb'], 'a pattern is about lines');
  t.equal((await records('one', '--since', '1h')).length, 31, 'with --since all of them');
  t.strictSame(await records('--since', '2100-01-01'), []);
  t.strictSame(messages(await records('nanod')), ['the daemon is up']);

  const shown = await daemon.nanod('logs', 'two', '--nostream');
  t.match(shown.stdout, /^\d{4}-\d\d-\d\d \S+ INFO {2}two \[[\w-]+\]: a\n {4}b\n$/);
  const wrong: [string[], RegExp][] = [
    [['nobody'], /SELECTOR_UNMATCHED/],
    [['--grep', '('], /USAGE.*--grep/],
    [['--since', 'yesterday'], /USAGE.*--since/],
    [['--lines', '-1'], /USAGE.*--lines/],
    [['--err', '--out'], /USAGE/],
    [['--level', 'loud'], /USAGE/],
  ];
  for (const [args, message] of wrong) {
    const { status, stderr } = await daemon.nanod('logs', ...args, '--no-follow');
    t.not(status, 0);
    t.match(stderr, message);
  }

  const { services, bytes } = await daemon.json<FlushReport>('flush', 'one');
  t.strictSame(services, ['one']);
  t.ok(bytes > 0);
  t.strictSame(await records('one'), []);
  t.strictSame(messages(await records('two')), ['a\nb']);
  await daemon.nanod('kill');
  t.match(await daemon.nanod('logs'), { status: 1, stderr: /DAEMON_NOT_RUNNING/ });
});

t.test('what comes is shown as it comes, without a gap behind what was there', async (t) => {
  const { daemon, say, follow } = await talking(t);
  await say('one', { say: 'before' });
  const plain = follow('one', '--json');
  const picky = follow('--grep', 'wanted', '-f', '--lines', '0');
  await plain.printed(/before"\}\n/);
  // One that says nothing yet is there once it shows the first.
  while (!picky.stdout.includes('wanted')) await say('two', { say: 'wanted' });
  for (let i = 0; i < 20; i++) await say('one', { say: `line ${i}` });
  await say('one', { say: 'wanted as well' });
  await plain.printed(/wanted as well"\}\n/);
  await picky.printed(/wanted as well\n/);
  t.notMatch(picky.stdout, /line/);
  t.strictSame(messages(parse(plain.stdout)), [
    'before',
    ...Array.from({ length: 20 }, (_, i) => `line ${i}`),
    'wanted as well',
  ]);
  process.kill(plain.pid, 'SIGINT');
  t.equal((await plain.ended).status, 0);
  await daemon.nanod('kill');
  t.equal((await picky.ended).status, 0, 'it ends with the daemon');
});

t.test('a reader that hangs up, and one that reads nothing, disturb nobody', async (t) => {
  const { daemon, say, records } = await talking(t);
  await say('one', { times: 3000 });
  const ask = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ follow: true, lines: 100_000 });
      request(
        { socketPath: join(daemon.home, 'nanod.sock'), path: '/v1/logs', method: 'POST', agent: false },
        resolve,
      )
        .on('error', reject)
        .end(body);
    });
  const [first, second] = [await ask(), await ask()];
  first.destroy();
  second.pause();
  await say('one', { times: 500 });
  await say('two', { say: 'still there' });
  t.strictSame(messages(await records('two')), ['still there']);
  const output = await shell(
    `curl -s --unix-socket ${daemon.home}/nanod.sock http://nanod/v1/logs -d '{"selectors":["two"]}'`,
  );
  t.strictSame(messages(parse(output)), ['still there']);
  t.equal((await daemon.nanod('kill')).status, 0, 'the daemon ends all the same');
  second.destroy();
});

t.test('a service that floods is cut off and counted, and others are not', async (t) => {
  const { daemon, say, records } = await talking(t, {}, { one: { logs: { linesPerSecond: 1, burst: 10 } } });
  const flooding = say('one', { times: 20_000 });
  await say('two', { times: 100 });
  await flooding;
  let dropped: Line[] = [];
  while (dropped.length === 0) dropped = (await records('one', '--err')).filter((line) => line.dropped);
  const lines = await records('--lines', '100000');
  const shown = lines.filter(({ service, level }) => service === 'one' && level === 30).length;
  const counted = dropped.reduce((sum, line) => sum + (line.dropped ?? 0), 0);
  t.ok(shown >= 10 && shown < 1000);
  t.match(dropped[0]?.msg, /^dropped \d+ lines/);
  // A report comes once a second: what was dropped since the last one is still to be said.
  t.ok(shown + counted <= 20_000 && counted > 0);
  t.equal(lines.filter(({ service }) => service === 'two').length, 100);
  const { logs } = await daemon.json<PingReport>('ping');
  t.ok(logs.droppedByLimit >= counted);
});

t.test('files rotate by size, compressed, and can be read with zcat', async (t) => {
  const { daemon, say, records, files } = await talking(t, { logs: { maxFileBytes: 4096, maxFiles: 2 } });
  const directory = join(daemon.home, 'logs');
  for (let i = 0; i < 200; i++) await say('one', { say: `line ${i}` });
  const compressed = (): string[] => files().filter((name) => /^one-out\.log\.\d{8}\.gz$/u.test(name));
  const rotated = (): string[] => files().filter((name) => name.startsWith('one-out.log.'));
  while (compressed().length !== 2 || rotated().length !== 2) await daemon.nanod('ping');
  for (const name of compressed()) {
    const lines = parse(execFileSync('zcat', [join(directory, name)], { encoding: 'utf8' }));
    t.ok(lines.length > 10 && lines.every(({ service }) => service === 'one'));
  }
  const all = messages(await records('one', '--lines', '1000'));
  t.strictSame(
    all,
    Array.from({ length: all.length }, (_, i) => `line ${200 - all.length + i}`),
  );
  t.ok(all.length > 40, 'compressed files are read too');
});

t.test('SIGUSR2 opens files anew, and a file that is removed is made again', async (t) => {
  const { daemon, say, records } = await talking(t);
  const path = join(daemon.home, 'logs', 'one-out.log');
  await say('one', { say: 'first' });
  while (!existsSync(path) || !readFileSync(path, 'utf8').includes('first')) await daemon.nanod('ping');
  renameSync(path, `${path}.moved`);
  daemon.signal('SIGUSR2');
  while (!daemon.log().includes('opened anew')) await daemon.nanod('ping');
  await say('one', { say: 'second' });
  t.strictSame(messages(await records('one')), ['second']);
  t.match(readFileSync(path, 'utf8'), /second/);
  t.notMatch(readFileSync(`${path}.moved`, 'utf8'), /second/);
  rmSync(path);
  // It is noticed within a second; what is written until then goes with the file.
  while (!existsSync(path)) await say('one', { say: 'third' });
  t.match(messages(await records('one')), ['third']);
});

t.test("files of PM2's attributes; a disk that is full; a daemon that comes back", async (t) => {
  const { daemon, say, records, files } = await talking(
    t,
    {},
    {
      one: { out_file: 'logs/out.log', error_file: 'logs/out.log', log_type: 'pretty', merge_logs: true },
      two: { out_file: '/dev/full', log_file: './two.log' },
    },
  );
  await say('one', { say: 'x\nERROR two: y' });
  await say('one', { say: 'oh', level: 'error' });
  await say('two', { say: 'lost' });
  t.match(await records('one'), [
    { level: 30, service: 'one' },
    { level: 50, msg: 'oh' },
  ]);
  const pretty = readFileSync(join(daemon.directory, 'logs', 'out.log'), 'utf8');
  t.match(pretty, /^\S+Z INFO {2}one \[\S+\]: x\\nERROR two: y\n\S+Z ERROR one \[\S+\]: oh\n$/);
  t.strictSame(files(), ['nanod.log', 'start.log']);
  let logs: PingReport['logs'] | undefined;
  while (logs?.state !== 'failing') ({ logs } = await daemon.json<PingReport>('ping'));
  t.equal(logs.reason, 'full: ENOSPC');
  t.match((await daemon.nanod('ping')).stdout, /the log: full: ENOSPC/);
  const whole = join(daemon.directory, 'two.log');
  while (!existsSync(whole) || !readFileSync(whole, 'utf8').includes('lost')) await daemon.nanod('ping');
  while (!daemon.log().includes('full cannot be written: ENOSPC')) await daemon.nanod('ping');
  daemon.signal('SIGKILL');
  while ((await daemon.nanod('ping')).status === 0);
  await daemon.nanod('resurrect');
  t.match(messages(await records('one')).at(-1), 'oh');
  rewrite(daemon.directory, { 'talker.js': talker.replace("'ok'", "'fine'") });
  await daemon.nanod('reload');
  t.match(messages(await records('one')).at(-1), 'oh');
});
