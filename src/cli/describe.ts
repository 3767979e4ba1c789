/** `nanod describe <service>`: everything that is known of a service. */

import type { Command } from './command.ts';
import { formatTable, shortVersion } from './table.ts';

interface DescribeArgs {
  readonly service: string;
  readonly json: boolean;
}

export const describe: Command<DescribeArgs> = {
  usage: 'describe <service>',
  aliases: ['show'],
  summary: 'Show everything that is known of a service',
  build: (yargs) =>
    yargs
      .positional('service', { type: 'string', demandOption: true, describe: 'Name of the service' })
      .option('json', { type: 'boolean', default: false, describe: 'Print it as JSON' }),
  async run({ service, json }, { operations, stdout }) {
    const { api } = operations.daemon;
    const { services } = await api.select({ selectors: [service] });
    const versions = await api.versions({ service });
    if (json) {
      stdout(`${JSON.stringify(services.map((each) => ({ ...each, versions })))}\n`);
      return 0;
    }
    for (const each of services) {
      const rows = Object.entries(each).map(([key, value]) => [key, format(key, value)]);
      stdout(formatTable(['', ''], rows).slice(1));
    }
    const rows = versions.map(({ version, deployedAt, isCurrent }) => [
      isCurrent ? '*' : '',
      shortVersion(version),
      new Date(deployedAt).toISOString(),
    ]);
    if (rows.length > 0) stdout(`\n${formatTable(['', 'version', 'deployed'], rows)}`);
    return 0;
  },
};

function format(key: string, value: unknown): string {
  if (key === 'deployedAt') return new Date(value as number).toISOString();
  return Array.isArray(value) ? value.join(' ') : String(value);
}
