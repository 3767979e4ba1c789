/** `npm run bench -- NAME`: measures one thing and prints it. Each bench runs in a process of its own; `--help` lists them. */

import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatHttp, measureHttp } from './http.ts';
import { formatLatency, measureLatency } from './latency.ts';

/** Files of this directory that print JSON, and the question that each answers. */
const SCRIPTS: Readonly<Record<string, string>> = Object.freeze({
  rpc: 'method calls: numbers, objects and bytes, on the same thread and over a channel (--quick)',
  realm: 'creating a realm and answering its first request; the heap that it holds',
  services: 'the start with 1,000 services, and the memory once each was called (--count N, --built)',
  routes: 'finding one of 1,000 routes, against one of one',
  response: 'Response, Request and Headers, against undici’s',
  url: 'URL, URLSearchParams and URLPattern, against the host’s',
  streams: 'streams, against the host’s (names of workloads restrict it)',
  encoding: 'TextEncoder, TextDecoder, atob and btoa, against the host’s',
  'memory-cache': 'memory caches in shared memory, against asking another thread',
  reloads: 'reloads of a daemon under load: lost requests, and how long each takes (--count N)',
  crypto: 'random values, against the host’s',
});

const HELP = `usage: npm run bench -- [name] [options]

  latency    what a call costs: library, nanoservice, HTTP hop (the default)
  http       requests from outside, against a bare node:http server
${Object.entries(SCRIPTS)
  .map(([name, what]) => `  ${name.padEnd(10)} ${what}`)
  .join('\n')}

latency and http print a table; --json prints data, and --quick measures for a shorter time. The others print JSON.
`;

async function main(args: readonly string[]): Promise<number> {
  const [name = 'latency', ...rest] = args[0]?.startsWith('--') === true ? ['latency', ...args] : args;
  if (args.includes('--help')) return say(HELP);
  if (name in SCRIPTS) return runScript(name, rest);
  const { values } = parseArgs({
    args: rest,
    options: { http: { type: 'boolean' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const { quick = false, json = false } = values;
  if (name !== 'http' && name !== 'latency') {
    process.stderr.write(`there is no bench "${name}"\n\n${HELP}`);
    return 2;
  }
  if (name === 'http' || values.http === true) {
    const result = await measureHttp({ rounds: quick ? 2 : 6, duration: quick ? 2 : 4, onProgress });
    return print(result, formatHttp(result), json);
  }
  const rows = await measureLatency({ rounds: quick ? 3 : 12, onProgress });
  return print(rows, formatLatency(rows), json);
}

function runScript(name: string, args: readonly string[]): number {
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const { status, error } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status ?? 1;
}

function onProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `);
}

function print(data: unknown, text: string, json: boolean): number {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`;
  if (process.stderr.isTTY) process.stderr.write('\r');
  return say(`${json ? JSON.stringify({ machine, data }) : `${text}${machine}`}\n`);
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
