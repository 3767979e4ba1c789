/** `nanod startup` and `nanod unstartup`: the daemon under systemd. */

import type { Argv } from 'yargs';
import type { Command } from './command.ts';
import { UsageError } from './usage-error.ts';

interface ScopeArgs {
  readonly system: boolean;
  readonly user: boolean;
  readonly json: boolean;
}

interface StartupArgs extends ScopeArgs {
  readonly print: boolean;
  readonly 'run-as': string | undefined;
  readonly 'memory-max': string;
  readonly writable: readonly string[] | undefined;
  readonly 'low-ports': boolean;
}

function scopeOptions(yargs: Argv): Argv<ScopeArgs> {
  return yargs
    .option('system', {
      type: 'boolean',
      default: false,
      describe: "The machine's systemd",
      defaultDescription: 'for root',
    })
    .option('user', {
      type: 'boolean',
      default: false,
      describe: 'The systemd of the user',
      defaultDescription: 'for others',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' });
}

function scopeOf({ system, user }: ScopeArgs): 'system' | 'user' | undefined {
  if (system && user) throw new UsageError('--system and --user: name one of them');
  return system ? 'system' : user ? 'user' : undefined;
}

/** As systemd writes sizes. */
const size = /^(?:\d+(?:\.\d+)?[KMGT]?|\d{1,3}%|infinity)$/u;

export const startup: Command<StartupArgs> = {
  usage: 'startup',
  summary: 'Have systemd start the daemon with the machine, and keep it running',
  build: (yargs) =>
    scopeOptions(yargs)
      .option('print', { type: 'boolean', default: false, describe: 'Show the unit, and install nothing' })
      .option('run-as', {
        type: 'string',
        requiresArg: true,
        describe: 'Who the daemon runs as, in a unit of the machine',
        defaultDescription: 'who has typed the command',
      })
      .option('memory-max', {
        type: 'string',
        requiresArg: true,
        default: '80%',
        describe: 'Memory after which the kernel ends it: 80%, 2G',
      })
      .option('writable', {
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'A directory besides its home that the daemon may write to',
      })
      .option('low-ports', {
        type: 'boolean',
        default: false,
        describe: 'Ports below 1024 may be listened on, in a unit of the machine',
      })
      .example('$0 startup --print', 'See the unit first')
      .example('sudo $0 startup --low-ports', 'For port 443'),
  async run(args, { operations, stdout }) {
    if (!size.test(args['memory-max']))
      throw new UsageError('--memory-max: expected 80%, 512M, 2G or infinity');
    const report = await operations.startup({
      scope: scopeOf(args),
      print: args.print,
      runAs: args['run-as'],
      memoryMax: args['memory-max'],
      writable: args.writable ?? [],
      lowPorts: args['low-ports'],
    });
    if (args.json) stdout(`${JSON.stringify(report)}\n`);
    else if (args.print) stdout(report.text);
    else {
      const lines = [
        `wrote ${report.path}`,
        ...report.done.map((command) => `did: ${command}`),
        ...report.left.map((command) => `now type: ${command}`),
        ...report.notes.map((note) => `note: ${note}`),
      ];
      stdout(`${lines.join('\n')}\n`);
    }
    return 0;
  },
};

export const unstartup: Command<ScopeArgs> = {
  usage: 'unstartup',
  summary: 'Take the daemon away from systemd; what is deployed is kept',
  build: (yargs) => scopeOptions(yargs).example('$0 unstartup', 'The unit that nanod startup has written'),
  async run(args, { operations, stdout }) {
    const report = await operations.unstartup(scopeOf(args));
    const lines = [
      report.isRemoved ? `removed ${report.path}` : `there is no ${report.path}`,
      ...report.done.map((command) => `did: ${command}`),
      ...report.left.map((command) => `now type: ${command}`),
    ];
    stdout(args.json ? `${JSON.stringify(report)}\n` : `${lines.join('\n')}\n`);
    return 0;
  },
};
