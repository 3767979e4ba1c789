/** A daemon of the test's own, driven by the real command line. It is killed when the test ends. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Test } from 'tap';
import { startChild, type Child } from './child.ts';
import { LAUNCHER, runNanod, writeFiles, type Deployment, type Outcome } from './nanod.ts';

export interface TestDaemon {
  /** Where the files of the deployment are. */
  readonly directory: string;
  readonly home: string;
  /** Runs `nanod` there. */
  nanod(...args: string[]): Promise<Outcome>;
  /** The same, and what it has printed as JSON. Rejects where the status is not 0. */
  json<T>(...args: string[]): Promise<T>;
  /** The same command line in another directory. */
  at(directory: string): Pick<TestDaemon, 'nanod' | 'json'>;
  /** The process id of the daemon. */
  pid(): number;
  /** Runs the daemon in the foreground. */
  foreground(): Child;
  /** Sends a signal to the daemon. */
  signal(name: NodeJS.Signals): void;
  /** The daemon's own log. */
  log(): string;
}

/** Nothing is started yet. */
export function makeDaemon(
  t: Test,
  { config, files, tuning, env: more }: Omit<Deployment, 'args'>,
): TestDaemon {
  const directory = writeFiles(t, { ...(config === undefined ? {} : { config }), files: files ?? {} });
  // Short: a Unix socket lies in it.
  const home = mkdtempSync(join(tmpdir(), 'nanod-home-'));
  const pid = (): number =>
    (JSON.parse(readFileSync(join(home, 'nanod.pid'), 'utf8')) as { pid: number }).pid;
  const env = {
    NANOD_HOME: home,
    ...more,
    ...(tuning === undefined ? {} : { NANOD_TUNING: JSON.stringify(tuning) }),
  };
  t.teardown(() => {
    try {
      process.kill(pid(), 'SIGKILL');
    } catch {
      // It has ended.
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });
  const at = (cwd: string): Pick<TestDaemon, 'nanod' | 'json'> => {
    const nanod = (...args: string[]): Promise<Outcome> => runNanod(t, { args, env, cwd });
    return {
      nanod,
      async json<T>(...args: string[]) {
        const { status, stdout, stderr } = await nanod(...args, '--json');
        if (status !== 0) throw new Error(`nanod ${args.join(' ')}: status ${String(status)}\n${stderr}`);
        return JSON.parse(stdout) as T;
      },
    };
  };
  return {
    directory,
    home,
    ...at(directory),
    at,
    pid,
    foreground: () => startChild(t, process.execPath, [LAUNCHER, 'daemon'], { cwd: directory, env }),
    signal: (name) => void process.kill(pid(), name),
    log: () => readFileSync(join(home, 'logs', 'nanod.log'), 'utf8'),
  };
}

/** The body of an answer, over a connection of its own. */
export function text(url = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body)).on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

/** Runs a shell command. Resolves with its output. */
export function shell(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', command], (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Error(error.message));
    });
  });
}
