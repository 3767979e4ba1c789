/**
 * Is a request lost when a deployment follows the other? A daemon of its own, driven by the real command line, is reloaded with changed code while
 * 32 connections that are kept and 8 clients that open a connection for each request ask as fast as they can. Prints JSON: requests by
 * outcome, and how long reloads took, in milliseconds. `--count N`: other than 100 reloads.
 */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { median } from './statistics.ts';

const launcher = fileURLToPath(new URL('../bin/nanod.cjs', import.meta.url));
const run = promisify(execFile);

const { values } = parseArgs({ options: { count: { type: 'string', default: '100' } } });
const count = Number(values.count);

const directory = mkdtempSync(join(tmpdir(), 'nanod-reloads-'));
const home = mkdtempSync(join(tmpdir(), 'nanod-home-'));

function write(version: number): void {
  const back = `export default { fetch: () => new Response('${version}') };`;
  const front = `// ${version}\nexport default { fetch: (request, env) => env.BACK.fetch(request) };`;
  writeFileSync(join(directory, 'back.js'), back);
  writeFileSync(join(directory, 'front.js'), front);
}

async function nanod(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [launcher, ...args], {
    cwd: directory,
    env: { ...process.env, NANOD_HOME: home },
    maxBuffer: 1e8,
  });
  return stdout;
}

interface Outcomes {
  good: number;
  readonly bad: Map<string, number>;
}

/** Asks until it is told to stop. */
async function ask(url: string, agent: Agent, outcomes: Outcomes, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    const outcome = await new Promise<string>((resolve) => {
      request(url, { agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(`${response.statusCode} ${body}`));
        response.on('error', (error) => resolve(error.message));
      })
        .on('error', (error) => resolve(error.message))
        .end();
    });
    if (/^200 \d+$/u.test(outcome)) outcomes.good++;
    else outcomes.bad.set(outcome, (outcomes.bad.get(outcome) ?? 0) + 1);
  }
}

async function measure(): Promise<object> {
  const config = {
    apps: [
      { name: 'front', script: 'front.js', bindings: { BACK: { service: 'back' } } },
      { name: 'back', script: 'back.js' },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'front' }],
  };
  writeFileSync(join(directory, 'ecosystem.config.json'), JSON.stringify(config));
  write(0);
  const started = JSON.parse(await nanod('start', '--json')) as { sockets: { url: string }[] };
  const url = started.sockets[0]?.url ?? '';
  const end = new AbortController();
  const kept: Outcomes = { good: 0, bad: new Map() };
  const fresh: Outcomes = { good: 0, bad: new Map() };
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const clients = [
    ...Array.from({ length: 32 }, () => ask(url, agent, kept, end.signal)),
    ...Array.from({ length: 8 }, () => ask(url, new Agent({ keepAlive: false }), fresh, end.signal)),
  ];
  const times: number[] = [];
  for (let version = 1; version <= count; version++) {
    write(version);
    const began = performance.now();
    await nanod('reload');
    times.push(performance.now() - began);
    process.stderr.write(`\r${version} of ${count} reloads`);
  }
  process.stderr.write('\r\u001b[K');
  end.abort();
  await Promise.all(clients);
  agent.destroy();
  const report = ({ good, bad }: Outcomes): object => ({ good, lost: Object.fromEntries(bad) });
  return {
    reloads: count,
    medianMs: Math.round(median(times)),
    kept: report(kept),
    fresh: report(fresh),
  };
}

try {
  process.stdout.write(`${JSON.stringify(await measure(), undefined, 2)}\n`);
} finally {
  await nanod('kill').catch(() => {}); // what failed above is reported already
  rmSync(directory, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}
