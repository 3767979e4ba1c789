/** The operation behind `nanod config convert`: reads a file of another dialect, and prints it in dialect 1. */

import { writeFile } from 'node:fs/promises';
import { dirname, extname, resolve as resolvePath } from 'node:path';
import { loadForConversion } from './config/load.ts';
import { makeConfigPowers, errorCode } from './config/powers.ts';
import { printEcosystem } from './config/print-ecosystem.ts';
import type { PrintOptions } from './config/print-ecosystem.ts';
import { CommandFailure, type Converted, type ConvertOptions } from './control/contract.ts';
import { displayPath } from './shared/display-path.ts';
import { makeError } from './shared/errors.ts';

export interface ConvertPowers {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const formats: Readonly<Record<string, PrintOptions['format']>> = {
  '.js': 'module',
  '.mjs': 'module',
  '.ts': 'module',
  '.cjs': 'commonjs',
  '.json': 'json',
};

/** Throws CommandFailure. */
export async function convert(
  options: ConvertOptions,
  { cwd, environment }: ConvertPowers,
): Promise<Converted> {
  const output = options.output === undefined ? undefined : resolvePath(cwd, options.output);
  const ending = output === undefined ? '.js' : extname(output).toLowerCase();
  const format = formats[ending];
  if (format === undefined) {
    const reason = `--output: expected a file that ends in ${Object.keys(formats).join(', ')}`;
    throw new CommandFailure([makeError('USAGE', { reason })]);
  }
  const powers = makeConfigPowers({ cwd, environment });
  const { root, errors, path = '', warnings = [] } = await loadForConversion(options.config, powers, options);
  if (root === undefined || errors.length > 0) throw new CommandFailure(errors);
  const directory = output === undefined ? cwd : dirname(output);
  const text = printEcosystem(root, { directory, format, source: displayPath(path, cwd) });
  if (output === undefined) return { text, warnings };
  await write(output, text, displayPath(output, cwd));
  return { text: undefined, warnings };
}

/** Never over a file that is there. */
async function write(path: string, text: string, file: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    const code = errorCode(error);
    const reason = code === 'EEXIST' ? 'it exists already, and is not replaced' : code;
    throw new CommandFailure([makeError('OUTPUT_UNWRITABLE', { reason }, { file })]);
  }
}
