/** The life of a daemon, through the real command line: nothing is lost, and what fails changes nothing. */

import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import type { DeployReport, ServiceReport, VersionReport } from '../../src/control/api.ts';
import { makeDaemon, shell, text, type TestDaemon } from '../helpers/daemon.ts';
import { readPage } from '../helpers/doc-pages.ts';
import { rewrite } from '../helpers/bundle.ts';

const answering = (body: string): string => `export default { fetch: () => new Response('${body}') };`;

const deployment = {
  config: {
    threads: 1,
    apps: [{ name: 'hello', script: 'hello.js' }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'hello' }],
  },
  files: { 'hello.js': answering('one') },
};

/** A daemon with the deployment in it, and the address of its socket. */
async function started(t: Test): Promise<{ daemon: TestDaemon; url: string }> {
  const daemon = makeDaemon(t, deployment);
  const { sockets } = await daemon.json<DeployReport>('start');
  return { daemon, url: sockets[0]?.url ?? '' };
}

async function listening(server: Server, port = 0): Promise<AddressInfo> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server.address() as AddressInfo;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

const change = ({ services }: DeployReport): string[] =>
  services.map((each) => `${each.name} ${each.change}`);

t.test('start, reload, rollback, stop, restart, delete', async (t) => {
  const { daemon, url } = await started(t);
  t.equal(await text(url), 'one');
  rewrite(daemon.directory, { 'hello.js': answering('two') });
  const [reloaded] = await daemon.json<DeployReport[]>('reload');
  t.strictSame(reloaded && change(reloaded), ['hello changed']);
  t.equal(reloaded?.sockets[0]?.url, url, 'the address stays');
  t.equal(await text(url), 'two');

  const versions = await daemon.json<VersionReport[]>('versions', 'hello');
  t.strictSame(
    versions.map(({ isCurrent }) => isCurrent),
    [true, false],
  );
  rmSync(join(daemon.directory, 'hello.js'));
  t.strictSame(change(await daemon.json<DeployReport>('rollback', 'hello')), ['hello changed']);
  t.equal(await text(url), 'one', 'without the source');
  await daemon.json('rollback', 'hello', versions[0]?.version.slice(0, 8) ?? '');
  t.equal(await text(url), 'two');
  const unknown = await daemon.nanod('rollback', 'hello', 'ffff');
  t.equal(unknown.status, 1);
  t.match(unknown.stderr, /^error\[VERSION_UNKNOWN\]/);

  await daemon.json('stop', 'hel*');
  await t.rejects(text(url), 'nobody listens for a stopped service');
  const [stopped] = await daemon.json<ServiceReport[]>('ls');
  t.match(stopped, { name: 'hello', state: 'stopped', urls: [] });
  await daemon.json('restart', 'all');
  const [again] = await daemon.json<ServiceReport[]>('list');
  t.match(again, { state: 'online', restarts: 1 });
  t.equal(await text(again?.urls[0]), 'two');

  t.match((await daemon.nanod('stop', 'helo')).stderr, /no service matches "helo"; did you mean "hello"\?/);
  await daemon.json('delete', 'hello');
  t.strictSame(await daemon.json('ps'), []);
  const { pid } = await daemon.json<{ pid: number }>('ping');
  t.equal(pid, daemon.pid());
  t.equal((await daemon.nanod('kill')).status, 0);
  t.notOk(existsSync(join(daemon.home, 'nanod.pid')));
  t.match(await daemon.nanod('ls'), { status: 1, stderr: /^error\[DAEMON_NOT_RUNNING\][^]*nanod start/ });
});

t.test('a deployment that fails changes nothing, and says where', async (t) => {
  const { daemon, url } = await started(t);
  const wrong: [string, number, RegExp][] = [
    ['syntax error(', 2, /^error\[WORKER_SYNTAX\]: hello\.js:1:/],
    ['\nthrow new Error("no")', 1, /^error\[WORKER_EVALUATION\]: hello\.js:2:7: .*Error: no/],
  ];
  for (const [code, status, message] of wrong) {
    rewrite(daemon.directory, { 'hello.js': code });
    const outcome = await daemon.nanod('reload', 'hello');
    t.equal(outcome.status, status);
    t.match(outcome.stderr, message);
    t.equal(await text(url), 'one');
  }
});

t.test('killed, it comes back with what was deployed, and stopped services stay stopped', async (t) => {
  const { daemon } = await started(t);
  const config = {
    apps: [
      { name: 'idle', script: 'idle.js' },
      { name: 'third', script: 'idle.js' },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'idle' }],
  };
  rewrite(daemon.directory, {
    'idle.js': answering('idle'),
    'more.config.mjs': `export default ${JSON.stringify(config)}`,
  });
  const more = await daemon.json<DeployReport>('start', 'more.config.mjs');
  t.strictSame(change(more), ['hello same', 'idle new', 'third new']);
  await daemon.json('stop', 'idle');
  const pid = daemon.pid();
  daemon.signal('SIGKILL');
  while ((await daemon.nanod('ping')).status === 0);
  const { sockets } = await daemon.json<DeployReport>('resurrect');
  t.not(daemon.pid(), pid);
  t.strictSame(
    sockets.map(({ service }) => service),
    ['hello'],
  );
  t.equal(await text(sockets[0]?.url), 'one');
  const states = (await daemon.json<ServiceReport[]>('ls')).map(({ name, state }) => `${name} ${state}`);
  t.strictSame(states, ['hello online', 'idle stopped', 'third online']);
  const [fresh] = await daemon.json<ServiceReport[]>('start', 'idle');
  t.equal(await text(fresh?.urls[0]), 'idle');
});

t.test('a second daemon on the same home is refused', async (t) => {
  const { daemon } = await started(t);
  const second = await daemon.nanod('daemon');
  t.equal(second.status, 1);
  t.match(second.stderr, /^error\[DAEMON_RUNNING\]: a daemon \(process \d+\) is running on /);
  t.equal((await daemon.nanod('ping')).status, 0, 'the first one is still there');
});

t.test('a state that cannot be read is set aside', async (t) => {
  const { daemon } = await started(t);
  await daemon.nanod('kill');
  writeFileSync(join(daemon.home, 'state.json'), '{"format":1,"sources":[{');
  const report = await daemon.json<DeployReport>('resurrect');
  t.strictSame(report.services, []);
  const [aside] = readdirSync(daemon.home).filter((name) => name.startsWith('state.json.corrupt-'));
  t.equal(readFileSync(join(daemon.home, String(aside)), 'utf8'), '{"format":1,"sources":[{');
  t.match(daemon.log(), /the saved state cannot be read/);
});

t.test('what cannot be brought back keeps nothing else from it, and is not forgotten', async (t) => {
  const { daemon } = await started(t);
  rewrite(daemon.directory, { 'job.js': answering('job') });
  const { sockets } = await daemon.json<DeployReport>('start', 'job.js', '--port', '0');
  const job = sockets.find(({ service }) => service === 'job')?.url ?? '';
  await daemon.nanod('kill');
  const versions = join(daemon.home, 'versions');
  for (const name of readdirSync(versions)) {
    const path = join(versions, name);
    const content = readFileSync(path, 'utf8');
    if (content.includes("'one'")) writeFileSync(path, content.replace("'one'", "'two'"));
  }
  const outcome = await daemon.nanod('resurrect');
  t.equal(outcome.status, 1);
  t.match(outcome.stdout, /^ {2}failed {3}\S+ecosystem\.config\S+: the kept code \w+ cannot be read/mu);
  t.match(await daemon.json<ServiceReport[]>('ls'), [
    { name: 'hello', state: 'errored', reason: /cannot be read/, urls: [] },
    { name: 'job', state: 'online' },
  ]);
  const [again] = (await daemon.json<ServiceReport[]>('ls')).flatMap(({ urls }) => urls);
  t.equal(await text(again), 'job');
  t.not(again, job, 'port 0 is any port');
  t.match((await daemon.nanod('restart', 'hello')).stderr, /^error\[BUNDLE_DAMAGED\]/);
  t.match(daemon.log(), /a configuration could not be brought back/);
  const { services } = await daemon.json<DeployReport>('start');
  t.match(services, [
    { name: 'hello', change: 'new' },
    { name: 'job', change: 'same' },
  ]);
  await daemon.nanod('kill');
  t.strictSame((await daemon.json<DeployReport>('resurrect')).failures, [], 'the damaged code was replaced');
});

t.test('a configuration whose address is taken comes back when the address is free', async (t) => {
  const { daemon } = await started(t);
  const taken = createServer();
  const { port } = await listening(taken);
  const other = {
    apps: [{ name: 'other', script: 'other.js' }],
    sockets: [{ name: 'http', address: `127.0.0.1:${port}`, service: 'other' }],
  };
  rewrite(daemon.directory, {
    'other.js': answering('other'),
    'other.config.mjs': `export default ${JSON.stringify(other)}`,
  });
  const refused = await daemon.nanod('start', 'other.config.mjs');
  t.match(refused, {
    status: 1,
    stderr: /^error\[SOCKET_IN_USE\]: sockets\[0\]\.address \(\S*other\.config\.mjs\): /,
  });
  await closed(taken);
  await daemon.json('start', 'other.config.mjs');
  await daemon.nanod('kill');
  const again = createServer();
  await listening(again, port);
  t.match(await daemon.json<DeployReport>('resurrect').catch((error: Error) => error.message), /status 1/);
  t.match(await daemon.json<ServiceReport[]>('ls'), [
    { state: 'online' },
    { state: 'errored', reason: /another process is listening/ },
  ]);
  await closed(again);
  const state = async (): Promise<string | undefined> =>
    (await daemon.json<ServiceReport[]>('ls')).find(({ name }) => name === 'other')?.state;
  while ((await state()) !== 'online'); // it is tried again without being asked
  t.equal(await text(`http://127.0.0.1:${port}/`), 'other');
});

t.test('one script under two names is two services', async (t) => {
  const daemon = makeDaemon(t, { files: { 'job.js': answering('job') } });
  await daemon.json('start', 'job.js', '--name', 'a');
  await daemon.json('start', 'job.js', '--name', 'b');
  const names = (await daemon.json<ServiceReport[]>('ls')).map(({ name }) => name);
  t.strictSame(names, ['a', 'b']);
  rewrite(daemon.directory, { 'job.js': answering('another') });
  const reports = await daemon.json<DeployReport[]>('reload', 'b');
  t.strictSame(reports.map(change), [['a same', 'b changed']]);
});

t.test('what the command line says over a configuration stays with it', async (t) => {
  const capnp = `using Workerd = import "/workerd/workerd.capnp";
    const first :Workerd.Config = ( sockets = [] );
    const second :Workerd.Config = (
      services = [(name = "files", disk = (path = "nowhere"))],
      sockets = [(name = "http", http = (), service = "files")] );`;
  const daemon = makeDaemon(t, { files: { 'files.capnp': capnp, 'public/a.txt': 'a file' } });
  const said = ['-s', 'http=127.0.0.1:0', '-d', 'files=public'];
  const { sockets } = await daemon.json<DeployReport>('start', 'files.capnp', 'second', ...said);
  t.equal(await text(`${sockets[0]?.url}a.txt`), 'a file');
  const [reloaded] = await daemon.at(t.testdir({})).json<DeployReport[]>('reload');
  t.strictSame(reloaded && change(reloaded), ['files same']);
  t.strictSame(reloaded?.sockets, sockets);
});

t.test('names and addresses belong to one configuration', async (t) => {
  const { daemon } = await started(t);
  const hello = { apps: [{ name: 'hello', script: 'hello.js' }] };
  rewrite(daemon.directory, { 'other.config.mjs': `export default ${JSON.stringify(hello)}` });
  const outcome = await daemon.nanod('start', 'other.config.mjs');
  t.equal(outcome.status, 1);
  t.match(
    outcome.stderr,
    /^error\[SERVICE_TAKEN\]: .*other\.config\.mjs: the service "hello" is deployed from /,
  );
});

t.test('a script by itself, and more threads for it', async (t) => {
  const daemon = makeDaemon(t, {
    files: { 'job.ts': 'export default { fetch: (r: Request) => new Response(r.method) };' },
  });
  const { sockets, threads } = await daemon.json<DeployReport>(
    'start',
    'job.ts',
    '--port',
    '0',
    '--name',
    'api',
  );
  t.match(sockets, [{ service: 'api' }]);
  t.equal(await text(sockets[0]?.url), 'GET');
  const groups = await daemon.json<{ threads: number }[]>('scale', 'api', '+1');
  t.equal(groups[0]?.threads, threads + 1);
  t.match((await daemon.nanod('scale', 'api', '0')).stderr, /^error\[USAGE\]/);
  t.match((await daemon.nanod('scale', 'api', 'abc')).stderr, /^error\[USAGE\].*a number of threads/);
  t.match((await daemon.nanod('scale', 'apu', '2')).stderr, /^error\[GROUP_UNKNOWN\].*did you mean "api"/);
  const [reloaded] = await daemon.json<DeployReport[]>('reload');
  t.strictSame(reloaded && change(reloaded), ['api same'], 'its name and its port are kept');
  t.equal(await text(sockets[0]?.url), 'GET');
});

t.test('nobody else can enter its home', async (t) => {
  const { daemon } = await started(t);
  t.equal(statSync(daemon.home).mode & 0o777, 0o700);
  for (const name of ['nanod.sock', 'nanod.pid', 'state.json'])
    t.equal(statSync(join(daemon.home, name)).mode & 0o777, 0o600, name);
});

t.test('the commands that the page about the daemon shows for its socket', async (t) => {
  const { daemon } = await started(t);
  const { text: page } = readPage('docs/daemon.md');
  const [, block = ''] = /```text\n(curl [^]*?)```/u.exec(page) ?? [];
  const commands = block
    .replaceAll('\\\n', '')
    .split('\n')
    .filter((line) => line !== '');
  t.equal(commands.length, 2);
  const outputs = await Promise.all(
    commands.map((command) =>
      shell(
        command.replaceAll('~/.nanod', daemon.home).replaceAll('api-*', 'hello').replace('curl', 'curl -s'),
      ),
    ),
  );
  t.match(JSON.parse(outputs[0] ?? ''), [{ name: 'hello' }]);
  t.strictSame(JSON.parse(outputs[1] ?? ''), { services: ['hello'] });
  const nowhere = await shell(
    `curl -s -w '%{http_code}' --unix-socket ${daemon.home}/nanod.sock http://nanod/v1/nothing`,
  );
  t.match(nowhere, /"CONTROL_ROUTE".*404$/);
  const bad = await shell(
    `curl -s --unix-socket ${daemon.home}/nanod.sock http://nanod/v1/rollback -d '{"x":1}'`,
  );
  t.match(bad, /"CONTROL_REQUEST"/);
});

t.test('directories of a capnp file stay where they were when it is reloaded from elsewhere', async (t) => {
  const capnp = `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "files", disk = (path = "public"))],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "files")] );`;
  const daemon = makeDaemon(t, { files: { 'files.capnp': capnp, 'public/a.txt': 'a file' } });
  const { sockets } = await daemon.json<DeployReport>('start', 'files.capnp');
  t.equal(await text(`${sockets[0]?.url}a.txt`), 'a file');
  const elsewhere = t.testdir({ public: { 'a.txt': 'another' } });
  const [reloaded] = await daemon.at(elsewhere).json<DeployReport[]>('reload');
  t.strictSame(reloaded && change(reloaded), ['files same']);
  t.equal(await text(`${reloaded?.sockets[0]?.url}a.txt`), 'a file');
});

t.test('a share of the requests, promoted and aborted', async (t) => {
  const { daemon, url } = await started(t);
  t.match(await daemon.nanod('deploy', '--percent', '10'), {
    status: 1,
    stderr: /^error\[SHARE_REFUSED\].*nothing has changed/,
  });
  t.match(await daemon.nanod('deploy', '--promote'), { status: 1, stderr: /^error\[SHARE_NONE\]/ });
  t.match(await daemon.nanod('deploy', '--percent', '101'), { status: 2, stderr: /^error\[USAGE\]/ });
  t.match(await daemon.nanod('deploy', '--percent', '1', '--sticky', 'x'), { status: 2 });
  rewrite(daemon.directory, { 'hello.js': answering('two') });
  const report = await daemon.json<DeployReport>('deploy', '--percent', '100', '--sticky', 'cookie:id');
  t.strictSame(change(report), ['hello shared']);
  t.equal(await text(url), 'two');
  const versions = await daemon.json<VersionReport[]>('versions');
  t.match(versions, [
    { service: 'hello', isCurrent: false, share: { percent: 100, requests: 1, errors: 0 } },
    { service: 'hello', isCurrent: true, share: { percent: 0, requests: 0, errors: 0 } },
  ]);
  t.match((await daemon.nanod('versions')).stdout, /share +requests +errors +rate/);
  t.strictSame(change(await daemon.json<DeployReport>('deploy', '--abort')), ['hello same']);
  t.equal(await text(url), 'one');

  await daemon.json('deploy', '--percent', '100');
  daemon.signal('SIGKILL');
  while ((await daemon.nanod('ping')).status === 0);
  const { sockets } = await daemon.json<DeployReport>('resurrect');
  t.equal(await text(sockets[0]?.url), 'two', 'the share survives the daemon');
  t.strictSame(change(await daemon.json<DeployReport>('deploy', 'hello', '--promote')), ['hello changed']);
  t.equal(await text(sockets[0]?.url), 'two');
  t.match(await daemon.json<VersionReport[]>('versions'), [
    { version: versions[0]?.version, isCurrent: true },
    {},
  ]);
});
