/** `nanod config convert <file>`: writes a configuration of another tool in nanod's own dialect. */

import type { Command } from './command.ts';

interface ConfigCommandArgs {
  readonly action: 'convert';
  readonly file: string;
  readonly constant: string | undefined;
  readonly to: 'ecosystem';
  readonly output: string | undefined;
}

export const config: Command<ConfigCommandArgs> = {
  usage: 'config <action> <file> [constant]',
  summary: "Convert a configuration into nanod's own dialect",
  build: (yargs) =>
    yargs
      .positional('action', { choices: ['convert'] as const, demandOption: true, describe: 'What to do' })
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'A configuration of workerd: *.capnp',
      })
      .positional('constant', {
        type: 'string',
        describe: 'Constant of a capnp file',
        defaultDescription: 'its only one of the type Config',
      })
      .option('to', {
        choices: ['ecosystem'] as const,
        default: 'ecosystem' as const,
        requiresArg: true,
        describe: 'The dialect that it is converted to',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        describe: 'The file to write: .js, .mjs, .cjs, .ts or .json',
        defaultDescription: 'standard output',
      })
      .example(
        '$0 config convert config.capnp -o ecosystem.config.js',
        'Take over a configuration of workerd',
      ),
  async run({ file, constant, output }, powers) {
    const { text } = await powers.operations.convert({ config: file, constant, output });
    if (text !== undefined) powers.stdout(text);
    return 0;
  },
};
