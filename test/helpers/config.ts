/** Configurations in tests: checked without a disk, against an environment and a set of scripts of the test's own. */
import { readConfig } from '../../src/config/load.ts';
import type { LoadResult } from '../../src/config/load.ts';
import type { ConfigPowers } from '../../src/config/powers.ts';
import type { Config, WorkerService } from '../../src/config/types.ts';
import { describeError } from '../../src/shared/errors.ts';

export interface Surroundings {
  /** The environment that was chosen. */
  readonly env?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What absolute paths lead to; everything else is a file. */
  readonly kinds?: Readonly<Record<string, string>>;
  /** What files hold, by absolute path. */
  readonly contents?: Readonly<Record<string, Uint8Array | string>>;
}

function forbidden(): Promise<never> {
  return Promise.reject(new Error('this test reads no file'));
}

export function fakePowers({ environment = {}, kinds = {}, contents = {} }: Surroundings = {}): ConfigPowers {
  return {
    cwd: '/base',
    environment,
    statKind: (path) => Promise.resolve(Object.hasOwn(kinds, path) ? (kinds[path] ?? 'file') : 'file'),
    readBytes(path) {
      const content = contents[path];
      if (content === undefined) return forbidden();
      return Promise.resolve(Buffer.from(content as Uint8Array));
    },
    stampOf: () => Promise.resolve('stamp'),
    importModule: forbidden,
    delay: forbidden,
  };
}

/** Checks a value as a file in `/base` would export it. */
export function check(value: unknown, surroundings?: Surroundings): Promise<LoadResult> {
  return readConfig(value, { baseDir: '/base', powers: fakePowers(surroundings), env: surroundings?.env });
}

/** The configuration; throws what is wrong with it. */
export async function accept(value: unknown, surroundings?: Surroundings): Promise<Config> {
  const { config, errors } = await check(value, surroundings);
  if (config === undefined) throw new Error(errors.map(describeError).join('\n'));
  return config;
}

/** `CODE path: message` of every error; none for a good configuration. */
export async function refuse(value: unknown, surroundings?: Surroundings): Promise<string[]> {
  const { errors = [] } = await check(value, surroundings);
  return errors.map((error) => `${error.code} ${describeError(error)}`);
}

/** The worker of a name. */
export function workerOf(config: Config, name: string): WorkerService {
  const found = config.services.find((service) => service.name === name);
  if (found?.kind !== 'worker') throw new Error(`no worker named ${name}`);
  return found;
}
