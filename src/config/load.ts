/**
 * From a path to a `Config`: finds the file, reads it by its dialect, and checks it. The one entry to src/config. Runs in the supervisor,
 * and reaches the system only through the powers it is handed.
 */
import { dirname, extname, join, resolve as resolvePath } from 'node:path';
import { displayPath } from '../shared/display-path.ts';
import { describePlace, makeError } from '../shared/errors.ts';
import type { NanodError } from '../shared/errors.ts';
import { quote } from '../shared/text.ts';
import { readEcosystem } from './ecosystem.ts';
import type { LoadedDialect } from './load-capnp.ts';
import type { EcosystemOptions } from './ecosystem.ts';
import { loadJsonFile } from './load-json.ts';
import { loadModuleFile } from './load-module.ts';
import { applyOverrides, OverridePlaces } from './overrides.ts';
import type { Overrides } from './overrides.ts';
import type { ConfigPowers } from './powers.ts';
import { Problems } from './problems.ts';
import { replacementsOf, replaceServices } from './replacements.ts';
import type { DraftReplacement } from './draft.ts';
import { resolveDraft } from './resolve.ts';
import type { ResolveContext } from './resolve.ts';
import type { LoadedFile } from './source-file.ts';
import type { Config, WorkerScript } from './types.ts';

/**
 * A configuration, or everything that is wrong with it: at least one error, in the order of the file as far as that is known, and the
 * scripts that it names all the same, whose own errors can be said together with these.
 */
export type LoadResult =
  | {
      readonly config: Config;
      readonly errors?: never;
      /** What is left out although it was written, each with its place, on one line. */
      readonly warnings?: readonly string[];
    }
  | {
      readonly config?: never;
      readonly errors: readonly NanodError[];
      readonly scripts?: readonly WorkerScript[];
    };

const baseName = 'ecosystem.config';
const endings = ['.js', '.cjs', '.mjs', '.ts', '.json'];
/** In the order in which wrangler looks for them. */
const wranglerNames = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'];
const moduleEndings = new Set(['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts']);

/** What the command line says besides the file. */
export interface LoadOptions {
  /** Name of the constant, where the dialect has several configurations in one file. */
  readonly constant?: string | undefined;
  /** Files of wrangler besides the first one, which make one deployment with it. */
  readonly others?: readonly string[] | undefined;
  /** Name of the environment, where the dialect has several in one file. */
  readonly environment?: string | undefined;
  readonly overrides?: Overrides | undefined;
}

/**
 * Reads a configuration from a file, or from the first of `ecosystem.config.{js,cjs,mjs,ts,json}` and `wrangler.{json,jsonc,toml}` in a directory (the working directory
 * when there is no path). Never rejects because of what a user wrote.
 */
export async function loadConfig(
  path: string | undefined,
  powers: ConfigPowers,
  { overrides = {}, ...options }: LoadOptions = {},
): Promise<LoadResult> {
  const located = await locate(path, powers);
  if (located instanceof Error) return { errors: [located] };
  const loaded = await loadFile(located, options, powers);
  if ('errors' in loaded) return loaded;
  const places = new OverridePlaces();
  const problems = new Problems({ locate: places.before(loaded.locate ?? (() => ({}))) });
  loaded.check?.(problems);
  const adjust = (copy: unknown): void =>
    applyOverrides(copy, overrides, { cwd: powers.cwd, problems, places });
  const context = { source: located, baseDir: dirname(located), powers, problems };
  const result = await readValue(loaded.value, context, {
    adjust,
    env: isWranglerFile(located) ? undefined : options.environment,
    replace: overrides.replace,
  });
  if (result.config === undefined) return result;
  return { ...result, warnings: [...(loaded.warnings ?? []), ...(result.warnings ?? [])] };
}

/** What is to be printed, and where it was found (absolute). */
export type ForConversion = LoadedDialect & {
  readonly path?: string;
  readonly warnings?: readonly string[];
};

/** A file of another dialect as a value of dialect 1 that can be printed, with everything that dialect 1 cannot say. */
export async function loadForConversion(
  path: string,
  powers: ConfigPowers,
  options: Omit<LoadOptions, 'overrides'> = {},
): Promise<ForConversion> {
  const located = await locate(path, powers);
  if (located instanceof Error) return { errors: [located] };
  const file = displayPath(located, powers.cwd);
  const misuse = misused(located, options, file);
  if (misuse !== undefined) return { errors: [misuse] };
  const { constant, environment } = options;
  if (isCapnp(located)) {
    const { loadCapnp } = await import('./load-capnp.ts');
    return { ...(await loadCapnp(located, constant, powers)), path: located };
  }
  if (!isWranglerFile(located)) return { errors: [makeError('CONFIG_FORMAT', { file })] };
  const files = await locateAll(located, options, powers);
  if (!('paths' in files)) return files;
  const wanted = { environment, secrets: 'environment' } as const;
  const { loadWrangler } = await import('./load-wrangler.ts');
  return { ...(await loadWrangler(files.paths, wanted, powers)), path: located };
}

/** Whether a path is meant as a configuration, by its name: a script by itself has another one. */
export function isConfigFile(path: string): boolean {
  const ending = extname(path).toLowerCase();
  return !moduleEndings.has(ending) || /\.config\.[cm]?[jt]s$/iu.test(path);
}

/** Checks a value as if a file in `baseDir` (absolute) had exported it. */
export function readConfig(
  value: unknown,
  { baseDir, powers, env, overrides = {} }: ReadOptions,
): Promise<LoadResult> {
  const places = new OverridePlaces();
  const problems = new Problems({ locate: places.before(() => ({})) });
  const adjust = (copy: unknown): void =>
    applyOverrides(copy, overrides, { cwd: powers.cwd, problems, places });
  const context = { source: undefined, baseDir, powers, problems };
  return readValue(value, context, { env, adjust, replace: overrides.replace });
}

interface ReadOptions {
  readonly baseDir: string;
  readonly powers: ConfigPowers;
  readonly env?: string | undefined;
  readonly overrides?: Overrides | undefined;
}

interface ValueOptions extends EcosystemOptions {
  readonly replace?: Overrides['replace'];
}

async function readValue(
  value: unknown,
  context: ResolveContext & { readonly powers: ConfigPowers },
  { replace = [], ...options }: ValueOptions,
): Promise<LoadResult> {
  const { problems, powers } = context;
  const draft = readEcosystem(value, problems, options);
  if (draft === undefined) return { errors: problems.list() };
  const replacements = [...draft.replacements, ...replacementsOf(replace, powers.cwd)];
  const { config, scripts } = await resolveDraft(replaceServices(draft, replacements, problems), context);
  if (config === undefined) return { errors: problems.list(), scripts };
  return { config, warnings: [...problems.warnings, ...draft.replacements.map(warnOfReplacement)] };
}

/** Nobody runs a stand-in without being told. */
function warnOfReplacement({ service, script }: DraftReplacement): string {
  return `${describePlace(script.place) ?? 'overrides'}: ${quote(script.value)} takes the place of the service ${quote(service)}`;
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
  for (const name of wranglerNames) {
    const candidate = join(absolute, name);
    if ((await powers.statKind(candidate)) === 'file') return candidate;
  }
  const names = `${baseName}.{${endings.map((ending) => ending.slice(1)).join(',')}}`;
  return makeError('CONFIG_NOT_FOUND', { looked: `${names} in ${shown}` });
}

async function loadFile(
  path: string,
  options: Omit<LoadOptions, 'overrides'>,
  powers: ConfigPowers,
): Promise<LoadedFile> {
  const file = displayPath(path, powers.cwd);
  const misuse = misused(path, options, file);
  if (misuse !== undefined) return { errors: [misuse] };
  // The dialects that few configurations are written in are loaded for those: they take 10 MB.
  if (isCapnp(path)) {
    const { loadCapnpFile } = await import('./load-capnp.ts');
    return loadCapnpFile(path, options.constant, powers);
  }
  if (isWranglerFile(path)) {
    const files = await locateAll(path, options, powers);
    if (!('paths' in files)) return files;
    const { loadWranglerFiles } = await import('./load-wrangler.ts');
    return loadWranglerFiles(files.paths, options.environment, powers);
  }
  const ending = extname(path).toLowerCase();
  if (ending === '.json') return loadJsonFile(path, powers);
  if (moduleEndings.has(ending)) return loadModuleFile(path, powers);
  return { errors: [makeError('CONFIG_FORMAT', { file })] };
}

/** Whether a path is that of a wrangler file, by its name: `wrangler.toml`, `wrangler.staging.jsonc`. */
function isWranglerFile(path: string): boolean {
  return /(?:^|[\\/])wrangler\b[^\\/]*\.(?:jsonc?|toml)$/iu.test(path);
}

function isCapnp(path: string): boolean {
  return extname(path).toLowerCase() === '.capnp';
}

/** What was asked for that the dialect of the file does not have. */
function misused(
  path: string,
  { constant, environment, others = [] }: Omit<LoadOptions, 'overrides'>,
  file: string,
): NanodError | undefined {
  const refuse = (reason: string): NanodError => makeError('USAGE', { reason }, { file });
  if (constant !== undefined && !isCapnp(path))
    return refuse(`${quote(constant)}: only a capnp file has constants that can be named`);
  if (isWranglerFile(path)) {
    const other = others.find((each) => !isWranglerFile(each));
    return other === undefined
      ? undefined
      : refuse(`${quote(other)}: only files of wrangler are read together`);
  }
  const [other] = others;
  if (other !== undefined) return refuse(`${quote(other)}: only files of wrangler are read together`);
  if (environment !== undefined && isCapnp(path))
    return refuse(`--env ${quote(environment)}: a capnp file has no environments`);
  return undefined;
}

/** The absolute paths of a wrangler file and of those that are read with it. */
async function locateAll(
  first: string,
  { others = [] }: LoadOptions,
  powers: ConfigPowers,
): Promise<{ readonly paths: readonly string[] } | { readonly errors: readonly NanodError[] }> {
  const located = await Promise.all(others.map((path) => locate(path, powers)));
  const errors = located.filter((each) => each instanceof Error);
  if (errors.length > 0) return { errors };
  return { paths: [first, ...located.filter((each) => typeof each === 'string')] };
}
