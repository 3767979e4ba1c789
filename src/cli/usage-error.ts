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

/** The options of the command that is being parsed; yargs has the method, its types do not. */
function optionsOf(yargs: Argv): string[] {
  const { key } = (
    yargs as unknown as { getOptions(): { key: Readonly<Record<string, unknown>> } }
  ).getOptions();
  return Object.keys(key);
}
