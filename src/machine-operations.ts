/** The operations about the machine that nanod is on, put together. Loaded only by the commands that need them. */

import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeClient } from './control/client.ts';
import type { Operations } from './control/contract.ts';
import { homeOf } from './daemon/home.ts';
import { gatherFacts } from './machine/facts.ts';
import { findingsOf } from './machine/findings.ts';
import { init } from './machine/init.ts';
import { startup, unstartup, type MachinePowers } from './machine/startup.ts';
import { displayPath } from './shared/display-path.ts';

const run = promisify(execFile);

/** How long a program of systemd may take, in milliseconds. */
const patience = 30_000;

export function makeMachineOperations(
  version: string,
): Pick<Operations, 'startup' | 'unstartup' | 'doctor' | 'init'> {
  const { env, execPath } = process;
  const user = userInfo();
  const powers: MachinePowers = {
    environment: env,
    user: { name: user.username, uid: user.uid, home: homedir() },
    runtime: execPath,
    launcher: fileURLToPath(new URL('../bin/nanod.cjs', import.meta.url)),
    etc: '/etc',
    run: (program, args) => run(program, args, { timeout: patience }),
  };
  return {
    startup: ({ writable, ...options }) =>
      startup({ ...options, writable: writable.map((path) => resolve(path)) }, powers),
    unstartup: (scope) => unstartup(scope, powers),
    async doctor() {
      const home = homeOf(env, homedir());
      const manifest = new URL('../package.json', import.meta.url);
      const { dependencies } = JSON.parse(await readFile(manifest, 'utf8')) as {
        readonly dependencies: Readonly<Record<string, string>>;
      };
      const { mtimeMs } = await stat(manifest);
      const facts = await gatherFacts({
        ...powers,
        home,
        version,
        pinnedNode: dependencies['node'],
        installedAt: mtimeMs,
        api: makeClient(home.socket),
      });
      return findingsOf(facts);
    },
    async init({ directory = '.', typescript }) {
      const paths = await init({ directory: resolve(directory), typescript });
      return paths.map((path) => displayPath(path, process.cwd()));
    },
  };
}
