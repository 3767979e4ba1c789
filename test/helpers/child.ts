/**
 * Child processes of tests. tap has every child of a test load a hook of its own (through NODE_OPTIONS); children started here run
 * without it, as a user's do. They are killed when the test ends.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join, sep } from 'node:path';
import { accessSync, constants } from 'node:fs';
import process from 'node:process';
import type { Test } from 'tap';

/** How a process has ended: with a status, or by a signal. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly cwd?: string;
  /** Added to this process's own environment; undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Makes it the leader of a process group of its own. */
  readonly group?: boolean;
  /** Descriptors of this process that it is given, from 3 on. */
  readonly descriptors?: readonly number[];
}

/** A running child and what it has printed so far. */
export class Child {
  readonly process: ChildProcess;
  /** Resolves when it has ended and nobody holds its output any more, its own children included. */
  readonly ended: Promise<Ending>;
  stdout = '';
  stderr = '';

  constructor(process: ChildProcess) {
    this.process = process;
    process.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = once(process, 'close').then(([status, signal]) => ({
      status: status as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('the child was not started');
    return this.process.pid;
  }

  /** Resolves with the first match in its standard output. Rejects if it ends before there is one. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      const ended = await Promise.race([this.ended, this.#heard()]);
      if (ended !== undefined && !pattern.test(this.stdout)) {
        throw new Error(`ended without printing ${pattern}:\n${this.stdout}\n${this.stderr}`);
      }
    }
  }

  async #heard(): Promise<undefined> {
    if (this.process.stdout !== null) await once(this.process.stdout, 'data');
  }
}

/** Starts a program. It is killed at the end of the test, and with `group` the whole group is. */
export function startChild(
  t: Test,
  command: string,
  args: readonly string[],
  { cwd, env, group = false, descriptors = [] }: ChildOptions = {},
): Child {
  const child = new Child(
    spawn('env', ['-u', 'NODE_OPTIONS', command, ...args], {
      cwd,
      env: { ...process.env, ...env },
      detached: group,
      stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    }),
  );
  t.teardown(() => {
    try {
      process.kill(group ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  return child;
}

/** The search path without the binaries of packages, so that `node` and `npm` are the machine's own. */
export function machinePath(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.filter((folder) => !folder.includes(`node_modules${sep}`)).join(delimiter);
}

/** The machine's own Node.js, whatever its age; undefined if it has none. */
export function machineNode(): string | undefined {
  const candidates = machinePath()
    .split(delimiter)
    .map((folder) => join(folder, 'node'));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
