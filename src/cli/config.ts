/** `nanod config convert <file>`: writes a configuration of another tool in nanod's own dialect. */

import type { Command } from './command.ts';
import { environmentOption, moreArguments, readMore } from './config-args.ts';

interface ConfigCommandArgs {
  readonly action: 'convert';
  readonly file: string;
  readonly constant: readonly string[] | undefined;
  readonly env: string | undefined;
  readonly to: 'ecosystem';
  readonly output: string | undefined;
}

export const config: Command<ConfigCommandArgs> = {
  usage: 'config <action> <file> [constant..]',
  summary: "Convert a configuration into nanod's own dialect",
  build: (yargs) =>
    moreArguments(
      yargs
        .positional('action', { choices: ['convert'] as const, demandOption: true, describe: 'What to do' })
        .positional('file', {
          type: 'string',
          demandOption: true,
          describe: 'A configuration of workerd or of wrangler: *.capnp, wrangler.*',
        }),
    )
      .option('env', environmentOption)
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
  async run({ file, constant, env, output }, powers) {
    const options = { config: file, ...readMore(constant), environment: env, output };
    const { text, warnings } = await powers.operations.convert(options);
    for (const warning of warnings) powers.stderr(`warning: ${warning}\n`);
    if (text !== undefined) powers.stdout(text);
    return 0;
  },
};
