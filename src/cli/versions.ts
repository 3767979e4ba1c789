/** `nanod versions [service]` and `nanod rollback <service> [to]`. */

import type { VersionReport } from '../control/api.ts';
import type { Command } from './command.ts';
import { formatDeployment } from './report.ts';
import { formatTable, shortVersion } from './table.ts';

interface VersionsArgs {
  readonly service: string | undefined;
  readonly json: boolean;
}

export const versions: Command<VersionsArgs> = {
  usage: 'versions [service]',
  summary: 'List what ran when',
  build: (yargs) =>
    yargs
      .positional('service', { type: 'string', describe: 'Name of a service, or a glob' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the list as JSON' })
      .example('$0 versions api', 'What can be rolled back to'),
  async run({ service, json }, powers) {
    const list = await powers.operations.daemon.api.versions(service === undefined ? {} : { service });
    if (json) {
      powers.stdout(`${JSON.stringify(list)}\n`);
      return 0;
    }
    const rows = list.map((each) => [
      each.service,
      each.isCurrent ? '*' : '',
      shortVersion(each.version),
      new Date(each.deployedAt).toISOString(),
      ...(list.some(({ share }) => share !== undefined) ? formatShare(each.share) : []),
    ]);
    const head = ['service', '', 'version', 'deployed'];
    const more = ['share', 'requests', 'errors', 'rate'];
    powers.stdout(
      formatTable(rows.some(({ length }) => length > head.length) ? [...head, ...more] : head, rows),
    );
    return 0;
  },
};

function formatShare(share: VersionReport['share']): string[] {
  if (share === undefined) return ['', '', '', ''];
  const { percent, requests, errors } = share;
  const rate = requests === 0 ? '' : `${((errors / requests) * 100).toFixed(2)}%`;
  return [`${percent}%`, String(requests), String(errors), rate];
}

interface RollbackArgs {
  readonly service: string;
  readonly to: string | undefined;
  readonly json: boolean;
}

export const rollback: Command<RollbackArgs> = {
  usage: 'rollback <service> [to]',
  summary: 'Bring an earlier version of a service back, at once',
  build: (yargs) =>
    yargs
      .positional('service', { type: 'string', demandOption: true, describe: 'Name of the service' })
      .positional('to', {
        type: 'string',
        describe: 'The beginning of a version',
        defaultDescription: 'the one before this one',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' })
      .example('$0 rollback api', 'Undo the last deployment of api'),
  async run({ service, to, json }, powers) {
    const request = { service, ...(to === undefined ? {} : { version: String(to) }) };
    const report = await powers.operations.daemon.api.rollback(request);
    powers.stdout(json ? `${JSON.stringify(report)}\n` : formatDeployment(report));
    return 0;
  },
};
