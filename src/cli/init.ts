/** `nanod init [directory]`: the files of a first deployment. */

import type { Command } from './command.ts';

interface InitArgs {
  readonly directory: string | undefined;
  readonly ts: boolean;
  readonly json: boolean;
}

export const init: Command<InitArgs> = {
  usage: 'init [directory]',
  summary: 'Write a configuration that explains itself, and a worker that runs',
  build: (yargs) =>
    yargs
      .positional('directory', {
        type: 'string',
        describe: 'Where to write it',
        defaultDescription: 'the working directory',
      })
      .option('ts', { type: 'boolean', default: false, describe: 'The worker in TypeScript' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the paths as JSON' })
      .example('$0 init site && cd site && $0 start', 'From nothing to a service'),
  async run({ directory, ts, json }, { operations, stdout }) {
    const paths = await operations.init({ directory, typescript: ts });
    const lines = [...paths.map((path) => `wrote ${path}`), 'next: nanod start, in that directory'];
    stdout(json ? `${JSON.stringify(paths)}\n` : `${lines.join('\n')}\n`);
    return 0;
  },
};
