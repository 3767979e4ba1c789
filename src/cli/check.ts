/** `nanod check [config]`: says everything that is wrong with a configuration and its workers, and runs nothing. */

import type { Command } from './command.ts';
import { configArguments, readConfigArgs } from './config-args.ts';
import type { ConfigArgs } from './config-args.ts';
import { count } from '../shared/text.ts';
import { makeProgress } from './progress.ts';

interface CheckArgs extends ConfigArgs {
  readonly evaluate: boolean;
  readonly json: boolean;
}

export const check: Command<CheckArgs> = {
  usage: 'check [config] [constant..]',
  summary: 'Validate a configuration and its workers without running them',
  build: (yargs) =>
    configArguments(yargs)
      .option('evaluate', {
        type: 'boolean',
        default: false,
        describe: "Evaluate every worker's top level as well (this runs code)",
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' })
      .example('$0 check', 'Check ./ecosystem.config.js'),
  async run({ evaluate, json, ...args }, powers) {
    const progress = makeProgress('bundling', powers);
    const report = await powers.operations
      .check({ ...readConfigArgs(args), evaluate, onProgress: progress.update })
      .finally(progress.clear);
    for (const warning of report.warnings) powers.stderr(`warning: ${warning}\n`);
    if (json) powers.stdout(`${JSON.stringify(report)}\n`);
    else {
      const evaluated = report.evaluated ? ', evaluated' : '';
      powers.stdout(
        `${report.file}: ok (${count(report.workers, 'worker')}${evaluated}, ${count(report.sockets, 'socket')})\n`,
      );
    }
    return 0;
  },
};
