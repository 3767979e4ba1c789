/** `nanod logs [service...]` and `nanod flush [service...]`: what services have printed, and what they print. */

import type { Argv } from 'yargs';
import { formatRecord, levelNames, parseJsonLine } from '../shared/log-record.ts';
import type { CliPowers, Command } from './command.ts';
import { parseSince } from './since.ts';
import { count } from './table.ts';
import { UsageError } from './usage-error.ts';

interface LogsArgs {
  readonly service: readonly string[] | undefined;
  readonly lines: number | undefined;
  readonly follow: boolean;
  readonly nostream: boolean;
  readonly since: string | undefined;
  readonly grep: string | undefined;
  readonly level: string | undefined;
  readonly err: boolean;
  readonly out: boolean;
  readonly json: boolean;
}

const mostLines = 100_000;
const levels = ['debug', 'info', 'warn', 'error'] as const;

export const logs: Command<LogsArgs> = {
  usage: 'logs [service..]',
  aliases: ['log'],
  summary: 'Show what services print, as it comes',
  build: (yargs) => checked(options(yargs)),
  async run(args, powers) {
    const { service, lines, since, grep, level, json } = args;
    const follow = args.follow && !args.nostream;
    const stream = await powers.operations.daemon.api.logs({
      selectors: service?.map(String),
      lines,
      follow,
      since: since === undefined ? undefined : parseSince(since, Date.now()),
      grep,
      level: level === undefined ? undefined : levelNames.get(level),
      stream: args.err ? 'error' : args.out ? 'out' : undefined,
    });
    void powers.outputClosed().then(() => stream.close());
    let isStopped = false;
    const stopped = powers.stopSignal().then(() => {
      isStopped = true;
      stream.close();
    });
    const printed = print(stream.chunks, json, powers);
    await Promise.race([printed, stopped, powers.outputClosed()]).catch((error: unknown) => {
      if (!isStopped) throw error;
    });
    printed.catch(() => {}); // it was closed
    return 0;
  },
};

function options(yargs: Argv): Argv<LogsArgs> {
  return yargs
    .positional('service', {
      type: 'string',
      array: true,
      describe: 'Names of services, globs, all, or nanod for the daemon itself',
      defaultDescription: 'everything',
    })
    .option('lines', {
      alias: 'n',
      type: 'number',
      requiresArg: true,
      describe: 'How many lines of the past',
      defaultDescription: '15; with --since all of them',
    })
    .option('follow', {
      alias: 'f',
      type: 'boolean',
      default: true,
      describe: 'Go on with what comes, unless --no-follow is said',
    })
    .option('nostream', { type: 'boolean', default: false, hidden: true })
    .option('since', {
      type: 'string',
      requiresArg: true,
      describe: 'Only what is younger: 30s, 10m, 2h, 3d, or a date',
    })
    .option('grep', {
      type: 'string',
      requiresArg: true,
      describe: 'Only what a regular expression is found in',
    })
    .option('level', { choices: levels, requiresArg: true, describe: 'Only this level and those above' })
    .option('err', { type: 'boolean', default: false, describe: 'Only warnings and errors' })
    .option('out', { type: 'boolean', default: false, describe: 'Only what is below warnings' })
    .option('json', { type: 'boolean', default: false, describe: 'Print records as lines of JSON' })
    .example('$0 logs', 'Everything, as it comes')
    .example("$0 logs 'api-*' -n 200", 'The last 200 lines first')
    .example('$0 logs api --since 1h --err', 'What went wrong in the last hour');
}

function checked(yargs: Argv<LogsArgs>): Argv<LogsArgs> {
  return yargs.check(({ lines, since, grep, err, out }) => {
    if (err && out) throw new UsageError('--err and --out leave nothing: give one of them');
    if (lines !== undefined && !(Number.isInteger(lines) && lines >= 0 && lines <= mostLines))
      throw new UsageError(`--lines: expected a whole number from 0 to ${mostLines}`);
    if (since !== undefined) parseSince(since, Date.now());
    if (grep !== undefined) assertPattern(grep);
    return true;
  });
}

function assertPattern(grep: string): void {
  try {
    void new RegExp(grep, 'm');
  } catch (error) {
    throw new UsageError(`--grep: ${(error as Error).message}`);
  }
}

async function print(
  chunks: AsyncIterable<string>,
  json: boolean,
  { color, stdout, outputTaken }: CliPowers,
): Promise<void> {
  for await (const chunk of chunks) {
    stdout(json ? chunk : chunk.replaceAll(/[^\n]*\n/gu, (line) => format(line, color)));
    await outputTaken();
  }
}

function format(line: string, color: boolean): string {
  const record = parseJsonLine(line);
  return record === undefined ? '' : formatRecord(record, { color });
}

interface FlushArgs {
  readonly service: readonly string[] | undefined;
  readonly json: boolean;
}

export const flush: Command<FlushArgs> = {
  usage: 'flush [service..]',
  summary: 'Empty the log files of services, or all of them',
  build: (yargs) =>
    yargs
      .positional('service', {
        type: 'string',
        array: true,
        describe: 'Names of services, globs, all, or nanod for the daemon itself',
        defaultDescription: 'everything',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' })
      .example('$0 flush api', 'Forget what api has printed'),
  async run({ service, json }, powers) {
    const report = await powers.operations.daemon.api.flush({ selectors: service?.map(String) });
    const text = `emptied the log of ${count(report.services.length, 'service')}: ${report.bytes} bytes\n`;
    powers.stdout(json ? `${JSON.stringify(report)}\n` : text);
    return 0;
  },
};
