/**
 * The real command line, run as a user runs it: in a directory of its own, with a configuration and workers written for the test. A
 * process that is still there when the test ends is killed.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { startChild } from './child.ts';
import type { Child, Ending } from './child.ts';

/** The file behind the command. */
export const LAUNCHER = fileURLToPath(new URL('../../bin/nanod.cjs', import.meta.url));

/** A record of the log, as it is printed on stderr. */
export interface LogLine {
  readonly level: number;
  readonly service: string;
  readonly msg: string;
  readonly thread?: number;
  readonly version?: string;
  readonly requestId?: string;
  readonly source?: string;
  readonly group?: string;
  readonly err?: { readonly type: string; readonly message: string; readonly stack: string };
}

/** Files of a deployment by path, and the words that follow `nanod`. */
export interface Deployment {
  /** Written as JSON, except text, which is written as it is to a module. */
  readonly config?: object | string;
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** See src/supervisor/tuning.ts. */
  readonly tuning?: object;
  /** Where it runs; a directory with the files when absent. */
  readonly cwd?: string;
  /** Descriptors of this process that it is given, from 3 on. */
  readonly descriptors?: readonly number[];
}

/** What a command came to. */
export interface Outcome extends Ending {
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stderr that are records of the log. */
  readonly log: readonly LogLine[];
}

/** A server that runs. */
export interface Nanod {
  readonly pid: number;
  readonly directory: string;
  /** Addresses in the order of the configuration, each with a slash at its end. */
  readonly urls: readonly string[];
  /** The first of them. */
  readonly url: string;
  readonly port: number;
  stdout(): string;
  stderr(): string;
  log(): readonly LogLine[];
  /** The first record of the log that is what the test waits for. Rejects if nanod ends before. */
  logged(isWanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** Closes the other end of its standard output and error, as a reader that ends does. */
  closeOutput(): void;
  /** Sends a signal. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal, and waits for the end. */
  stop(name?: NodeJS.Signals): Promise<Outcome>;
  readonly ended: Promise<Outcome>;
}

/** A temporary directory with these files, gone after the test. */
export function writeFiles(t: Test, { config, files = {} }: Deployment): string {
  const directory = mkdtempSync(join(tmpdir(), 'nanod-test-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const all = { ...files };
  if (typeof config === 'string') all['ecosystem.config.mjs'] = config;
  else if (config !== undefined) all['ecosystem.config.json'] = JSON.stringify(config);
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

/** Runs a command to its end. */
export async function runNanod(t: Test, deployment: Deployment): Promise<Outcome> {
  const child = start(t, deployment.cwd ?? writeFiles(t, deployment), deployment, []);
  return outcomeOf(child, await child.ended);
}

/** `nanod serve`, once it listens. Rejects with what it has printed if it ends before that. */
export async function serve(t: Test, deployment: Deployment): Promise<Nanod> {
  const directory = writeFiles(t, deployment);
  const child = start(t, directory, deployment, ['serve']);
  await child.printed(/^(?:try: .*|no socket is configured.*)\n/m);
  const urls = [...child.stdout.matchAll(/^ {2}((?:https?|tcp|unix|unix-abstract|fd|systemd):\S+)/gm)].map(
    (match) => String(match[1]),
  );
  const ended = child.ended.then((ending) => outcomeOf(child, ending));
  const signal = (name: NodeJS.Signals): void => void process.kill(child.pid, name);
  return {
    pid: child.pid,
    directory,
    urls,
    url: urls[0] ?? '',
    port: Number(URL.parse(urls[0] ?? '')?.port),
    stdout: () => child.stdout,
    stderr: () => child.stderr,
    log: () => parseLog(child.stderr),
    logged: (isWanted) => logged(child, isWanted),
    closeOutput: () => {
      child.process.stdout?.destroy();
      child.process.stderr?.destroy();
    },
    signal,
    stop: (name = 'SIGTERM') => {
      signal(name);
      return ended;
    },
    ended,
  };
}

/** A configuration with one worker, `main`, behind one socket. */
export function single(code: string, rest: object = {}): Pick<Deployment, 'config' | 'files'> {
  return {
    config: {
      threads: 1,
      ...rest,
      apps: [{ name: 'main', script: 'main.js' }],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'main' }],
    },
    files: { 'main.js': code },
  };
}

function start(
  t: Test,
  cwd: string,
  { args = [], env, tuning, descriptors = [] }: Deployment,
  command: readonly string[],
): Child {
  const tuned = tuning === undefined ? {} : { NANOD_TUNING: JSON.stringify(tuning) };
  return startChild(t, process.execPath, [LAUNCHER, ...command, ...args], {
    cwd,
    env: { ...tuned, ...env },
    descriptors,
  });
}

function outcomeOf(child: Child, { status, signal }: Ending): Outcome {
  return { status, signal, stdout: child.stdout, stderr: child.stderr, log: parseLog(child.stderr) };
}

function parseLog(stderr: string): LogLine[] {
  const complete = stderr.slice(0, stderr.lastIndexOf('\n') + 1);
  return complete
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}

/** Far longer than anything takes; what never comes fails the test that waits for it, in milliseconds. */
const patience = 20_000;

function logged(child: Child, isWanted: (line: LogLine) => boolean): Promise<LogLine> {
  return new Promise((resolve, reject) => {
    const fail = (how: string): void => reject(new Error(`${how} without logging that:\n${child.stderr}`));
    void child.ended.then(() => fail('ended'));
    const late = setTimeout(fail, patience, `waited ${patience / 1000} s`);
    const look = (): void => {
      const found = parseLog(child.stderr).find(isWanted);
      if (found === undefined) return;
      clearTimeout(late);
      child.process.stderr?.off('data', look);
      resolve(found);
    };
    child.process.stderr?.on('data', look);
    look();
  });
}
