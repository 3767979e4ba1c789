/** Wrong usage of the command line: turns what yargs says into the words of the error table, with the name that was probably meant. */

import type { Argv } from 'yargs';
import { nearest } from '../shared/suggest.ts';
import { quote } from '../shared/text.ts';

/** Its message is shown to the user. */
export class UsageError extends Error {}

const unknown = /^Unknown (argument|command)s?: (.*)$/su;

/** The error for a complaint of yargs. `args`: the command line; `commands`: the names of all commands. */
export function usageError(
  complaint: string,
  args: readonly string[],
  commands: readonly string[],
  yargs: Argv,
): UsageError {
  const match = unknown.exec(complaint);
  if (match === null) return new UsageError(complaint);
  const [name = ''] = (match[2] as string).split(', ');
  const isOption = args.some((arg) => arg === `-${name}` || arg.replace(/=.*$/su, '') === `--${name}`);
  if (isOption)
    return new UsageError(describe('option', name.length === 1 ? '-' : '--', name, optionsOf(yargs)));
  const isCommand = args.find((arg) => !arg.startsWith('-')) === name;
  return new UsageError(
    isCommand ? describe('command', '', name, commands) : `unexpected argument ${quote(name)}`,
  );
}

function describe(what: string, dashes: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const suggestion = meant === undefined ? '' : `; did you mean ${quote(dashes + meant)}?`;
  return `unknown ${what} ${quote(dashes + name)}${suggestion}`;
}

/** Throws UsageError for an option that is given several times, and may not be: yargs makes an array of it. */
export function requireOnce(given: Readonly<Record<string, unknown>>, yargs: Argv): void {
  const { array } = parsing(yargs);
  // Every name with a hyphen is there in camel case as well.
  const twice = Object.keys(given).find(
    (name) => /^[a-z][a-z-]*$/u.test(name) && Array.isArray(given[name]) && !array.includes(name),
  );
  if (twice !== undefined) throw new UsageError(`--${twice}: expected once, found several times`);
}

function optionsOf(yargs: Argv): string[] {
  return Object.keys(parsing(yargs).key);
}

interface Parsing {
  readonly key: Readonly<Record<string, unknown>>;
  /** Names of those that are arrays. */
  readonly array: readonly string[];
}

/** The options of the command that is being parsed; yargs has the method, its types do not. */
function parsing(yargs: Argv): Parsing {
  return (yargs as unknown as { getOptions(): Parsing }).getOptions();
}
