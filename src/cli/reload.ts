/** `nanod reload [service..]`: reads configurations and code again, and deploys what has changed. */

import type { DeployReport, ServiceReport } from '../control/api.ts';
import type { Command } from './command.ts';
import { deploy } from './deploy-steps.ts';
import { formatChanges, formatSockets } from './report.ts';

interface ReloadArgs {
  readonly service: readonly string[] | undefined;
  readonly json: boolean;
}

export const reload: Command<ReloadArgs> = {
  usage: 'reload [service..]',
  summary: 'Read configurations and code again, and deploy what has changed',
  build: (yargs) =>
    yargs
      .positional('service', {
        type: 'string',
        array: true,
        describe: 'Names of services, globs, or all',
        defaultDescription: 'everything that is deployed',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the results as JSON' })
      .example('$0 reload', 'Every configuration that is deployed')
      .example('$0 reload api', 'Only the service api'),
  async run({ service = [], json }, powers) {
    const { api } = powers.operations.daemon;
    const isAll = service.length === 0 || service.includes('all');
    const selectors = isAll ? ['all'] : service.map(String);
    const { services } = await api.select({ selectors });
    const all = bySource(await api.list());
    const reports: DeployReport[] = [];
    for (const [config, { names, readWith }] of bySource(services)) {
      const report = await deploy(
        { config, ...readWith, only: isWhole(names, all.get(config)) ? undefined : names },
        powers,
      );
      reports.push(report);
      if (!json) powers.stdout(`${config}: ${formatChanges(report)}`);
    }
    powers.stdout(json ? `${JSON.stringify(reports)}\n` : formatSockets(reports.at(-1) ?? { sockets: [] }));
    return 0;
  },
};

/** Whether these are all services of a configuration: then it is read as a whole, with its sockets. */
function isWhole(names: readonly string[], source: Source | undefined): boolean {
  return source === undefined || source.names.every((name) => names.includes(name));
}

interface Source {
  readonly names: readonly string[];
  readonly readWith: ServiceReport['readWith'];
}

function bySource(services: readonly ServiceReport[]): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const { name, source, readWith } of services) {
    sources.set(source, { names: [...(sources.get(source)?.names ?? []), name], readWith });
  }
  return sources;
}
