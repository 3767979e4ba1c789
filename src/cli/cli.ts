/** The command line: finds the command, runs it, and turns errors into text and exit status. */

import yargs, { type Argv } from 'yargs';
import { CommandFailure } from '../control/contract.ts';
import { formatErrors, makeError, NanodError } from '../shared/errors.ts';
import { remove, restart, stop } from './actions.ts';
import { check } from './check.ts';
import { daemon, kill, ping, resurrect, save } from './daemon-commands.ts';
import { deploy } from './deploy.ts';
import { describe } from './describe.ts';
import { flush, logs } from './logs.ts';
import { ls } from './ls.ts';
import { reload } from './reload.ts';
import { scale } from './scale.ts';
import { start } from './start.ts';
import { rollback, versions } from './versions.ts';
import type { CliPowers, Command } from './command.ts';
import { config } from './config.ts';
import { graph } from './graph.ts';
import { serve } from './serve.ts';
import { test } from './test.ts';
import { requireOnce, UsageError, usageError } from './usage-error.ts';

/** Wrong usage of the command line. */
const usageStatus = 2;

/** Runs the command that `args` name. Resolves with the exit status. */
export async function runCli(args: readonly string[], version: string, powers: CliPowers): Promise<number> {
  let status = 0;
  const commands: string[] = [];
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
      throw usageError(complaint, args, commands, parser);
    });
  const add = <Args>(command: Command<Args>): void => {
    const { aliases = [] } = command;
    commands.push(command.usage.split(' ', 1).join(), ...aliases);
    parser.command(
      [command.usage, ...aliases],
      command.summary,
      command.build as (yargs: Argv) => Argv,
      async (given) => {
        requireOnce(given, parser);
        status = await command.run(given as unknown as Args, powers);
      },
    );
  };
  add(serve);
  add(check);
  add(test);
  add(config);
  add(graph);
  add(start);
  add(deploy);
  add(reload);
  add(restart);
  add(stop);
  add(remove);
  add(ls);
  add(describe);
  add(logs);
  add(flush);
  add(scale);
  add(versions);
  add(rollback);
  add(ping);
  add(save);
  add(resurrect);
  add(kill);
  add(daemon);
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
