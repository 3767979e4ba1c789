/** A directory behind a socket and behind a worker, with curl as the client. */

import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import t from 'tap';
import { serve } from '../helpers/nanod.ts';

const run = promisify(execFile);

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(
    'curl',
    ['--silent', '--show-error', '--max-time', '20', '--path-as-is', ...args],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}

const config = {
  threads: 1,
  apps: [{ name: 'main', script: 'main.js', bindings: { FILES: { service: 'files' } } }],
  services: [{ name: 'files', kind: 'disk', path: 'files', writable: true }],
  sockets: [
    { name: 'direct', address: '127.0.0.1:0', service: 'files' },
    { name: 'worker', address: '127.0.0.1:0', service: 'main' },
  ],
};
const files = {
  'files/a.txt': 'hello',
  'secret.txt': 'secret',
  'main.js': `export default { async fetch(request, env) {
    const response = await env.FILES.fetch(request);
    return new Response(response.body, { status: response.status, headers: { ...Object.fromEntries(response.headers), 'content-type': 'text/plain' } });
  } };`,
};

t.test('files are read, written, and removed', async (t) => {
  const { urls, directory } = await serve(t, { config, files });
  const status = (...args: string[]): Promise<string> =>
    curl('--output', '/dev/null', '--write-out', '%{http_code}', ...args);
  for (const url of urls) {
    t.equal(await curl(`${url}a.txt`), 'hello');
    t.equal(await curl('--range', '1-2', `${url}a.txt`), 'el');
    t.equal(await curl(url), '[{"name":"a.txt","type":"file"}]');
    for (const path of ['../secret.txt', '%2e%2e/secret.txt', '..%2fsecret.txt', '..%5csecret.txt'])
      t.notMatch(await curl(`${url}${path}`), /secret\n?$/u, path);
    const large = join(directory, 'large');
    writeFileSync(large, 'x'.repeat(5_000_000));
    t.equal(await status('--upload-file', large, `${url}up/large`), '204');
    t.equal(readFileSync(join(directory, 'files/up/large')).byteLength, 5_000_000);
    t.equal((await curl(`${url}up/large`)).length, 5_000_000);
    t.equal(await status('--request', 'DELETE', `${url}up`), '204');
    t.equal(await status(`${url}up/large`), '404');
  }
});

t.test('a client that goes away leaves no file open', { skip: process.platform !== 'linux' }, async (t) => {
  const { urls, directory, pid } = await serve(t, { config, files });
  const path = join(directory, 'files', 'large');
  mkdirSync(join(directory, 'files'), { recursive: true });
  writeFileSync(path, 'x'.repeat(20_000_000));
  for (const url of urls) {
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        await new Promise<void>((resolve, reject) => {
          const request = get(`${url}large`, (response) => {
            response.once('data', () => {
              request.destroy();
              resolve();
            });
            response.on('error', () => undefined);
          });
          request.on('error', (error: NodeJS.ErrnoException) =>
            error.code === 'ECONNRESET' ? undefined : reject(error),
          );
        });
      }),
    );
    while (isOpen(pid, path)) await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(await curl(`${urls[0]}a.txt`), 'hello');
});

/** Whether a process has the file open. */
function isOpen(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`) === path;
    } catch {
      return false;
    }
  });
}
