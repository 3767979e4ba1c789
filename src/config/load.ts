/**
 * From a path to a `Config`: finds the file, reads it by its dialect, and checks it. The one entry to src/config. Runs in the supervisor,
 * and reaches the system only through the powers it is handed.
 */
import { basename, dirname, extname, join, resolve as resolvePath } from 'node:path';
import { displayPath } from '../shared/display-path.ts';
import { makeError } from '../shared/errors.ts';
import type { NanodError } from '../shared/errors.ts';
import { quote } from '../shared/text.ts';
import { readEcosystem } from './ecosystem.ts';
import { loadCapnp, loadCapnpFile } from './load-capnp.ts';
import type { LoadedDialect } from './load-capnp.ts';
import type { EcosystemOptions } from './ecosystem.ts';
import { loadJsonFile } from './load-json.ts';
import { loadModuleFile } from './load-module.ts';
import { applyOverrides, OverridePlaces } from './overrides.ts';
import type { Overrides } from './overrides.ts';
import type { ConfigPowers } from './powers.ts';
import { Problems } from './problems.ts';
import { resolveDraft } from './resolve.ts';
import type { LoadedFile } from './source-file.ts';
import type { Config, WorkerScript } from './types.ts';

/**
 * A configuration, or everything that is wrong with it: at least one error, in the order of the file as far as that is known, and the
 * scripts that it names all the same, whose own errors can be said together with these.
 */
export type LoadResult =
  | { readonly config: Config; readonly errors?: never }
  | {
      readonly config?: never;
      readonly errors: readonly NanodError[];
      readonly scripts?: readonly WorkerScript[];
    };

const baseName = 'ecosystem.config';
const endings = ['.js', '.cjs', '.mjs', '.ts', '.json'];
const moduleEndings = new Set(['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts']);

/** What the command line says besides the file. */
export interface LoadOptions {
  /** Name of the constant, where the dialect has several configurations in one file. */
  readonly constant?: string | undefined;
  /** The environment NAME of `env_NAME`. */
  readonly env?: string | undefined;
  readonly overrides?: Overrides | undefined;
}

/**
 * Reads a configuration from a file, or from the first of `ecosystem.config.{js,cjs,mjs,ts,json}` in a directory (the working directory
 * when there is no path). Never rejects because of what a user wrote.
 */
export async function loadConfig(
  path: string | undefined,
  powers: ConfigPowers,
  { constant, env, overrides = {} }: LoadOptions = {},
): Promise<LoadResult> {
  const located = await locate(path, powers);
  if (located instanceof Error) return { errors: [located] };
  const loaded = await loadFile(located, constant, powers);
  if ('errors' in loaded) return loaded;
  const places = new OverridePlaces();
  const problems = new Problems({ locate: places.before(loaded.locate ?? (() => ({}))) });
  loaded.check?.(problems);
  const adjust = (copy: unknown): void =>
    applyOverrides(copy, overrides, { cwd: powers.cwd, problems, places });
  return readValue(
    loaded.value,
    { source: located, baseDir: dirname(located), powers, problems },
    { adjust, env },
  );
}

/** A file of another dialect as a value of dialect 1 that can be printed, with everything that dialect 1 cannot say. */
export async function loadForConversion(
  path: string,
  powers: ConfigPowers,
  { constant }: Pick<LoadOptions, 'constant'> = {},
): Promise<LoadedDialect & { readonly path?: string }> {
  const located = await locate(path, powers);
  if (located instanceof Error) return { errors: [located] };
  const file = displayPath(located, powers.cwd);
  const ending = extname(located).toLowerCase();
  if (ending === '.capnp') return { ...(await loadCapnp(located, constant, powers)), path: located };
  const later = laterDialect(basename(located));
  if (later !== undefined) return { errors: [makeError('CONFIG_NOT_AVAILABLE', { what: later }, { file })] };
  return { errors: [makeError('CONFIG_FORMAT', { file })] };
}

/** Whether a path is meant as a configuration, by its name: a script by itself has another one. */
export function isConfigFile(path: string): boolean {
  const ending = extname(path).toLowerCase();
  return !moduleEndings.has(ending) || /\.config\.[cm]?[jt]s$/iu.test(path);
}

/** Checks a value as if a file in `baseDir` (absolute) had exported it. */
export function readConfig(
  value: unknown,
  { baseDir, powers, env }: EcosystemOptions & { readonly baseDir: string; readonly powers: ConfigPowers },
): Promise<LoadResult> {
  return readValue(value, { source: undefined, baseDir, powers, problems: new Problems() }, { env });
}

async function readValue(
  value: unknown,
  context: Parameters<typeof resolveDraft>[1],
  options: EcosystemOptions,
): Promise<LoadResult> {
  const draft = readEcosystem(value, context.problems, options);
  if (draft === undefined) return { errors: context.problems.list() };
  const { config, scripts } = await resolveDraft(draft, context);
  return config === undefined ? { errors: context.problems.list(), scripts } : { config };
}

/** The absolute path of the file. */
async function locate(path: string | undefined, powers: ConfigPowers): Promise<string | NanodError> {
  const absolute = resolvePath(powers.cwd, path ?? '.');
  const kind = await powers.statKind(absolute);
  if (kind === 'file') return absolute;
  const shown = displayPath(absolute, powers.cwd);
  if (kind === 'missing') return makeError('CONFIG_NOT_FOUND', { looked: shown });
  if (kind !== 'directory') {
    const reason = kind === 'other' ? 'it is not a file' : kind;
    return makeError('CONFIG_UNREADABLE', { file: shown, reason });
  }
  for (const ending of endings) {
    const candidate = join(absolute, `${baseName}${ending}`);
    if ((await powers.statKind(candidate)) === 'file') return candidate;
  }
  const names = `${baseName}.{${endings.map((ending) => ending.slice(1)).join(',')}}`;
  return makeError('CONFIG_NOT_FOUND', { looked: `${names} in ${shown}` });
}

async function loadFile(
  path: string,
  constant: string | undefined,
  powers: ConfigPowers,
): Promise<LoadedFile> {
  const ending = extname(path).toLowerCase();
  const file = displayPath(path, powers.cwd);
  if (ending === '.capnp') return loadCapnpFile(path, constant, powers);
  if (constant !== undefined) {
    const reason = `${quote(constant)}: only a capnp file has constants that can be named`;
    return { errors: [makeError('USAGE', { reason }, { file })] };
  }
  const later = laterDialect(basename(path));
  if (later !== undefined) {
    const advice = `write ${baseName}.js or ${baseName}.json`;
    return { errors: [makeError('CONFIG_NOT_AVAILABLE', { what: later, advice }, { file })] };
  }
  if (ending === '.json') return loadJsonFile(path, powers);
  if (moduleEndings.has(ending)) return loadModuleFile(path, powers);
  return { errors: [makeError('CONFIG_FORMAT', { file })] };
}

function laterDialect(name: string): string | undefined {
  return /^wrangler\b.*\.(?:jsonc?|toml)$/iu.test(name) ? 'a configuration of wrangler' : undefined;
}
