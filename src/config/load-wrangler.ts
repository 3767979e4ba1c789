/**
 * Dialect 3, `wrangler.jsonc|json|toml`: the configuration of Cloudflare's wrangler, read into a value of dialect 1 whose parts know where
 * they stand in the wrangler file. Several files make one deployment. Runs in the supervisor.
 */
import { dirname, extname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { lineIndex } from '../shared/code-frame.ts';
import { displayPath } from '../shared/display-path.ts';
import type { NanodError } from '../shared/errors.ts';
import { hasBindingCycle } from './binding-cycles.ts';
import { JsonTextError, parseJsonText } from './json-text.ts';
import type { LoadedDialect } from './load-capnp.ts';
import { describeJsonError, reportDuplicates } from './load-json.ts';
import { deepestNesting, mostValues } from './plain-copy.ts';
import type { ConfigPowers } from './powers.ts';
import { Problems } from './problems.ts';
import { readSourceText } from './source-file.ts';
import type { LoadedFile } from './source-file.ts';
import { list, locatorOf, plain, record, valueOf, wrong } from './traced.ts';
import type { Traced } from './traced.ts';
import { Part } from './wrangler/part.ts';
import type { WranglerText } from './wrangler/part.ts';
import { readSettings } from './wrangler/settings.ts';
import type { Reading } from './wrangler/settings.ts';
import { convertAddress, convertRoutes, convertWorker } from './wrangler/to-app.ts';
import type { Converted, Secrets } from './wrangler/to-app.ts';
import { largestToml, parseTomlText } from './wrangler/toml.ts';

/** What is asked of wrangler files. */
export interface WranglerOptions {
  readonly environment: string | undefined;
  /** What becomes of `.dev.vars`: text of the bindings, or variables of the environment by the same names. */
  readonly secrets: 'text' | 'environment';
}

/** What files come to, and what was left out of them. */
export type LoadedWrangler = LoadedDialect & { readonly warnings: readonly string[] };

/** Reads files (absolute paths), at least one, as one deployment. */
export async function loadWranglerFiles(
  paths: readonly string[],
  environment: string | undefined,
  powers: ConfigPowers,
): Promise<LoadedFile> {
  const { root, errors, warnings } = await loadWrangler(paths, { environment, secrets: 'text' }, powers);
  if (root === undefined) return { errors };
  return {
    value: valueOf(root, dirname(paths[0] ?? '')),
    locate: locatorOf(root),
    check: (problems) => problems.adopt(errors),
    warnings,
  };
}

/** The same, as parts that can be printed. */
export async function loadWrangler(
  paths: readonly string[],
  { environment, secrets }: WranglerOptions,
  powers: ConfigPowers,
): Promise<LoadedWrangler> {
  const problems = new Problems();
  const reading: Reading = { problems, warnings: [], environment };
  const files: WranglerFile[] = [];
  for (const path of new Set(paths)) {
    const file = await readFile(path, secrets, reading, powers);
    if (file !== undefined) files.push(file);
  }
  const [main] = files;
  const { warnings } = reading;
  if (main === undefined) return { errors: problems.list(), warnings };
  const root = combine(main, files, reading);
  return { root, errors: problems.list(), warnings };
}

interface WranglerFile {
  readonly root: Part;
  readonly worker: Converted;
  readonly routes: readonly Traced[];
}

/** `undefined` after a report when nothing can be made of it. */
async function readFile(
  path: string,
  secretsAre: WranglerOptions['secrets'],
  reading: Reading,
  powers: ConfigPowers,
): Promise<WranglerFile | undefined> {
  const text = await parseFile(path, reading.problems, powers);
  if (text === undefined) return undefined;
  const root = new Part(text);
  const settings = readSettings(root, reading);
  if (settings === undefined) return undefined;
  const secrets = await readSecrets(
    dirname(path),
    secretsAre,
    { environment: settings.environment, problems: reading.problems },
    powers,
  );
  const worker = convertWorker(settings, path, secrets, reading);
  return { root, worker, routes: convertRoutes(settings, worker.name) };
}

/** The first file listens, as with wrangler, for all of them: by their routes, and for whatever no route matches. */
function combine(main: WranglerFile, files: readonly WranglerFile[], reading: Reading): Traced {
  const { origin } = main.root;
  const ofKind = (kind: Converted['kind']): Traced[] =>
    files.filter(({ worker }) => worker.kind === kind).map(({ worker }) => worker.value);
  const apps = ofKind('app');
  const services = ofKind('service');
  const routes = files.flatMap((file) => file.routes);
  const { name } = main.worker;
  const socket = record(
    [
      ['name', plain('http', origin)],
      ['address', convertAddress(main.root, reading)],
      ['service', name === undefined ? wrong(origin) : plain(name, origin)],
      ['routes', routes.length === 0 ? undefined : list(routes, origin)],
    ],
    origin,
  );
  return record(
    [
      ['apps', list(apps, origin)],
      ['services', services.length === 0 ? undefined : list(services, origin)],
      ['sockets', list([socket], origin)],
      // Workers of Cloudflare reach each other in circles, and ask nobody.
      ['allowBindingCycles', hasBindingCycle(apps) ? plain(true, origin) : undefined],
    ],
    origin,
  );
}

async function parseFile(
  path: string,
  problems: Problems,
  powers: ConfigPowers,
): Promise<WranglerText | undefined> {
  const isToml = extname(path).toLowerCase() === '.toml';
  const text = await readSourceText(path, powers, isToml ? largestToml : undefined);
  if (typeof text !== 'string') {
    problems.adopt([text]);
    return undefined;
  }
  const file = displayPath(path, powers.cwd);
  const positionOf = lineIndex(text);
  const placeOf = (offset: number): { file: string; line: number; column: number } => ({
    file,
    ...positionOf(offset),
  });
  const limits = { depth: deepestNesting, values: mostValues, jsonc: true };
  try {
    if (isToml) return { path, file, root: parseTomlText(text, limits), placeOf };
    const { root, duplicates } = parseJsonText(text, limits);
    reportDuplicates(duplicates, placeOf, problems);
    return { path, file, root, placeOf };
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    problems.adopt([describeJsonError(error, text, file)]);
    return undefined;
  }
}

/** `.dev.vars.NAME` of the environment if it is there, else `.dev.vars`. */
async function readSecrets(
  directory: string,
  secretsAre: WranglerOptions['secrets'],
  { environment, problems }: Pick<Reading, 'environment' | 'problems'>,
  powers: ConfigPowers,
): Promise<Secrets> {
  const names = environment === undefined ? ['.dev.vars'] : [`.dev.vars.${environment}`, '.dev.vars'];
  for (const name of names) {
    const path = join(directory, name);
    if ((await powers.statKind(path)) === 'missing') continue;
    const text = await readSourceText(path, powers);
    if (typeof text === 'string') return secretsOf(text, displayPath(path, powers.cwd), secretsAre);
    problems.adopt([text satisfies NanodError]);
    break;
  }
  return new Map();
}

function secretsOf(text: string, file: string, secretsAre: WranglerOptions['secrets']): Secrets {
  const entries = Object.entries(parseEnv(text)).map(([name, value = '']): [string, Traced] => {
    const binding = secretsAre === 'text' ? { text: value } : { fromEnvironment: name };
    return [name, plain(binding, () => ({ file, path: name }))];
  });
  return new Map(entries);
}
