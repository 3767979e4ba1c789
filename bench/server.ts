/** Runs nanod as a process of its own for a benchmark. */

import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface BenchServer {
  /** By the name of the service behind the socket. */
  readonly urls: ReadonlyMap<string, string>;
  readonly pid: number;
  stop(): Promise<void>;
}

const launcher = fileURLToPath(new URL('../bin/nanod.cjs', import.meta.url));
const startTimeout = 30_000;

/**
 * Serves a configuration, named by its path from this directory. Rejects with what it printed, if it does not come up. `program`: what
 * Node runs, other than the launcher of this repository.
 */
export async function startNanod(config: string, program: string = launcher): Promise<BenchServer> {
  const path = resolve(import.meta.dirname, config);
  const child = spawn(process.execPath, [program, 'serve', path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = await readUntil(child, 'try: curl');
  const urls = new Map<string, string>();
  for (const [, url, service] of printed.matchAll(/(http:\S+)\s+(\S+)/g)) {
    if (url !== undefined && service !== undefined && !urls.has(service)) urls.set(service, url);
  }
  return { urls, pid: child.pid ?? NaN, stop: () => stop(child) };
}

/** Resolves with the standard output up to the line that says that the process is ready. */
export function readUntil(child: ChildProcess, marker: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    const fail = (reason: string): void =>
      reject(new Error(`the server did not start: ${reason}\n${output}${errors}`));
    const timer = setTimeout(() => fail('it took too long'), startTimeout);
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes(marker)) return;
      clearTimeout(timer);
      resolve(output);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`exit status ${code}`);
    });
  });
}

export function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGINT');
  });
}
