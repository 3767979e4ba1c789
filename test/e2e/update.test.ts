/** A daemon gives its place to another process: no request is lost, and what fails changes nothing. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import type { DeployReport, ServiceReport, UpdateReport } from '../../src/control/api.ts';
import { makeDaemon, shell, text } from '../helpers/daemon.ts';
import { startLoad } from '../helpers/load.ts';

/** How many clients each address has. */
const clients = 8;

t.test('nothing is lost while one process takes the place of another', async (t) => {
  const sockets = mkdtempSync(join(tmpdir(), 'nanod-sockets-'));
  t.teardown(() => rmSync(sockets, { recursive: true, force: true }));
  const path = join(sockets, 'site.sock');
  const daemon = makeDaemon(t, {
    config: {
      threads: 2,
      apps: [{ name: 'hello', script: 'hello.js' }],
      sockets: [
        { name: 'http', address: '127.0.0.1:0', service: 'hello' },
        { name: 'unix', address: `unix:${path}`, service: 'hello' },
        { name: 'abstract', address: `unix-abstract:nanod-test-${process.pid}`, service: 'hello' },
      ],
    },
    files: { 'hello.js': `export default { fetch: () => new Response('hello') };` },
  });
  const { sockets: listening } = await daemon.json<DeployReport>('start');
  const url = listening[0]?.url ?? '';
  const loads = [
    startLoad(t, { url }, clients),
    startLoad(t, { socketPath: path }, clients),
    startLoad(t, { socketPath: `\0nanod-test-${process.pid}` }, clients),
  ];
  const more = (): Promise<unknown> => Promise.all(loads.map((load) => load.more(10)));
  await more();
  const pids = [daemon.pid()];
  // The second is handed what the first was handed.
  for (let i = 0; i < 3; i++) {
    const report = await daemon.json<UpdateReport>('update');
    t.equal(report.from.pid, pids.at(-1));
    t.equal(report.to.pid, daemon.pid());
    pids.push(report.to.pid);
    await more();
    while (isAlive(report.from.pid)) await more();
  }
  t.equal(new Set(pids).size, 4);
  for (const load of loads) {
    await load.stop();
    t.strictSame(load.failures, []);
    t.strictSame([...load.answered.keys()], ['hello']);
  }
  const [after] = await daemon.json<ServiceReport[]>('ls');
  t.equal(after?.urls[0], url, 'the port that the system chose stays');
  t.equal((await daemon.nanod('kill')).status, 0);
  t.strictSame(readdirSync(sockets), [], 'no socket is left behind');
  t.notOk(existsSync(join(daemon.home, 'nanod.sock')));
});

t.test('what both processes log is there', async (t) => {
  const daemon = makeDaemon(t, {
    config: {
      threads: 1,
      apps: [{ name: 'talker', script: 'talker.js', logs: { maxFileBytes: 65_536 } }],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'talker' }],
    },
    files: {
      'talker.js': `export default { fetch(request) { console.log(new URL(request.url).pathname); return new Response(); } };`,
    },
  });
  const { sockets } = await daemon.json<DeployReport>('start');
  await fetch(`${sockets[0]?.url}before`);
  const { from, to } = await daemon.json<UpdateReport>('update');
  await fetch(`${sockets[0]?.url}after`);
  while (isAlive(from.pid)) await nextTurn();
  const records = async (service: string): Promise<{ msg: string; pid?: number }[]> => {
    const { stdout } = await daemon.nanod('logs', service, '--json', '--no-follow', '--lines', '1000');
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; pid?: number });
  };
  t.strictSame(
    (await records('talker')).map(({ msg }) => msg),
    ['/before', '/after'],
  );
  const own = await records('nanod');
  t.strictSame(
    own.flatMap(({ msg, pid }) => (msg === 'the daemon is up' ? [pid] : [])),
    [from.pid, to.pid],
  );
  t.equal(own.filter(({ msg }) => msg === 'the daemon ends').length, 1);
  t.equal((await daemon.nanod('kill')).status, 0);
});

const small = {
  config: {
    threads: 1,
    apps: [{ name: 'hello', script: 'hello.js' }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'hello' }],
  },
  files: { 'hello.js': `export default { fetch: () => new Response('hello') };` },
};

/** Asks the daemon to be replaced by a program of the test's own. Resolves with the answer. */
function replaceBy(home: string, runtime: string, args: readonly string[]): Promise<string> {
  const body = JSON.stringify({ runtime, args });
  return shell(`curl -s --unix-socket ${home}/nanod.sock http://nanod/v1/update -d '${body}'`);
}

t.test('a successor that fails leaves the daemon as it was', async (t) => {
  const daemon = makeDaemon(t, small);
  const { sockets } = await daemon.json<DeployReport>('start');
  const pid = daemon.pid();
  const programs: [string, string, RegExp][] = [
    ['ends at once', 'process.exitCode = 3', /ended \(exit status 3\)/],
    ['says why', 'console.error("no luck"); process.exitCode = 1', /no luck/],
    ['says nonsense', 'tie.write("hi\\n"); setInterval(() => {}, 1000)', /has ended \(SIGKILL\)/],
    [
      'ends with the home in its hands',
      `const { renameSync, rmSync, writeFileSync } = require("node:fs");
       tie.write(JSON.stringify({ kind: "hello", pid: process.pid }) + "\\n");
       tie.write(JSON.stringify({ kind: "serving" }) + "\\n");
       tie.on("data", (text) => {
         if (!String(text).includes("take")) return;
         writeFileSync("nanod.pid", JSON.stringify({ pid: process.pid }));
         rmSync("nanod.sock");
         process.exit(4);
       })`,
      /when it took the home/,
    ],
  ];
  for (const [name, code, reason] of programs) {
    const file = join(daemon.directory, 'successor.cjs');
    const tie = 'new (require("node:net").Socket)({ fd: Number(process.env.NANOD_PREDECESSOR_FD) })';
    writeFileSync(file, `const tie = ${tie};\n${code};\ntie.unref();`);
    const answer = await replaceBy(daemon.home, process.execPath, [file]);
    t.match(answer, /UPDATE_FAILED/, name);
    t.match(answer, reason, name);
    t.equal(daemon.pid(), pid, 'the home is its own');
    t.equal((await daemon.nanod('ping')).status, 0);
    t.equal(await text(sockets[0]?.url), 'hello');
  }
  await daemon.json('restart', 'hello');
  t.match(await replaceBy(daemon.home, 'node', []), /CONTROL_REQUEST/, 'a path is absolute');
  t.equal((await daemon.nanod('kill')).status, 0);
  t.notOk(existsSync(join(daemon.home, 'nanod.pid')));
});

t.test(
  'a daemon that is told to end while it is being replaced ends, and its successor with it',
  async (t) => {
    const daemon = makeDaemon(t, small);
    await daemon.json<DeployReport>('start');
    const pid = daemon.pid();
    const file = join(daemon.directory, 'successor.cjs');
    const mark = join(daemon.directory, 'successor.pid');
    writeFileSync(
      file,
      `require("node:fs").writeFileSync(${JSON.stringify(mark)}, String(process.pid)); setInterval(() => {}, 1000);`,
    );
    const answer = replaceBy(daemon.home, process.execPath, [file]);
    while (!existsSync(mark) || readFileSync(mark, 'utf8') === '') await nextTurn();
    daemon.signal('SIGTERM');
    t.match(await answer, /UPDATE_FAILED/);
    while (isAlive(pid) || isAlive(Number(readFileSync(mark, 'utf8')))) await nextTurn();
    t.notOk(existsSync(join(daemon.home, 'nanod.pid')));
  },
);

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
