/** A directory over HTTP, against real files: what is served, what is written, and that nothing else is reached. */

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t, { type Test } from 'tap';
import { neutral } from '../../src/realm/neutral.ts';
import type { BodyState, ResponseState } from '../../src/realm/prelude/state.ts';
import { type DiskOptions, type DiskService, makeDiskService } from '../../src/services/disk.ts';
import {
  aborted,
  type CallInit,
  fetchError,
  fetchState,
  headerLines,
  pulledBody,
  readBody,
  readStep,
  sourceOf,
  startCall,
} from '../helpers/exchange.ts';

const base = 'http://disk';

function disk(
  t: Test,
  files: NonNullable<Parameters<Test['testdir']>[0]>,
  options: Partial<DiskOptions> = {},
): DiskService & { path: string } {
  const path = join(t.testdir({ root: files, outside: { 'secret.txt': 'secret' } }), 'root');
  const service = makeDiskService({ path, writable: false, allowDotfiles: false, ...options });
  t.teardown(() => service.close());
  return { ...service, path };
}

async function bytesOf(body: BodyState): Promise<Buffer> {
  if (typeof body === 'string') return Buffer.from(body);
  if (body === undefined) return Buffer.alloc(0);
  return body.kind === 'bytes' ? Buffer.from(body.buffer as ArrayBuffer) : readBody(body);
}

async function textOf({ body }: ResponseState): Promise<string> {
  return (await bytesOf(body)).toString();
}

function header(response: ResponseState, name: string): string | undefined {
  return headerLines(response)
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);
}

async function status(service: DiskService, path: string, init?: CallInit): Promise<number> {
  return (await fetchState(service, `${base}${path}`, init)).status;
}

const put = (body: BodyState, ...headers: string[]): CallInit => ({ method: 'PUT', body, headers });

/** Descriptors of this process that lead below a path. */
function descriptors(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
    } catch {
      return false;
    }
  }).length;
}

const onLinux = { skip: process.platform !== 'linux' };

t.test('files, large and small, with what is known of them', async (t) => {
  const large = 'x'.repeat(300_000);
  const service = disk(t, { 'a.txt': 'hello', empty: '', sub: { 'b c é.bin': large } });
  const small = await fetchState(service, `${base}/a.txt?query#hash`);
  t.equal(small.status, 200);
  t.equal(await textOf(small), 'hello');
  t.match(headerLines(small), [
    'content-type: application/octet-stream',
    /^etag: "[0-9a-z-]+"$/u,
    /^last-modified: \w{3}, .* GMT$/u,
    'accept-ranges: bytes',
    'content-length: 5',
  ]);
  t.equal(await textOf(await fetchState(service, `${base}/empty`)), '');
  const streamed = await fetchState(service, `${base}/sub/b%20c%20%C3%A9.bin`);
  t.equal(typeof streamed.body === 'object' && streamed.body.length, 300_000);
  t.equal(await textOf(streamed), large);
  t.equal(await status(service, '/none'), 404);
  t.equal(await status(service, '/a.txt/b'), 404);
  while (service.openFiles() > 0) await new Promise(setImmediate); // the system closes it first
});

t.test('HEAD tells the same, without a body', async (t) => {
  const service = disk(t, { 'a.txt': 'hello', sub: {} });
  const [get, head] = [
    await fetchState(service, `${base}/a.txt`),
    await fetchState(service, `${base}/a.txt`, { method: 'HEAD' }),
  ];
  t.strictSame(headerLines(head), headerLines(get));
  t.equal(head.body, undefined);
  t.equal((await fetchState(service, `${base}/sub`, { method: 'HEAD' })).body, undefined);
});

t.test('listings name what is there, by type', onLinux, async (t) => {
  const service = disk(t, { b: 'x', a: { inner: '' }, '.hidden': '', '.nanod-put-0123': '' });
  symlinkSync('b', join(service.path, 'link'));
  execFileSync('mkfifo', [join(service.path, 'pipe')]);
  const server = createServer().listen(join(service.path, 'sock'));
  await once(server, 'listening');
  t.teardown(() => server.close());
  const response = await fetchState(service, `${base}/`);
  t.equal(header(response, 'content-type'), 'application/json');
  t.strictSame(JSON.parse(await textOf(response)), [
    { name: 'a', type: 'directory' },
    { name: 'b', type: 'file' },
    { name: 'link', type: 'symlink' },
    { name: 'pipe', type: 'namedPipe' },
    { name: 'sock', type: 'socket' },
  ]);
  const all = makeDiskService({ path: service.path, writable: true, allowDotfiles: true });
  const names = (JSON.parse(await textOf(await fetchState(all, base))) as { name: string }[]).map(
    ({ name }) => name,
  );
  t.ok(names.includes('.hidden'));
  t.notOk(
    names.some((name) => name.startsWith('.nanod')),
    "what is being written is nobody else's",
  );
  for (const path of ['/pipe', '/sock']) t.equal(await status(service, path), 406, path);
  t.equal(await status(service, '/a/inner/'), 200);
});

t.test('ranges', async (t) => {
  const service = disk(t, { f: '0123456789' });
  const part = async (range: string): Promise<string> => {
    const response = await fetchState(service, `${base}/f`, { headers: ['range', range] });
    const where = header(response, 'content-range') ?? '';
    const text = response.status === 416 ? '' : await textOf(response);
    return `${response.status} ${where} ${text}`;
  };
  t.equal(await part('bytes=0-3'), '206 bytes 0-3/10 0123');
  t.equal(await part('bytes=8-'), '206 bytes 8-9/10 89');
  t.equal(await part('bytes=-3'), '206 bytes 7-9/10 789');
  t.equal(await part('bytes=-99'), '206 bytes 0-9/10 0123456789');
  t.equal(await part('bytes=5-99'), '206 bytes 5-9/10 56789');
  t.equal(await part('bytes=10-'), '416 bytes */10 ');
  t.equal(await part('bytes=-0'), '416 bytes */10 ');
  for (const whole of ['bytes=0-1,3-4', 'bytes=5-1', 'lines=1-2', 'bytes=', 'bytes=-', 'bytes=a-b', ''])
    t.equal(await part(whole), '200  0123456789', whole);
  const headOnly = await fetchState(service, `${base}/f`, {
    method: 'HEAD',
    headers: ['range', 'bytes=0-1'],
  });
  t.equal(headOnly.status, 200);
});

t.test('conditional requests', async (t) => {
  const service = disk(t, { f: '0123456789' });
  utimesSync(join(service.path, 'f'), 1e9, 1e9);
  const first = await fetchState(service, `${base}/f`);
  const [etag = '', modified = ''] = [header(first, 'etag'), header(first, 'last-modified')];
  t.equal(modified, 'Sun, 09 Sep 2001 01:46:40 GMT');
  const [before, after] = ['Sun, 09 Sep 2001 01:46:39 GMT', 'Sun, 09 Sep 2001 01:46:41 GMT'];
  const get = (...headers: string[]): Promise<number> => status(service, '/f', { headers });
  t.equal(await get('if-none-match', etag), 304);
  t.equal(await get('if-none-match', `"x", W/${etag}`), 304);
  t.equal(await get('if-none-match', '*'), 304);
  t.equal(await get('if-none-match', '"x"'), 200);
  t.equal(await get('if-modified-since', modified), 304);
  t.equal(await get('if-modified-since', after), 304);
  t.equal(await get('if-modified-since', before), 200);
  t.equal(await get('if-modified-since', 'yesterday'), 200);
  t.equal(await get('if-none-match', '"x"', 'if-modified-since', modified), 200, 'the tag has the last word');
  t.equal(await get('if-match', etag), 200);
  t.equal(await get('if-match', `W/${etag}`), 412);
  t.equal(await get('if-match', '"x"'), 412);
  t.equal(await get('if-unmodified-since', before), 412);
  t.equal(await get('if-unmodified-since', modified), 200);
  const range = (condition: string): Promise<number> => get('range', 'bytes=0-1', 'if-range', condition);
  t.equal(await range(etag), 206);
  t.equal(await range(`W/${etag}`), 200);
  t.equal(await range('"x"'), 200);
  t.equal(await range(modified), 206);
  t.equal(await range(after), 200, 'a date has to be that of the file');
  const response = await fetchState(service, `${base}/f`, { headers: ['if-none-match', etag] });
  t.equal(response.body, undefined);
  t.equal(header(response, 'etag'), etag);
  writeFileSync(join(service.path, 'f'), '0123456780');
  t.equal(await get('if-none-match', etag), 200, 'the file was changed');
});

/** Ways to say "above", to those who decode twice, or leniently, or have other separators. */
const tricks = [
  ...[
    '/../outside/secret.txt',
    '/sub/../../outside/secret.txt',
    '/%2e%2e/outside/secret.txt',
    '/%2E%2E%2Foutside%2Fsecret.txt',
  ],
  ...[
    '/.%2e/outside/secret.txt',
    '/..%2foutside%2fsecret.txt',
    '/sub%2f..%2f..%2foutside%2fsecret.txt',
    '/..%5coutside%5csecret.txt',
  ],
  ...['/%252e%252e/outside/secret.txt', '/..%252foutside%252fsecret.txt', '/%c0%ae%c0%ae/outside/secret.txt'],
  ...[
    '/%e0%80%ae%e0%80%ae/outside/secret.txt',
    '/%c0%af..%c0%afoutside',
    '/%u002e%u002e/outside',
    '/..;/outside/secret.txt',
  ],
  ...[
    '/sub/%2e%2e%2f%2e%2e%2foutside/secret.txt',
    '/%2e%2e%00/outside',
    '/a%00.txt',
    '/a.txt%00',
    '/a.txt%0a',
    '/%2f%2foutside',
  ],
  ...[
    '/\\..\\outside\\secret.txt',
    '/..\\outside\\secret.txt',
    '/%5c%5coutside',
    '/．．/outside/secret.txt',
    '/%ff%fe',
    '/%',
    '/%zz',
  ],
  ...[
    '//../outside/secret.txt',
    '/./../outside/secret.txt',
    '/....//outside/secret.txt',
    `/${'a/'.repeat(65)}`,
    `/${'a'.repeat(256)}`,
    `${`/${'a'.repeat(255)}`.repeat(9)}`,
  ],
];

t.test('no path leads out', async (t) => {
  const service = disk(t, { 'a.txt': 'inside', sub: {} }, { writable: true, allowDotfiles: true });
  const absolute = ['outside/secret.txt', 'etc/passwd'].map(
    (path) => `/${encodeURIComponent(join(service.path, '..', path))}`,
  );
  for (const path of [...tricks, ...absolute]) {
    // As it comes, without the normalization of a URL, and with it.
    for (const url of [`${base}${path}`, URL.parse(`${base}${path}`)?.href ?? base]) {
      const response = await fetchState(service, url);
      t.equal(response.status, 404, url.slice(0, 80));
      const written = await status(service, url.slice(base.length), put('pwned'));
      t.ok([403, 204].includes(written) || written === 404, `${written}`);
      await fetchState(service, url, { method: 'DELETE' });
    }
  }
  const outside = join(service.path, '..', 'outside');
  t.strictSame(readdirSync(outside), ['secret.txt']);
  t.equal(readFileSync(join(outside, 'secret.txt'), 'utf8'), 'secret');
  t.strictSame(readdirSync(join(outside, '..')).sort(), ['outside', 'root']);
});

t.test('names that begin with a dot are there for those only who may see them', async (t) => {
  const files = { '.env': 'key', '.git': { config: 'x' }, sub: { '.x': 'y' }, 'a.b': 'fine' };
  const service = disk(t, files, { writable: true });
  for (const path of ['/.env', '/.git/config', '/%2egit/config', '/%2Eenv', '/sub/.x', '/.git', '/.none']) {
    t.equal(await status(service, path), 404, path);
    t.equal(await status(service, path, put('x')), 403, path);
    t.equal(await status(service, path, { method: 'DELETE' }), 403, path);
  }
  t.equal(await status(service, '/a.b'), 200);
  const all = makeDiskService({ path: service.path, writable: true, allowDotfiles: true });
  t.equal(await textOf(await fetchState(all, `${base}/.git/config`)), 'x');
  t.equal(await status(all, '/.nanod-put-0123', put('x')), 403);
});

t.test('links are followed as far as they stay inside', async (t) => {
  const service = disk(t, { 'a.txt': 'inside', sub: { 'b.txt': 'below' } }, { writable: true });
  const link = (target: string, name: string): void => symlinkSync(target, join(service.path, name));
  link('a.txt', 'good');
  link('sub', 'folder');
  link('../outside/secret.txt', 'bad');
  link('../outside', 'out');
  link(join(service.path, '..', 'outside'), 'absolute');
  link('/etc/passwd', 'passwd');
  link('/dev/zero', 'zero');
  link('..', 'up');
  link('loop', 'loop');
  link('../root-other', 'sibling');
  mkdirSync(join(service.path, '..', 'root-other'));
  writeFileSync(join(service.path, '..', 'root-other', 'x'), 'secret');
  t.equal(await textOf(await fetchState(service, `${base}/good`)), 'inside');
  t.equal(await textOf(await fetchState(service, `${base}/folder/b.txt`)), 'below');
  const bad = [
    '/bad',
    '/out',
    '/out/secret.txt',
    '/absolute/secret.txt',
    '/passwd',
    '/zero',
    '/up',
    '/up/outside/secret.txt',
  ];
  for (const path of [...bad, '/loop', '/sibling/x', '/sibling'])
    t.equal(await status(service, path), 404, path);
  for (const path of ['/out/new', '/out/secret.txt', '/up/new', '/sibling/x', '/absolute/deep/new']) {
    t.equal(await status(service, path, put('pwned')), 404, path);
    t.equal(await status(service, path, { method: 'DELETE' }), 404, path);
  }
  t.equal(await status(service, '/bad', put('mine')), 204, 'the link is replaced, and not what it leads to');
  t.equal(lstatSync(join(service.path, 'bad')).isFile(), true);
  t.equal(
    await status(service, '/out', { method: 'DELETE' }),
    204,
    'the link is removed, and not what it leads to',
  );
  t.equal(readFileSync(join(service.path, '..', 'outside', 'secret.txt'), 'utf8'), 'secret');
  t.strictSame(readdirSync(join(service.path, '..', 'outside')), ['secret.txt']);
});

t.test('nothing leaks while links are exchanged', onLinux, async (t) => {
  const service = disk(t, { real: { 'secret.txt': 'inside' } }, { writable: true });
  const [root, outside] = [service.path, join(service.path, '..', 'outside')];
  let isOver = false;
  let swaps = 0;
  const point = (target: string): Promise<void> => {
    symlinkSync(target, join(root, 'next'));
    renameSync(join(root, 'next'), join(root, 'good'));
    return new Promise((resolve) => setImmediate(resolve));
  };
  const swap = async (): Promise<void> => {
    for (; !isOver; swaps++) {
      await point(outside);
      await point('real');
    }
  };
  const swapping = swap();
  const seen = new Set<string>();
  for (let i = 0; i < 100; i++) {
    const [read] = await Promise.all([
      fetchState(service, `${base}/good/secret.txt`),
      fetchState(service, `${base}/good/new${i}`, put('x')),
      fetchState(service, `${base}/good/new${i}`, { method: 'DELETE' }),
    ]);
    seen.add(read.status === 200 ? await textOf(read) : String(read.status));
  }
  isOver = true;
  await swapping;
  t.notOk(seen.has('secret'), [...seen].join());
  t.ok(swaps > 0);
  t.strictSame(readdirSync(outside), ['secret.txt']);
});

t.test('a file is replaced as a whole, from a body of any kind', async (t) => {
  const service = disk(t, { 'a.txt': 'old' }, { writable: true });
  const read = (name: string): string => readFileSync(join(service.path, name), 'utf8');
  t.equal(await status(service, '/a.txt', put('new é')), 204);
  t.equal(read('a.txt'), 'new é');
  const { buffer } = new TextEncoder().encode('bytes');
  t.equal(await status(service, '/new/deep/b', put(neutral.bytesBody(buffer.slice(0, 5), 5))), 204);
  t.equal(read('new/deep/b'), 'bytes');
  const pieces = ['one ', 'two'];
  t.equal(await status(service, '/c', put(pulledBody(() => pieces.shift()))), 204);
  t.equal(read('c'), 'one two');
  t.equal(await status(service, '/c', put(undefined)), 204);
  t.equal(read('c'), '');
  t.equal(await status(service, '/new', put('x')), 409, 'a directory is there');
  t.equal(await status(service, '/c/d', put('x')), 409, 'a file is in the way');
  t.equal(await status(service, '/', put('x')), 403);
  t.strictSame(readdirSync(service.path).sort(), ['a.txt', 'c', 'new']);
});

t.test('half a body changes nothing, and leaves nothing behind', async (t) => {
  const service = disk(t, { 'a.txt': 'old' }, { writable: true });
  const failing = pulledBody(() => {
    if (isBegun) throw new RangeError('dry');
    isBegun = true;
    return 'half';
  });
  let isBegun = false;
  const error = await fetchError(service, `${base}/a.txt`, put(failing));
  t.match(error, { code: 'DISK_FAILED', message: /the body of the request failed: RangeError: dry/u });
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: canceled, resolve: cancel } = Promise.withResolvers<void>();
  let reads = 0;
  const endless = pulledBody(
    () => {
      if (reads++ === 0) return 'half';
      ask();
      return new Promise<never>(() => undefined);
    },
    { onCancel: () => cancel() },
  );
  const started = startCall(service, `${base}/a.txt`, put(endless));
  await asked;
  t.equal(readdirSync(service.path).length, 2, 'it is written beside its place');
  started.abort();
  await canceled;
  while (readdirSync(service.path).length > 1) await new Promise(setImmediate);
  t.equal(readFileSync(join(service.path, 'a.txt'), 'utf8'), 'old');
  t.equal(started.settled(), 0);
});

t.test('writing under conditions', async (t) => {
  const service = disk(t, { f: 'old' }, { writable: true });
  const etag = header(await fetchState(service, `${base}/f`), 'etag') ?? '';
  t.equal(await status(service, '/f', put('x', 'if-match', '"other"')), 412);
  t.equal(await status(service, '/f', put('x', 'if-none-match', '*')), 412);
  t.equal(await status(service, '/none', put('x', 'if-match', '*')), 412);
  t.equal(readFileSync(join(service.path, 'f'), 'utf8'), 'old');
  t.equal(await status(service, '/f', put('new', 'if-match', etag)), 204);
  t.equal(await status(service, '/f', put('newer', 'if-match', etag)), 412, 'it is another file now');
  t.equal(await status(service, '/g', put('x', 'if-none-match', '*')), 204);
  t.equal(await status(service, '/f', { method: 'DELETE', headers: ['if-match', etag] }), 412);
  t.equal(readFileSync(join(service.path, 'f'), 'utf8'), 'new');
});

t.test('a file that changes while its successor arrives is not replaced', async (t) => {
  const service = disk(t, { f: 'old' }, { writable: true });
  const etag = header(await fetchState(service, `${base}/f`), 'etag') ?? '';
  const pieces = ['mine'];
  const body = pulledBody(() => {
    const next = pieces.shift();
    if (next === undefined) writeFileSync(join(service.path, 'f'), 'theirs, and longer');
    return next;
  });
  t.equal(await status(service, '/f', put(body, 'if-match', etag)), 412);
  t.equal(readFileSync(join(service.path, 'f'), 'utf8'), 'theirs, and longer');
});

t.test('DELETE removes files, links, and whole directories', async (t) => {
  const tree = { a: { b: { c: 'x' }, d: 'y', '.e': 'z' }, f: 'x' };
  const service = disk(t, tree, { writable: true });
  symlinkSync('../../outside', join(service.path, 'a', 'out'));
  const remove = (path: string): Promise<number> => status(service, path, { method: 'DELETE' });
  t.equal(await remove('/f'), 204);
  t.equal(await remove('/f'), 404);
  t.equal(await remove('/a'), 204);
  t.equal(await remove('/'), 403);
  t.strictSame(readdirSync(service.path), []);
  t.ok(existsSync(join(service.path, '..', 'outside', 'secret.txt')));
});

t.test('what is not writable is not written, and other methods are not there', async (t) => {
  const service = disk(t, { f: 'x' });
  const refused = await fetchState(service, `${base}/f`, put('y'));
  t.equal(refused.status, 405);
  t.equal(header(refused, 'allow'), 'GET, HEAD');
  t.equal(await status(service, '/f', { method: 'DELETE' }), 405);
  const { promise, resolve } = Promise.withResolvers<void>();
  const unread = pulledBody(() => new Promise<never>(() => undefined), { onCancel: () => resolve() });
  t.equal(await status(service, '/f', { method: 'POST', body: unread }), 501);
  await promise;
  t.equal(readFileSync(join(service.path, 'f'), 'utf8'), 'x');
});

t.test('a body is read at the pace of its reader, and the file is closed in the end', onLinux, async (t) => {
  const service = disk(t, { big: 'x'.repeat(1_000_000) });
  const path = join(service.path, 'big');
  const whole = await fetchState(service, `${base}/big`);
  t.equal(descriptors(path), 1);
  const source = sourceOf(whole.body);
  t.ok((await readStep(source)).bytes.byteLength <= 65_536);
  t.equal((await readBody(whole.body)).byteLength, 1_000_000 - 65_536);
  await closed(path);

  const canceled = await fetchState(service, `${base}/big`);
  await readStep(sourceOf(canceled.body));
  sourceOf(canceled.body).cancel(aborted);
  await closed(path);

  const given = startCall(service, `${base}/big`);
  const { response } = await given.outcome;
  given.abort();
  t.match(await readStep(sourceOf(response?.body)), { step: 'error', error: { name: 'AbortError' } });
  await closed(path);

  const early = startCall(service, `${base}/big`);
  early.abort();
  await closed(path);
  t.equal(early.settled(), 0);

  const last = await fetchState(service, `${base}/big`);
  await service.close();
  t.match(await readStep(sourceOf(last.body)), { step: 'error' });
  await closed(path);
  // The system has closed it before the service hears of that.
  while (service.openFiles() > 0) await new Promise(setImmediate);
});

/** Waits until nobody has the file open. */
async function closed(path: string): Promise<void> {
  while (descriptors(path) > 0) await new Promise(setImmediate);
}

t.test('a body that nobody reads or remembers does not keep its file open', onLinux, async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const service = disk(t, { big: 'x'.repeat(1_000_000) });
  await fetchState(service, `${base}/big`);
  while (service.openFiles() > 0) {
    gc();
    await new Promise(setImmediate);
  }
  await closed(join(service.path, 'big'));
});

t.test('a file that becomes shorter while it is read is an error, not a short body', async (t) => {
  const service = disk(t, { big: 'x'.repeat(1_000_000) });
  const { body } = await fetchState(service, `${base}/big`);
  await readStep(sourceOf(body));
  truncateSync(join(service.path, 'big'), 100);
  await t.rejects(readBody(body), /DISK_FAILED/u);
});

t.test('a reader goes on with the file that it began, when that is replaced', async (t) => {
  const service = disk(t, { big: 'a'.repeat(200_000) }, { writable: true });
  const { body } = await fetchState(service, `${base}/big`);
  const { bytes } = await readStep(sourceOf(body));
  t.equal(await status(service, '/big', put('b'.repeat(200_000))), 204);
  const rest = await readBody(body);
  t.equal(bytes.toString() + rest.toString(), 'a'.repeat(200_000));
  t.equal((await bytesOf((await fetchState(service, `${base}/big`)).body)).toString(), 'b'.repeat(200_000));
});

t.test('a directory that is exchanged as a whole is served from then on', async (t) => {
  const parent = t.testdir({ one: { f: '1' }, two: { f: '2' } });
  symlinkSync('one', join(parent, 'current'));
  const service = makeDiskService({ path: join(parent, 'current'), writable: false, allowDotfiles: false });
  t.equal(await textOf(await fetchState(service, `${base}/f`)), '1');
  symlinkSync('two', join(parent, 'next'));
  renameSync(join(parent, 'next'), join(parent, 'current'));
  t.equal(await textOf(await fetchState(service, `${base}/f`)), '2');
});
