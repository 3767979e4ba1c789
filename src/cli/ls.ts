/** `nanod ls`: every service with its state. */

import type { Command } from './command.ts';
import { formatServices } from './report.ts';

interface ListArgs {
  readonly json: boolean;
}

export const ls: Command<ListArgs> = {
  usage: 'ls',
  aliases: ['list', 'status', 'ps'],
  summary: 'List the services that are deployed',
  build: (yargs) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'Print the list as JSON' })
      .example('$0 ls --json', 'For scripts'),
  async run({ json }, { operations, stdout }) {
    const services = await operations.daemon.api.list();
    stdout(json ? `${JSON.stringify(services)}\n` : formatServices(services, Date.now()));
    return 0;
  },
};
