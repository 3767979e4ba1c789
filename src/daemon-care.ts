/** What the daemon does by itself while it runs: restarts by the clock, and deployments of files that have changed. Runs in the supervisor. */

import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import process from 'node:process';
import type { ActRequest } from './control/api.ts';
import { CronRestarts } from './daemon/cron.ts';
import type { SavedState } from './daemon/state-file.ts';
import { type ReloadOutcome, Watching, type WatchingPowers } from './daemon/watching.ts';

export interface CarePowers {
  readonly act: (request: ActRequest) => Promise<unknown>;
  readonly log: WatchingPowers['log'];
  /** Absolute: the home of the daemon. */
  readonly home: string;
}

/** Longest text of a command that failed, in characters. */
const longestText = 4000;

/** Returns what is told of everything that is deployed, whenever that has changed. */
export function makeCare({ act, log, home }: CarePowers): (state: SavedState) => void {
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  };
  const restart = (service: string): Promise<unknown> => act({ action: 'restart', selectors: [service] });
  const main = process.argv[1] ?? '';
  const cron = new CronRestarts({ clock: () => Date.now(), after, restart, log });
  const watching = new Watching({
    watch: (paths, isIgnored, onChange) => watchFiles(paths, isIgnored, onChange, log),
    reload: (source, services) => reload([main, 'reload', ...services], dirname(source), home),
    after,
    log,
    home,
  });
  return (state) => {
    cron.follow(state);
    watching.follow(state);
  };
}

function watchFiles(
  paths: readonly string[],
  isIgnored: (path: string) => boolean,
  onChange: (path: string) => void,
  log: CarePowers['log'],
): () => void {
  const fail = (error: unknown): void => log('error', `files cannot be watched: ${String(error)}`, { paths });
  const options = { ignored: (path: string) => isIgnored(path), ignoreInitial: true, persistent: false };
  let isOver = false;
  // Few daemons watch anything.
  const watching = import('chokidar').then(({ watch }) => {
    if (isOver) return undefined;
    return watch([...paths], options)
      .on('all', (_event, path) => onChange(path))
      .on('ready', () => log('info', `watching ${paths.join(', ')}`))
      .on('error', fail);
  });
  watching.catch(fail);
  return () => {
    isOver = true;
    void watching.then((watcher) => watcher?.close()).catch(fail);
  };
}

/** In a process of its own: what it imports is gone with it. */
function reload(args: readonly string[], cwd: string, home: string): Promise<ReloadOutcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, ...args], {
      cwd,
      env: { ...process.env, NANOD_HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      if (text.length < longestText) text += chunk;
    });
    child.once('error', ({ message }) => resolve({ isDone: false, text: message }));
    child.once('close', (status) =>
      resolve({ isDone: status === 0, text: text.trim().slice(0, longestText) }),
    );
  });
}
