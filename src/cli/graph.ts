/** `nanod graph [config]`: who can reach whom, as the configuration says it. */

import type { GraphFormat } from '../control/contract.ts';
import type { Command } from './command.ts';
import { configArguments, readConfigArgs } from './config-args.ts';
import type { ConfigArgs } from './config-args.ts';

interface GraphArgs extends ConfigArgs {
  readonly format: GraphFormat;
  readonly json: boolean;
  readonly 'who-can-reach': string | undefined;
  readonly 'reachable-from': string | undefined;
}

const formats = ['text', 'json', 'mermaid', 'dot', 'svg'] as const satisfies readonly GraphFormat[];

export const graph: Command<GraphArgs> = {
  usage: 'graph [config] [constant..]',
  summary: 'Show who can reach whom',
  build: (yargs) =>
    configArguments(yargs)
      .option('format', {
        choices: formats,
        default: 'text' as const,
        requiresArg: true,
        describe: 'How it is shown',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON, whatever the format' })
      .option('who-can-reach', {
        type: 'string',
        requiresArg: true,
        describe: 'Only what can reach this service, with the shortest way of each',
      })
      .option('reachable-from', {
        type: 'string',
        requiresArg: true,
        describe: 'Only what this service, or this socket, can reach',
        conflicts: 'who-can-reach',
      })
      .example('$0 graph --who-can-reach internet', 'Which code can talk to the internet, and through what')
      .example('$0 graph --format svg > map.svg', 'A picture'),
  async run({ format, json, ...args }, { operations, stdout, stderr }) {
    const { text, warnings } = await operations.graph({
      ...readConfigArgs(args),
      format: json ? 'json' : format,
      whoCanReach: args['who-can-reach'],
      reachableFrom: args['reachable-from'],
    });
    for (const warning of warnings) stderr(`warning: ${warning}\n`);
    stdout(text);
    return 0;
  },
};
