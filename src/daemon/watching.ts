/**
 * Deploys services again when their files change. The daemon reads no user's file: another process does, as `nanod reload` would. Runs in the
 * supervisor.
 */

import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Watch } from '../config/supervision.ts';
import { living } from './state-changes.ts';
import type { SavedSource, SavedState } from './state-file.ts';

/** What has become of a reload. */
export interface ReloadOutcome {
  readonly isDone: boolean;
  /** What was wrong, for people. */
  readonly text: string;
}

export interface WatchingPowers {
  /** Calls whenever something at or below the paths changes; returns what ends it. */
  readonly watch: (
    paths: readonly string[],
    isIgnored: (path: string) => boolean,
    onChange: (path: string) => void,
  ) => () => void;
  /** Reads services again and deploys what has changed. `source`: the file that they come from. */
  readonly reload: (source: string, services: readonly string[]) => Promise<ReloadOutcome>;
  /** Calls once, after so many milliseconds; returns what cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
  /** The daemon writes here; absolute. */
  readonly home: string;
}

/** What is watched of one configuration. */
interface Plan {
  /** Its file. */
  readonly source: string;
  readonly services: readonly string[];
  readonly watches: readonly Watch[];
}

export class Watching {
  readonly #powers: WatchingPowers;
  readonly #watchers = new Map<string, { readonly key: string; readonly end: () => void }>();

  constructor(powers: WatchingPowers) {
    this.#powers = powers;
  }

  /** What is deployed has changed. Services that are stopped are not watched. */
  follow({ sources, stopped }: SavedState): void {
    const plans = new Map(living(sources).map((source) => [source.source, planOf(source, stopped)]));
    for (const [source, { key, end }] of this.#watchers) {
      if (JSON.stringify(plans.get(source)) === key) continue;
      end();
      this.#watchers.delete(source);
    }
    for (const [source, plan] of plans) {
      if (plan.services.length === 0 || this.#watchers.has(source)) continue;
      this.#watchers.set(source, { key: JSON.stringify(plan), end: this.#watch(plan) });
    }
  }

  /** Ends everything. */
  stop(): void {
    for (const { end } of this.#watchers.values()) end();
    this.#watchers.clear();
  }

  #watch({ source, services, watches }: Plan): () => void {
    const { watch, after, home } = this.#powers;
    const paths = [...new Set([source, ...watches.flatMap((each) => each.paths)])];
    const isIgnored = (path: string): boolean =>
      isWithin(path, home) || (path !== source && !watches.some((each) => watchesPath(each, path)));
    const delay = Math.max(...watches.map((each) => each.delay));
    let cancel = (): void => {};
    let isBusy = false;
    let isWanted = false;
    const run = async (changed: string): Promise<void> => {
      isWanted = true;
      if (isBusy) return;
      isBusy = true;
      while (isWanted) {
        isWanted = false;
        await this.#reload(source, services, changed);
      }
      isBusy = false;
    };
    const end = watch(paths, isIgnored, (changed) => {
      cancel();
      cancel = after(delay, () => void run(changed));
    });
    return () => {
      cancel();
      isWanted = false;
      end();
    };
  }

  async #reload(source: string, services: readonly string[], changed: string): Promise<void> {
    const { reload, log } = this.#powers;
    const { isDone, text } = await reload(source, services);
    if (isDone) log('info', `reloaded after a change: ${services.join(', ')}`, { changed });
    else log('error', `a change could not be deployed: ${text}`, { changed });
  }
}

function planOf({ source, config }: SavedSource, stopped: readonly string[]): Plan {
  const watched = config.services.flatMap((service) => {
    const watch = service.kind === 'worker' ? service.supervision?.watch : undefined;
    return watch === undefined || stopped.includes(service.name) ? [] : [{ name: service.name, watch }];
  });
  const file = config.readWith?.config ?? source;
  return {
    source: file,
    services: watched.map(({ name }) => name),
    watches: watched.map(({ watch }) => watch),
  };
}

/** Directories above what is watched count as watched themselves. */
function watchesPath({ paths, ignored, base }: Watch, path: string): boolean {
  return paths.some((root) => {
    if (!isWithin(path, root)) return isWithin(root, path);
    const steps = relative(root, path).split(sep);
    if (steps.some((step) => step === 'node_modules' || step.startsWith('.'))) return false;
    return !ignored.some((pattern) => isMatch(pattern, path, steps, base));
  });
}

/** A name anywhere in the path, a path from `base`, or a glob of such a path. */
function isMatch(pattern: string, path: string, steps: readonly string[], base: string): boolean {
  if (steps.includes(pattern) || isWithin(path, resolve(base, pattern))) return true;
  if (!/[*?]/u.test(pattern)) return false;
  const glob = new RegExp(`^${globText(pattern.replace(/^\.\//u, ''))}$`, 'u');
  return glob.test(relative(base, path).replaceAll(sep, '/')) || steps.some((step) => glob.test(step));
}

function globText(pattern: string): string {
  return pattern
    .replace(/[.+^${}()|[\]\\]/gu, '\\$&')
    .replace(/\*\*\/?|\*|\?/gu, (wild) => (wild === '?' ? '[^/]' : wild === '*' ? '[^/]*' : '.*'));
}

function isWithin(path: string, directory: string): boolean {
  const steps = relative(directory, path);
  return steps === '' || (!steps.startsWith('..') && !isAbsolute(steps));
}
