/** `nanod start [target...]`: deploys a configuration or a script into the daemon, or starts services that were stopped. */

import type { Argv } from 'yargs';
import type { CliPowers, Command } from './command.ts';
import {
  environmentOption,
  overrideOptions,
  readMore,
  readOverrides,
  type ConfigArgs,
} from './config-args.ts';
import { deploy, type DeployOptions } from './deploy-steps.ts';
import { formatDeployment, formatServices } from './report.ts';
import { UsageError } from './usage-error.ts';

export interface StartArgs extends Pick<ConfigArgs, 'socket-addr' | 'external-addr' | 'directory-path'> {
  readonly target: readonly string[] | undefined;
  readonly name: string | undefined;
  readonly port: number | undefined;
  readonly env: string | undefined;
  readonly watch: boolean;
  readonly namespace: string | undefined;
  readonly json: boolean;
}

export const start: Command<StartArgs> = {
  usage: 'start [target..]',
  summary: 'Deploy a configuration or a script, or start stopped services',
  build: (yargs) =>
    targetArguments(yargs)
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' })
      .example('$0 start', 'Deploy ./ecosystem.config.js')
      .example('$0 start worker.ts --port 8080', 'Deploy a script')
      .example('$0 start api', 'Start the service api again'),
  async run({ target = [], json, ...said }, powers) {
    const [first] = target;
    if (first !== undefined && !(await powers.operations.exists(first)) && !looksLikePath(first))
      return startAgain(target, json, powers);
    const report = await deploy(readTargets(target, said), powers);
    powers.stdout(json ? `${JSON.stringify(report)}\n` : formatDeployment(report));
    return 0;
  },
};

/** The arguments of commands that deploy. */
export function targetArguments(yargs: Argv): Argv<Omit<StartArgs, 'json'>> {
  return overrideOptions(
    yargs.positional('target', {
      type: 'string',
      array: true,
      describe:
        'Configuration (and a constant in it), wrangler files, directory, script, or names of services',
      defaultDescription: 'the working directory',
    }),
  )
    .option('name', { type: 'string', requiresArg: true, describe: 'Name of the service of a script' })
    .option('port', { type: 'number', requiresArg: true, describe: 'Port of the service of a script' })
    .option('env', environmentOption)
    .option('watch', { type: 'boolean', default: false, describe: 'Deploy again when files change' })
    .option('namespace', { type: 'string', requiresArg: true, describe: 'Another name for all of it' });
}

/** What is to be deployed. Throws UsageError. */
export function readTargets(
  [first, ...more]: readonly string[],
  { name, port, env, watch, namespace, ...overrides }: Omit<StartArgs, 'target' | 'json'>,
): DeployOptions {
  const { constant, others } = readMore(more);
  if (!others.every(isWranglerFile) || (constant !== undefined && !first?.endsWith('.capnp')))
    throw new UsageError('name one configuration or script');
  const said = { constant, others, name, port, environment: env, watch, namespace };
  return { config: first, ...said, ...readOverrides(overrides) };
}

function looksLikePath(target: string): boolean {
  return target.includes('/') || /\.[a-z]+$/iu.test(target);
}

/** Several of these make one deployment. */
function isWranglerFile(target: string): boolean {
  return /(?:^|[\\/])wrangler\b[^\\/]*\.(?:jsonc?|toml)$/iu.test(target);
}

async function startAgain(selectors: readonly string[], json: boolean, powers: CliPowers): Promise<number> {
  const { api } = powers.operations.daemon;
  await powers.operations.daemon.ensure();
  const { services } = await api.act({ action: 'start', selectors });
  const list = (await api.list()).filter(({ name }) => services.includes(name));
  powers.stdout(json ? `${JSON.stringify(list)}\n` : formatServices(list, Date.now()));
  return 0;
}
