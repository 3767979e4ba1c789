/** Log files in a directory of the test's own, with clocks that the test turns and disks that it fills. */

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import type { LogsRequest } from '../../src/control/api.ts';
import type { LogSettings } from '../../src/config/log-settings.ts';
import { type Config, placeholderConfig } from '../../src/config/types.ts';
import { DaemonLogs } from '../../src/daemon/logs/daemon-logs.ts';
import { type LogFs, logFs } from '../../src/daemon/logs/log-fs.ts';
import { mostOpen } from '../../src/daemon/logs/log-store.ts';
import type { LogRecord } from '../../src/shared/log-record.ts';

const day = 24 * 3_600_000;

interface TestLogs {
  readonly logs: DaemonLogs;
  readonly directory: string;
  now(): number;
  /** Changes the time of day; the monotonic clock goes on. */
  jump(milliseconds: number): void;
  /** Lets time pass, and has done what is due then. */
  pass(milliseconds: number): Promise<void>;
  say(service: string, text: string, level?: number): void;
  /** Everything has been written that can be. */
  written(): Promise<void>;
  names(): string[];
  read(name: string): string;
  past(request?: LogsRequest): Promise<LogRecord[]>;
}

function makeLogs(
  t: Test,
  settings: LogSettings = {},
  fs: Partial<LogFs> = {},
  directory = t.testdir({}),
): TestLogs {
  let now = Date.now();
  let uptime = 0;
  const logs = new DaemonLogs({
    directory,
    level: 20,
    fs: { ...logFs, ...fs },
    now: () => now,
    uptime: () => uptime,
  });
  const config: Config = { ...placeholderConfig, logs: { minFreeBytes: 0, ...settings } };
  logs.configure(config);
  t.teardown(() => logs.close(1000));
  const past = async (request: LogsRequest = {}): Promise<LogRecord[]> => {
    const stream = await logs.open(request, ['a', 'b']);
    let text = '';
    for await (const chunk of stream.chunks) text += chunk;
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as LogRecord);
  };
  return {
    logs,
    directory,
    now: () => now,
    jump: (milliseconds) => (now += milliseconds),
    async pass(milliseconds) {
      now += milliseconds;
      uptime += milliseconds;
      await logs.tick();
    },
    say: (service, text, level = 30) =>
      logs.write({
        time: now,
        level,
        thread: 1,
        service,
        version: 'v',
        requestId: '',
        entrypoint: '',
        text,
        error: undefined,
      }),
    // What is asked of the past is asked after what waits has been written.
    written: async () => void (await past({ lines: 1 })),
    names: () => readdirSync(directory).toSorted(),
    read: (name) => readFileSync(join(directory, name), 'utf8'),
    past,
  };
}

const texts = (records: readonly LogRecord[]): string[] => records.map(({ msg }) => msg);
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);

t.test('out and errors of each service have files of their own', async (t) => {
  const { logs, say, written, names, read, past } = makeLogs(t);
  say('a', 'fine');
  say('a', 'careful', 40);
  say('b', 'broken', 50);
  logs.log('info', 'nanod says', { pid: 1 });
  await written();
  t.strictSame(names(), ['a-error.log', 'a-out.log', 'b-error.log', 'nanod.log']);
  t.match(JSON.parse(read('nanod.log')), { service: 'nanod', pid: 1, msg: 'nanod says' });
  t.strictSame(texts(await past()), ['fine', 'careful', 'broken', 'nanod says']);
  t.strictSame(texts(await past({ selectors: ['a'] })), ['fine', 'careful']);
  t.strictSame(texts(await past({ stream: 'error' })), ['careful', 'broken']);
  t.strictSame(texts(await past({ level: 50 })), ['broken']);
  t.strictSame(texts(await past({ grep: '^(fine|brok)' })), ['fine', 'broken']);
  t.strictSame(texts(await past({ lines: 2 })), ['broken', 'nanod says']);
  await t.rejects(past({ selectors: ['c'] }), { errors: [{ code: 'SELECTOR_UNMATCHED' }] });
});

t.test('a file that is full is rotated and compressed, and read all the same', async (t) => {
  const { say, written, pass, names, directory, past } = makeLogs(t, { maxFileBytes: 2048, maxFiles: 3 });
  for (const text of numbered(1, 200)) say('a', text);
  await written();
  await pass(1);
  t.match(names(), ['a-out.log', /^a-out\.log\.\d{8}\.gz$/]);
  const rotated = names().filter((name) => name.endsWith('.gz'));
  t.equal(rotated.length, 3);
  const shown = rotated.map((name) => execFileSync('zcat', [join(directory, name)], { encoding: 'utf8' }));
  for (const text of shown) t.ok(text.length <= 2048 && text.endsWith('\n'));
  const all = texts(await past({ lines: 1000 }));
  t.strictSame(all, numbered(201 - all.length, 200), 'in order, without a gap');
  t.ok(all.length > 20);
  t.strictSame(texts(await past({ lines: 25 })), numbered(176, 200));
  t.strictSame(texts(await past({ grep: `${all[1] ?? ''}$` })), [all[1]], 'of a compressed file');
});

t.test('a file is rotated when it is a day old, and removed when that was long ago', async (t) => {
  const { say, written, pass, names, directory, now } = makeLogs(t, { maxAgeDays: 2 });
  say('a', 'old');
  await written();
  await pass(day - 60_000);
  t.strictSame(names(), ['a-out.log']);
  await pass(120_000);
  t.strictSame(names(), ['a-out.log.00000001.gz']);
  say('a', 'new');
  await written();
  t.strictSame(names(), ['a-out.log', 'a-out.log.00000001.gz']);
  // The disk has a clock of its own.
  utimesSync(join(directory, 'a-out.log'), new Date(now()), new Date(now()));
  await pass(day + 1);
  t.strictSame(names(), ['a-out.log.00000002.gz']);
});

t.test('a clock that jumps back neither stops rotation nor mixes up what was written', async (t) => {
  const { say, written, jump, pass, names, past } = makeLogs(t);
  say('a', 'one');
  await written();
  jump(-30 * day);
  say('a', 'two');
  say('a', 'three');
  await written();
  t.strictSame(names(), ['a-out.log']);
  t.strictSame(texts(await past()), ['one', 'two', 'three']);
  await pass(day + 1);
  t.strictSame(names(), ['a-out.log.00000001.gz']);
  jump(-400 * day);
  say('a', 'four');
  await pass(day + 1);
  await pass(day + 1);
  t.strictSame(names(), ['a-out.log.00000001.gz', 'a-out.log.00000002.gz']);
  t.strictSame(texts(await past()), ['one', 'two', 'three', 'four']);
});

t.test('a disk that is full costs lines, which are counted and said', async (t) => {
  let isFull = false;
  let writes = 0;
  const { logs, say, written, pass, past } = makeLogs(
    t,
    {},
    {
      async open(path) {
        const handle = await logFs.open(path);
        return {
          ...handle,
          write: (bytes) => {
            if (!isFull) return handle.write(bytes);
            writes++;
            // The last bytes that there are: a line breaks off in the middle.
            if (writes === 1) return handle.write(bytes.subarray(0, 10));
            return Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
          },
        };
      },
    },
  );
  say('a', 'before');
  await written();
  isFull = true;
  const total = 2000;
  for (const text of numbered(1, total)) say('a', text);
  // Waits for the disk at most a second, and reads what there is.
  t.strictSame(texts(await past({ selectors: ['a'] })), ['before']);
  const report = logs.report();
  t.match(report, { state: 'failing', reason: /ENOSPC/ });
  for (const text of numbered(total + 1, total + 3000)) say('a', text);
  t.ok(logs.report().droppedByDisk > 0);
  isFull = false;
  await pass(60_000);
  say('a', 'after');
  const all = await past({ lines: 100_000, selectors: ['a'] });
  t.equal(logs.report().state, 'writing');
  const dropped = all.reduce((sum, record) => sum + (record.dropped ?? 0), 0);
  const lines = all.filter((record) => record.dropped === undefined);
  t.equal(lines.length + dropped, total + 3000 + 2, 'nothing is missing that is not counted');
  t.equal(lines.at(-1)?.msg, 'after');
});

t.test('below the limit of free space nothing is written, and that is said', async (t) => {
  let free = 1e12;
  const { logs, say, written, pass, read, past } = makeLogs(
    t,
    { minFreeBytes: 1_000_000 },
    { free: () => Promise.resolve(free) },
  );
  say('a', 'before');
  await written();
  free = 999_999;
  await pass(1);
  t.match(logs.report(), { state: 'paused', reason: /999999 bytes free/ });
  for (const text of numbered(1, 10)) say('a', text);
  await written();
  t.equal(logs.report().droppedByDisk, 10);
  t.notMatch(read('a-out.log'), /line/);
  free = 1e12;
  await pass(1);
  await written();
  t.match(logs.report(), { state: 'writing' });
  t.match(await past({ selectors: ['a'] }), [{ msg: 'before' }, { dropped: 10, level: 40, service: 'a' }]);
  t.match(read('nanod.log'), /nothing is logged until the disk has room again[^]*the log goes on/);
});

t.test('all files together have a limit: the oldest go, and then the largest', async (t) => {
  const { logs, say, written, pass, names, past } = makeLogs(t, {
    maxFileBytes: 1024 * 1024 * 16,
    maxTotalBytes: 1024 * 1024,
  });
  const text = 'x'.repeat(1000);
  for (let i = 0; i < 1000; i++) say('b', text);
  await written();
  for (let i = 0; i < 500; i++) say('a', text);
  await written();
  t.ok(logs.report().bytes > 1024 * 1024);
  await pass(1);
  t.ok(logs.report().bytes <= 1024 * 1024);
  t.notOk(names().includes('b-out.log'));
  t.equal((await past({ selectors: ['a'], lines: 1000 })).length, 500);
  t.match(texts(await past({ selectors: ['nanod'] })), [/^b-out\.log is begun anew/]);
});

t.test('a file that is removed or moved is made again', async (t) => {
  const { logs, say, written, pass, read, directory } = makeLogs(t);
  say('a', 'one');
  await written();
  rmSync(join(directory, 'a-out.log'));
  await pass(1001);
  say('a', 'two');
  await written();
  t.match(read('a-out.log'), /"two"/);
  renameSync(join(directory, 'a-out.log'), join(directory, 'elsewhere'));
  await logs.reopen();
  say('a', 'three');
  await written();
  t.match(read('a-out.log'), /"three"/);
  t.notMatch(read('a-out.log'), /"two"/);
  t.match(read('elsewhere'), /"two"/);
});

t.test('what a process that was killed has left is put in order', async (t) => {
  const directory = t.testdir({
    'a-out.log': '{"level":30,"time":1,"service":"a","msg":"whole"}\n{"level":30,"ti',
    'a-out.log.00000004': '{"level":30,"time":1,"service":"a","msg":"rotated"}\n',
    'a-out.log.00000005': 'twice\n',
    'a-out.log.00000005.gz': '',
    'a-out.log.00000006.gz.tmp': 'half',
    'a-out.log.1.gz': "another tool's",
    'start.log': 'x'.repeat(2 * 1024 * 1024),
  });
  const { logs, say, written, pass, names, past } = makeLogs(t, { maxFiles: 1000 }, {}, directory);
  await logs.start();
  say('a', 'next');
  await written();
  t.strictSame(texts(await past({ selectors: ['a'] })), ['rotated', 'whole', 'next']);
  await pass(1);
  t.strictSame(names(), [
    'a-out.log',
    'a-out.log.00000004.gz',
    'a-out.log.00000005.gz',
    'a-out.log.1.gz',
    'start.log',
  ]);
  t.equal(readFileSync(join(directory, 'start.log'), 'utf8'), '');
});

t.test('few files are open at a time, however many services write', async (t) => {
  let open = 0;
  let most = 0;
  const { say, written, past } = makeLogs(
    t,
    {},
    {
      async open(path) {
        most = Math.max(most, ++open);
        const handle = await logFs.open(path);
        return { ...handle, close: () => (open--, handle.close()) };
      },
    },
  );
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 3 * mostOpen; i++) say(`s${i}`, `round ${round}`);
  }
  await written();
  const all = await past({ selectors: ['s*'], lines: 10_000 });
  t.equal(all.length, 9 * mostOpen);
  t.ok(most <= mostOpen + 3, `${most} were open`);
});

t.test('a file can be flushed, with everything that was rotated', async (t) => {
  const { logs, say, written, pass, names, read, past } = makeLogs(t, { maxFileBytes: 1024 });
  for (const text of numbered(1, 30)) say('a', text);
  say('b', 'stays');
  await written();
  await pass(1);
  const report = await logs.flush(['a'], ['a', 'b']);
  t.strictSame(report.services, ['a']);
  t.ok(report.bytes > 200);
  t.strictSame(names(), ['a-out.log', 'b-out.log']);
  t.equal(read('a-out.log'), '');
  say('a', 'again');
  t.strictSame(texts(await past()), ['stays', 'again']);
});

t.test('since: only what is younger, without reading what is older', async (t) => {
  const { say, written, pass, past, directory, names } = makeLogs(t, { maxFileBytes: 1024 });
  for (const text of numbered(1, 30)) say('a', text);
  await written();
  await pass(1);
  const since = Date.now() + 3_600_000;
  for (const name of names()) utimesSync(join(directory, name), new Date(), new Date());
  // It would be an error to read it.
  for (const name of names().filter((each) => each.endsWith('.gz')))
    writeFileSync(join(directory, name), 'x');
  await pass(2 * 3_600_000);
  say('a', 'late');
  await written();
  utimesSync(join(directory, 'a-out.log'), new Date(), new Date(since + 7_200_000));
  t.strictSame(texts(await past({ since })), ['late']);
});

t.test('lines in a file are believed only where they belong', async (t) => {
  const { say, written, past, directory } = makeLogs(t);
  say('a', 'true');
  await written();
  const forged = JSON.stringify({ level: 50, time: 1, service: 'b', msg: 'forged' });
  appendFileSync(join(directory, 'a-out.log'), `${forged}\nnoise\n{"level":30\n`);
  t.strictSame(texts(await past({ selectors: ['all'] })), ['true']);
});

t.test('the same file for several services, and a file that is a device', async (t) => {
  const directory = t.testdir({});
  const shared = join(directory, 'sub', 'shared.log');
  const { logs, say, past } = makeLogs(t, {}, {}, directory);
  const worker = (name: string, files: object): Config['services'][number] =>
    ({ kind: 'worker', name, logs: files }) as unknown as Config['services'][number];
  logs.configure({
    ...placeholderConfig,
    logs: { minFreeBytes: 0 },
    services: [
      worker('a', { outFile: shared, errorFile: shared, format: 'pretty' }),
      worker('b', { outFile: shared, errorFile: '/dev/full', logFile: null }),
    ],
  });
  say('a', 'x\n2026-01-01T00:00:00.000Z ERROR b: forged', 50);
  say('b', 'y');
  say('b', 'lost', 50);
  t.strictSame(
    (await past({ selectors: ['a', 'b'] })).map(({ service, level }) => `${service} ${level}`),
    ['a 50', 'b 30'],
  );
  t.equal(readFileSync(shared, 'utf8').split('\n').length, 3);
  t.match(logs.report(), { state: 'failing', reason: 'full: ENOSPC' });
  t.ok(existsSync('/dev/full'));
});
