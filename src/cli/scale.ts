/** `nanod scale <group> <threads>`: changes how many threads a group has. */

import type { Command } from './command.ts';
import { formatTable } from './table.ts';
import { UsageError } from './usage-error.ts';

interface ScaleArgs {
  readonly group: string;
  readonly threads: string;
  readonly json: boolean;
}

export const scale: Command<ScaleArgs> = {
  usage: 'scale <group> <threads>',
  summary: 'Change how many threads a group has',
  build: (yargs) =>
    yargs
      .positional('group', {
        type: 'string',
        demandOption: true,
        describe: 'A group, or a service, which means its group',
      })
      .positional('threads', { type: 'string', demandOption: true, describe: 'How many, or +N, or -N' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the groups as JSON' })
      .example('$0 scale default 4', 'Four threads')
      .example('$0 scale api +1', 'One more for the group of api'),
  async run({ group, threads, json }, powers) {
    if (!/^[+-]?\d{1,3}$/u.test(String(threads)))
      throw new UsageError(`scale: expected a number of threads, +N or -N, not ${String(threads)}`);
    const groups = await powers.operations.daemon.api.scale({ name: group, threads: String(threads) });
    const rows = groups.map((each) => [each.name, String(each.threads)]);
    powers.stdout(json ? `${JSON.stringify(groups)}\n` : formatTable(['group', 'threads'], rows));
    return 0;
  },
};
