/**
 * What do many services cost: the time from the start of `nanod serve` to its first response with 1,000 services configured, and the memory of
 * the process once each of them has been called, on one thread? Prints JSON: milliseconds, and MB of resident memory.
 * `--count N`: other than 1,000. `--built`: what `npm run build` has made, as users have it, instead of the sources.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startNanod } from './server.ts';
import { median } from './statistics.ts';

const ROUNDS = 3;

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, built: { type: 'boolean', default: false } },
});
const count = Number(values.count);
const program = values.built ? fileURLToPath(new URL('../dist/main.js', import.meta.url)) : undefined;

/** Each worker has a file of its own, and `front` calls the one that the path names, or all. */
function writeDeployment(directory: string): string {
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  for (const name of names) {
    const code = `export default { fetch: () => new Response('hello from ${name}') };\n`;
    writeFileSync(join(directory, `${name}.js`), code);
  }
  writeFileSync(
    join(directory, 'front.js'),
    `export default { async fetch(request, env) {
  const name = new URL(request.url).pathname.slice(1);
  if (name !== '') return env[name].fetch(request);
  for (const service of Object.values(env)) await (await service.fetch('http://service/')).text();
  return new Response('all');
} };\n`,
  );
  const apps = names.map((name) => ({ name, script: `${name}.js` }));
  const bindings = Object.fromEntries(names.map((name) => [name, { service: name }]));
  const config = {
    threads: 1,
    apps: [...apps, { name: 'front', script: 'front.js', bindings }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'front' }],
  };
  const path = join(directory, 'ecosystem.config.json');
  writeFileSync(path, JSON.stringify(config));
  return path;
}

/** Resident memory of a process and those that it has started, in MB. Linux only: elsewhere NaN. */
function residentMb(pid: number): number {
  try {
    const kib = /VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return children.reduce((sum, child) => sum + residentMb(Number(child)), Number(kib) / 1024);
  } catch {
    return NaN;
  }
}

async function expectText(url: string, text: string): Promise<void> {
  const response = await fetch(url);
  const found = await response.text();
  if (found !== text) throw new Error(`${url} answered ${response.status}: ${found}`);
}

interface Round {
  readonly firstResponse: number;
  readonly touchAll: number;
  readonly residentAtFirst: number;
  readonly residentAfterAll: number;
}

async function measure(config: string): Promise<Round> {
  const began = performance.now();
  const server = await startNanod(config, program);
  const url = server.urls.get('front') ?? '';
  try {
    await expectText(`${url}s${count - 1}`, `hello from s${count - 1}`);
    const firstResponse = performance.now() - began;
    const residentAtFirst = residentMb(server.pid);
    const touching = performance.now();
    await expectText(url, 'all');
    const touchAll = performance.now() - touching;
    return { firstResponse, touchAll, residentAtFirst, residentAfterAll: residentMb(server.pid) };
  } finally {
    await server.stop();
  }
}

const directory = mkdtempSync(join(tmpdir(), 'nanod-bench-'));
try {
  const config = writeDeployment(directory);
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(config));
  const of = (key: keyof Round): number => Math.round(median(rounds.map((round) => round[key])));
  const results = {
    services: count,
    'start to first response, ms': of('firstResponse'),
    'calling each once, ms': of('touchAll'),
    'resident at the first response, MB': of('residentAtFirst'),
    'resident after all, MB': of('residentAfterAll'),
  };
  console.log(JSON.stringify(results, undefined, 2));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
