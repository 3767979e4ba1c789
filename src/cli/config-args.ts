/** The arguments of every command that reads a configuration: which one, and what the command line says over it. */

import type { Argv } from 'yargs';
import type { ConfigOptions } from '../control/contract.ts';
import type { NamedValue } from '../shared/read-with.ts';
import { UsageError } from './usage-error.ts';

/** As yargs gives them. */
export interface ConfigArgs {
  readonly config: string | undefined;
  readonly constant: readonly string[] | undefined;
  readonly env: string | undefined;
  readonly 'socket-addr': readonly string[] | undefined;
  readonly 'external-addr': readonly string[] | undefined;
  readonly 'directory-path': readonly string[] | undefined;
  readonly replace: readonly string[] | undefined;
}

/** Each may be given several times. */
const named = { type: 'string', array: true, nargs: 1, requiresArg: true } as const;

/** The environment of a wrangler file, or `NAME` of `env_NAME`. */
export const environmentOption = {
  type: 'string',
  requiresArg: true,
  describe: 'Environment: of a wrangler file, or NAME of env_NAME',
} as const;

const constant = {
  type: 'string',
  array: true,
  describe: 'Constant of a capnp file, or more wrangler files',
} as const;

/** Adds the second positional argument, which is a constant or more files. */
export function moreArguments<Args>(yargs: Argv<Args>): Argv<Args & Pick<ConfigArgs, 'constant'>> {
  return yargs.positional('constant', constant);
}

/** Adds them to a command whose usage has `[config] [constant..]`. */
export function configArguments(yargs: Argv): Argv<ConfigArgs> {
  return moreArguments(configPositional(yargs));
}

/** Adds them all but the second positional argument. */
export function configPositional(yargs: Argv): Argv<Omit<ConfigArgs, 'constant'>> {
  const args = yargs
    .positional('config', {
      type: 'string',
      describe: 'Configuration file, or a directory with an ecosystem.config.* or a wrangler file',
      defaultDescription: 'the working directory',
    })
    .option('env', environmentOption)
    .option('replace', {
      ...named,
      describe: 'SERVICE=SCRIPT: a worker that takes the place of a service',
    });
  return overrideOptions(args);
}

/** Adds what says an address or a directory over the configuration. */
export function overrideOptions<Args>(
  yargs: Argv<Args>,
): Argv<Args & Pick<ConfigArgs, 'socket-addr' | 'external-addr' | 'directory-path'>> {
  return yargs
    .option('socket-addr', { ...named, alias: 's', describe: 'NAME=ADDRESS: where a socket listens' })
    .option('external-addr', { ...named, alias: 'e', describe: 'NAME=ADDRESS: where an external server is' })
    .option('directory-path', {
      ...named,
      alias: 'd',
      describe: 'NAME=PATH: the directory of a service, from the working directory',
    });
}

/** Throws UsageError. */
export function readConfigArgs(args: ConfigArgs): ConfigOptions {
  return {
    config: args.config,
    environment: args.env,
    ...readMore(args.constant),
    ...readOverrides(args),
    replace: readNamed('--replace', args.replace),
  };
}

/** Throws UsageError. */
export function readOverrides(
  args: Pick<ConfigArgs, 'socket-addr' | 'external-addr' | 'directory-path'>,
): Pick<ConfigOptions, 'socketAddr' | 'externalAddr' | 'directoryPath'> {
  return {
    socketAddr: readNamed('--socket-addr', args['socket-addr']),
    externalAddr: readNamed('--external-addr', args['external-addr']),
    directoryPath: readNamed('--directory-path', args['directory-path']),
  };
}

/** Further files are told from the name of a constant by their endings. Throws UsageError. */
export function readMore(written: readonly string[] = []): Pick<ConfigOptions, 'constant' | 'others'> {
  const others = written.filter((text) => /\.[a-z]+$/iu.test(text));
  const [constant, ...more] = written.filter((text) => !others.includes(text));
  if (more.length > 0) throw new UsageError('name one constant');
  return { constant, others };
}

function readNamed(option: string, written: readonly string[] = []): NamedValue[] {
  return written.map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1 || equals === text.length - 1) throw new UsageError(`${option}: expected NAME=VALUE`);
    return { name: text.slice(0, equals), value: text.slice(equals + 1) };
  });
}
