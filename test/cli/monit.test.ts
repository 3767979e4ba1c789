/** The monitor: what it makes of two looks at the daemon, and what it draws on a terminal. */

import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { alignRows, bar, screenOf, type Look } from '../../src/cli/monit/model.ts';
import { runMonitor } from '../../src/cli/monit/view.ts';
import type { ServiceDetails } from '../../src/control/api.ts';
import { makeDaemon } from '../helpers/daemon.ts';

function service(name: string, more: Partial<ServiceDetails> = {}): ServiceDetails {
  return {
    name,
    kind: 'worker',
    group: 'default',
    state: 'online',
    version: '',
    deployedAt: 0,
    restarts: 0,
    source: '',
    urls: [],
    crashes: 0,
    realms: 1,
    calls: 0,
    errors: 0,
    canceled: 0,
    waiting: 0,
    ...more,
  };
}

function look(time: number, services: readonly ServiceDetails[], activeMs = 0): Look {
  const report = { activeMs, idleMs: time - activeMs, delayP99: 2, heapUsed: 2 ** 20, heapLimit: 2 ** 24 };
  return {
    time,
    services,
    vitals: {
      process: { version: '1.2.3', startedAt: 0, rss: 3 * 2 ** 20 },
      threads: [
        { thread: 1, group: 'default', report },
        { thread: 2, group: 'default' },
      ],
    },
  };
}

t.test('rates and loads are those between two looks', (t) => {
  const before = look(10_000, [service('a', { calls: 100, errors: 1 })], 1000);
  const now = look(12_000, [service('a', { calls: 110, errors: 2, waiting: 3, p50: 0.5, p99: 12 })], 2500);
  const screen = screenOf(now, before);
  t.equal(screen.title, 'nanod 1.2.3, up 12s, 1 services, 2 threads, 3 MB');
  t.strictSame(screen.services[0]?.cells, ['a', 'online', '5.0', '0.5', '3', '500 µs', '12 ms', '1', '0']);
  t.strictSame(
    screen.threads.map(({ load }) => load),
    [0.75, undefined],
  );
  t.match(screen.threads[1]?.text, /does not answer/);
  t.strictSame(screenOf(now, undefined).services[0]?.cells.slice(2, 4), ['', ''], 'no rate at first');
  const fewer = look(14_000, [service('a', { calls: 5 })]);
  t.equal(screenOf(fewer, now).services[0]?.cells[2], '0.0', 'a thread was lost with its counts');
  t.equal(bar(0.5, 4), '██░░');
  t.strictSame(alignRows(['a', 'b', 'c'], [['long', 'x', '10']]), ['a     b   c', 'long  x  10']);
  t.end();
});

/** A terminal of 100 columns and 30 rows: keys go in, and what is on it comes out. */
function terminal(): {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** Somebody reads the keys. */
  listening: Promise<undefined>;
  press(keys: string): void;
  shows(pattern: RegExp): Promise<string>;
} {
  const output = new EventEmitter();
  let last = '';
  const write = (text: string): boolean => {
    last = stripVTControlCharacters(text);
    output.emit('drawn');
    return true;
  };
  const stdout = Object.assign(output, { columns: 100, rows: 30, isTTY: true, write });
  const { promise: listening, resolve: listens } = Promise.withResolvers<undefined>();
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode() {
      listens(undefined);
      return input;
    },
    ref: () => input,
    unref: () => input,
  });
  return {
    stdin: input as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    listening,
    press: (keys) => void input.write(keys),
    shows(pattern) {
      return new Promise((resolve) => {
        const see = (): void => {
          if (!pattern.test(last)) return;
          output.off('drawn', see);
          resolve(last);
        };
        output.on('drawn', see);
        see();
      });
    },
  };
}

t.test('services, threads and the log of the one that is chosen', async (t) => {
  const { press, shows, listening, ...streams } = terminal();
  const opened: string[] = [];
  const closed: string[] = [];
  const allClosed = Promise.withResolvers<undefined>();
  const monitor = runMonitor(
    {
      interval: 3_600_000,
      look: () => Promise.resolve(look(1000, [service('api'), service('jobs', { state: 'errored' })])),
      log(name = 'all', onLine) {
        opened.push(name);
        onLine(`a line of ${name}`);
        return {
          close() {
            closed.push(name);
            if (closed.length === 4) allClosed.resolve(undefined);
          },
        };
      },
    },
    { ...streams, debug: true }, // every frame is drawn, and at once
  );
  await listening;
  const first = await shows(/a line of all/);
  t.match(first, /api +online/);
  t.match(first, /jobs +errored/);
  t.match(first, /2 default +█+ does not answer/);
  press('\u001b[B');
  await shows(/log of api[^]*a line of api/);
  press('j');
  await shows(/log of jobs[^]*a line of jobs/);
  press('k');
  await shows(/log of api[^]*a line of api/);
  press('q');
  await monitor;
  await allClosed.promise;
  t.strictSame(opened, ['all', 'api', 'jobs', 'api']);
  t.strictSame(closed, opened, 'every stream is closed');
});

t.test('a look that fails ends it', async (t) => {
  const { stdin, stdout } = terminal();
  const look = (): Promise<Look> => Promise.reject(new Error('the daemon has gone'));
  const log = (): { close(): void } => ({ close: () => {} });
  await t.rejects(runMonitor({ interval: 1, look, log }, { stdin, stdout }), /the daemon has gone/);
});

t.test('it needs a terminal', async (t) => {
  const daemon = makeDaemon(t, { files: {} });
  t.match(await daemon.nanod('monit'), { status: 2, stderr: /^error\[USAGE\]: monit needs a terminal/ });
});
