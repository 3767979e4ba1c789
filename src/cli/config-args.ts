/** The arguments of every command that reads a configuration: which one, and what the command line says over it. */

import type { Argv } from 'yargs';
import type { ConfigOptions, NamedValue } from '../control/contract.ts';
import { UsageError } from './usage-error.ts';

/** As yargs gives them. */
export interface ConfigArgs {
  readonly config: string | undefined;
  readonly constant: string | undefined;
  readonly env: string | undefined;
  readonly 'socket-addr': readonly string[] | undefined;
  readonly 'external-addr': readonly string[] | undefined;
  readonly 'directory-path': readonly string[] | undefined;
}

/** Each may be given several times. */
const named = { type: 'string', array: true, nargs: 1, requiresArg: true } as const;

/** Adds them to a command whose usage has `[config] [constant]`. */
export function configArguments(yargs: Argv): Argv<ConfigArgs> {
  return yargs
    .positional('config', {
      type: 'string',
      describe: 'Configuration file, or a directory with an ecosystem.config.*',
      defaultDescription: 'the working directory',
    })
    .positional('constant', {
      type: 'string',
      describe: 'Constant of a capnp file',
      defaultDescription: 'its only one of the type Config',
    })
    .option('env', {
      type: 'string',
      requiresArg: true,
      describe: 'Environment: each app gets its env_NAME over its env',
    })
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
    constant: args.constant,
    env: args.env,
    socketAddr: readNamed('--socket-addr', args['socket-addr']),
    externalAddr: readNamed('--external-addr', args['external-addr']),
    directoryPath: readNamed('--directory-path', args['directory-path']),
  };
}

function readNamed(option: string, written: readonly string[] = []): NamedValue[] {
  return written.map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1 || equals === text.length - 1) throw new UsageError(`${option}: expected NAME=VALUE`);
    return { name: text.slice(0, equals), value: text.slice(equals + 1) };
  });
}
