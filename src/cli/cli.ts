/** The command line: finds the command, runs it, and turns errors into text and exit status. */

import yargs from 'yargs';
import { CommandFailure } from '../control/contract.ts';
import { formatErrors, makeError, NanodError } from '../shared/errors.ts';
import type { CliPowers } from './command.ts';
import { type AnyCommand, commandNames, loadCommands } from './commands.ts';
import { completionWord } from './completion-word.ts';
import { requireOnce, UsageError, usageError } from './usage-error.ts';

/** Wrong usage of the command line. */
const usageStatus = 2;

/** Runs the command that `words` name. Resolves with the exit status. */
export async function runCli(words: readonly string[], version: string, powers: CliPowers): Promise<number> {
  if (words[0] === completionWord) {
    const { complete } = await import('./complete.ts');
    powers.stdout(await complete(words.slice(1), powers.operations.daemon.api));
    return 0;
  }
  let status = 0;
  const args = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  const parser = yargs([...args])
    .scriptName('nanod')
    .version(version)
    .usage('$0 <command>\n\nRuns hundreds of small services in one Node.js process.')
    .demandCommand(1, 'Name a command.')
    .strict()
    .detectLocale(false)
    .help()
    .alias('help', 'h')
    .exitProcess(false)
    .fail((complaint: string | null, error: Error | undefined) => {
      // Without a complaint, the error is one that a command has thrown.
      if (complaint === null) throw error ?? makeError('INTERNAL', { reason: 'the command line failed' });
      throw usageError(complaint, args, [...commandNames, 'help'], parser);
    });
  const add = (command: AnyCommand): void => {
    parser.command(
      [command.usage, ...(command.aliases ?? [])],
      command.summary,
      command.build,
      async (given) => {
        requireOnce(given, parser);
        status = await command.run(given, powers);
      },
    );
  };
  for (const command of await loadCommands(args[0])) add(command);
  try {
    await parser.parseAsync();
    return status;
  } catch (error) {
    return report(error, powers);
  }
}

function report(error: unknown, { stderr }: CliPowers): number {
  if (error instanceof UsageError) {
    stderr(formatErrors([makeError('USAGE', { reason: error.message })]));
    return usageStatus;
  }
  const errors = errorsOf(error);
  stderr(formatErrors(errors));
  return Math.max(...errors.map(({ exitStatus }) => exitStatus));
}

function errorsOf(error: unknown): readonly NanodError[] {
  if (error instanceof CommandFailure) return error.errors;
  if (error instanceof NanodError) return [error];
  if (error instanceof AggregateError) return error.errors.flatMap((inner: unknown) => errorsOf(inner));
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [makeError('INTERNAL', { reason })];
}
