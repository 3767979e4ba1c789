/** `nanod deploy [target..]`: deploys a configuration or a script, all at once or to a share of the requests first. */

import type { DeployReport, ShareTerms } from '../control/api.ts';
import type { CliPowers, Command } from './command.ts';
import { deploy as deployNow } from './deploy-steps.ts';
import { formatDeployment } from './report.ts';
import { readTargets, type StartArgs, targetArguments } from './start.ts';
import { UsageError } from './usage-error.ts';

interface DeployArgs extends StartArgs {
  readonly percent: number | undefined;
  readonly sticky: string | undefined;
  readonly promote: boolean;
  readonly abort: boolean;
}

export const deploy: Command<DeployArgs> = {
  usage: 'deploy [target..]',
  summary: 'Deploy a configuration or a script, if wanted to a share of the requests first',
  build: (yargs) =>
    targetArguments(yargs)
      .option('percent', {
        type: 'number',
        requiresArg: true,
        describe: 'Send so many percent of the requests to the new version',
      })
      .option('sticky', {
        type: 'string',
        requiresArg: true,
        describe: 'header:NAME or cookie:NAME: clients with the same value stay with one version',
      })
      .option('promote', {
        type: 'boolean',
        default: false,
        describe: 'The new version replaces the old one',
      })
      .option('abort', {
        type: 'boolean',
        default: false,
        describe: 'The old version gets all requests again',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' })
      .example('$0 deploy', 'Deploy ./ecosystem.config.js')
      .example('$0 deploy --percent 10 --sticky cookie:session', 'Try it on a tenth of the users')
      .example('$0 versions', 'Compare the errors of both versions')
      .example('$0 deploy --promote', 'Give it to everybody'),
  async run(args, powers) {
    const report = await (args.promote || args.abort ? end(args, powers) : begin(args, powers));
    powers.stdout(args.json ? `${JSON.stringify(report)}\n` : formatDeployment(report));
    return 0;
  },
};

function begin(
  { target = [], percent, sticky, ...args }: DeployArgs,
  powers: CliPowers,
): Promise<DeployReport> {
  if (sticky !== undefined && percent === undefined) throw new UsageError('--sticky goes with --percent');
  if (percent !== undefined && !(percent >= 0 && percent <= 100))
    throw new UsageError('--percent: expected a number from 0 to 100');
  const share = percent === undefined ? undefined : { percent, ...readSticky(sticky) };
  return deployNow({ ...readTargets(target, args), share }, powers);
}

/** A target is a service of the deployment that is meant. */
function end({ target = [], percent, promote, abort }: DeployArgs, powers: CliPowers): Promise<DeployReport> {
  if (promote && abort) throw new UsageError('--promote or --abort, not both');
  if (percent !== undefined) throw new UsageError('--percent does not go with --promote and --abort');
  const [service, ...others] = target;
  if (others.length > 0) throw new UsageError('name one service');
  const action = promote ? 'promote' : 'abort';
  return powers.operations.daemon.api.share({ action, ...(service === undefined ? {} : { service }) });
}

function readSticky(written: string | undefined): Pick<ShareTerms, 'sticky'> {
  if (written === undefined) return {};
  const [, kind, name = ''] = /^(header|cookie):([!#$%&'*+.^_`|~\w-]+)$/u.exec(written) ?? [];
  if (kind === 'header') return { sticky: { kind, name: name.toLowerCase() } };
  if (kind === 'cookie') return { sticky: { kind, name } };
  throw new UsageError('--sticky: expected header:NAME or cookie:NAME');
}
