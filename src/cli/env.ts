/** `nanod env <service>`: what a service finds in its `env`. */

import type { EnvReport } from '../control/api.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

interface EnvArgs {
  readonly service: string;
  readonly 'show-values': boolean;
  readonly json: boolean;
}

export const env: Command<EnvArgs> = {
  usage: 'env <service>',
  summary: 'Show what a service finds in its env: names and kinds, and values if asked for',
  build: (yargs) =>
    yargs
      .positional('service', { type: 'string', demandOption: true, describe: 'Name of a service, or a glob' })
      .option('show-values', { type: 'boolean', default: false, describe: 'Print values, secrets too' })
      .option('json', { type: 'boolean', default: false, describe: 'Print it as JSON' })
      .example('$0 env api', 'Kinds and targets')
      .example('$0 env api --show-values', 'Texts, and what came from the environment'),
  async run({ service, json, ...args }, { operations, stdout }) {
    const reports = await operations.daemon.api.env({
      selectors: [String(service)],
      values: args['show-values'],
    });
    stdout(json ? `${JSON.stringify(reports)}\n` : reports.map(format).join('\n'));
    return 0;
  },
};

function format({ service, source, environment, fetch, bindings }: EnvReport): string {
  const from = environment === undefined ? source : `${source}, environment ${environment}`;
  const rows = bindings.map(({ name, kind, detail, value }) => [
    name,
    kind,
    value === undefined ? detail : JSON.stringify(value),
  ]);
  const table = formatTable(['name', 'kind', ''], [...rows, ['fetch()', 'service', fetch]]);
  return `${service} (${from})\n${table}`;
}
