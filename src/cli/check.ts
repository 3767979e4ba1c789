/** `nanod check [config]`: says everything that is wrong with a configuration and its workers, and runs nothing. */

import type { Command } from './command.ts';
import { count } from '../shared/text.ts';
import { makeProgress } from './progress.ts';

interface CheckArgs {
  readonly config: string | undefined;
  readonly evaluate: boolean;
  readonly json: boolean;
}

export const check: Command<CheckArgs> = {
  usage: 'check [config]',
  summary: 'Validate a configuration and its workers without running them',
  build: (yargs) =>
    yargs
      .positional('config', {
        type: 'string',
        describe: 'Configuration file, or a directory with an ecosystem.config.*',
        defaultDescription: 'the working directory',
      })
      .option('evaluate', {
        type: 'boolean',
        default: false,
        describe: "Evaluate every worker's top level as well (this runs code)",
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' })
      .example('$0 check', 'Check ./ecosystem.config.js'),
  async run({ config, evaluate, json }, powers) {
    const progress = makeProgress('bundling', powers);
    const report = await powers.operations
      .check({ config, evaluate, onProgress: progress.update })
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
