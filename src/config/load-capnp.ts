/**
 * Dialect 2, `*.capnp`: workerd's text configuration, read into a value of dialect 1 whose parts know where they stand in the capnp
 * file. Runs in the supervisor.
 */
import { dirname } from 'node:path';
import { displayPath } from '../shared/display-path.ts';
import type { NanodError } from '../shared/errors.ts';
import { quote } from '../shared/text.ts';
import { nearest } from '../shared/suggest.ts';
import { Evaluator } from './capnp/evaluate.ts';
import { noConstant, readCapnpFiles, readEmbeds } from './capnp/files.ts';
import { Names } from './capnp/scope.ts';
import type { CapnpFile, Constant } from './capnp/scope.ts';
import { TooLarge } from './capnp/source.ts';
import { toEcosystem } from './capnp/to-ecosystem.ts';
import { workerdType } from './capnp/types.ts';
import type { Value } from './capnp/values.ts';
import type { ConfigPowers } from './powers.ts';
import { Problems } from './problems.ts';
import type { LoadedFile } from './source-file.ts';
import { locatorOf, valueOf } from './traced.ts';
import type { Traced } from './traced.ts';

/** The value that a file (an absolute path) comes to, and the errors that were found on the way. */
export type LoadedDialect =
  | { readonly root: Traced; readonly errors: readonly NanodError[] }
  | { readonly root?: never; readonly errors: readonly NanodError[] };

/** Reads the constant of a name, or the only one of the type `Config`. */
export async function loadCapnpFile(
  path: string,
  constant: string | undefined,
  powers: ConfigPowers,
): Promise<LoadedFile> {
  const { root, errors } = await loadCapnp(path, constant, powers);
  if (root === undefined) return { errors };
  return {
    value: valueOf(root, dirname(path)),
    locate: locatorOf(root),
    check: (problems) => problems.adopt(errors),
  };
}

/** The same, as parts that can be printed. */
export async function loadCapnp(
  path: string,
  constant: string | undefined,
  powers: ConfigPowers,
): Promise<LoadedDialect> {
  const problems = new Problems();
  try {
    const root = await translate(path, constant, powers, problems);
    return root === undefined ? { errors: problems.list() } : { root, errors: problems.list() };
  } catch (error) {
    if (error instanceof TooLarge) return { errors: [...problems.list(), error.error] };
    throw error;
  }
}

async function translate(
  path: string,
  constant: string | undefined,
  powers: ConfigPowers,
  problems: Problems,
): Promise<Traced | undefined> {
  const file = await readCapnpFiles(path, powers, problems);
  if (!('source' in file)) {
    problems.adopt(file);
    return undefined;
  }
  const names = new Names(problems);
  const evaluator = new Evaluator(names, problems);
  const chosen = choose(file, constant, names, evaluator);
  if ('reason' in chosen) {
    // A type that is wrong has been reported, and then hides the constant.
    if (problems.count === 0) {
      problems.adopt([noConstant(chosen.reason, chosen.advice, displayPath(path, powers.cwd))]);
    }
    return undefined;
  }
  const value: Value | undefined = evaluator.constant(chosen.constant);
  if (value?.kind !== 'struct') return undefined;
  const contents = await readEmbeds(value, powers, problems);
  return toEcosystem(value, { cwd: powers.cwd, contents, problems });
}

interface NoChoice {
  readonly reason: string;
  readonly advice?: string;
}

function choose(
  file: CapnpFile,
  wanted: string | undefined,
  names: Names,
  evaluator: Evaluator,
): { readonly constant: Constant } | NoChoice {
  const { constants } = names.scopeOf(file);
  const config = workerdType('Config');
  const found = constants.filter((constant) => evaluator.typeOf(constant) === config);
  const known = found.map(({ declaration }) => declaration.name.text);
  const [first, second] = found;
  if (wanted === undefined) {
    if (first === undefined) {
      const advice =
        'write `const config :Workerd.Config = ( … );` after `using Workerd = import "/workerd/workerd.capnp";`';
      return { reason: 'the file has no constant of the type Config of workerd', advice };
    }
    if (second === undefined) return { constant: first };
    const reason = `the file has ${found.length} constants of the type Config: ${known.join(', ')}`;
    return { reason, advice: `name one of them after the file: \`${known.at(0) ?? ''}\`` };
  }
  const name = wanted.replace(/^\./u, '');
  const named = found.find(({ declaration }) => declaration.name.text === name);
  if (named !== undefined) return { constant: named };
  const meant = nearest(name, known);
  const suggestion = meant === undefined ? '' : `; did you mean ${quote(meant)}?`;
  const reason = `the file has no constant of the type Config that is named ${quote(name)}${suggestion}`;
  return known.length === 0 ? { reason } : { reason, advice: `it has ${known.join(', ')}` };
}
