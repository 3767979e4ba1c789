/** Every command by its names, in the order of the help. A command line loads the one that it names: each module takes its time. */

import type { Argv } from 'yargs';
import type { CliPowers, Command } from './command.ts';

/** Its arguments are what its own `build` makes. */
export type AnyCommand = Pick<Command<never>, 'usage' | 'aliases' | 'summary'> & {
  readonly build: (yargs: Argv) => Argv;
  readonly run: (args: unknown, powers: CliPowers) => Promise<number>;
};

/** Names of a command, the first of them its own, and what loads it. */
export interface CommandEntry {
  readonly names: readonly string[];
  readonly load: () => Promise<AnyCommand>;
}

function entry<Args>(names: string, load: () => Promise<Command<Args>>): CommandEntry {
  return { names: names.split(' '), load: load as unknown as CommandEntry['load'] };
}

export const commandTable: readonly CommandEntry[] = [
  entry('serve', async () => (await import('./serve.ts')).serve),
  entry('check', async () => (await import('./check.ts')).check),
  entry('test', async () => (await import('./test.ts')).test),
  entry('config', async () => (await import('./config.ts')).config),
  entry('graph', async () => (await import('./graph.ts')).graph),
  entry('init', async () => (await import('./init.ts')).init),
  entry('start', async () => (await import('./start.ts')).start),
  entry('deploy', async () => (await import('./deploy.ts')).deploy),
  entry('reload', async () => (await import('./reload.ts')).reload),
  entry('restart', async () => (await import('./actions.ts')).restart),
  entry('stop', async () => (await import('./actions.ts')).stop),
  entry('delete del', async () => (await import('./actions.ts')).remove),
  entry('ls list status ps', async () => (await import('./ls.ts')).ls),
  entry('describe show', async () => (await import('./describe.ts')).describe),
  entry('env', async () => (await import('./env.ts')).env),
  entry('logs log', async () => (await import('./logs.ts')).logs),
  entry('flush', async () => (await import('./logs.ts')).flush),
  entry('monit', async () => (await import('./monit.ts')).monit),
  entry('scale', async () => (await import('./scale.ts')).scale),
  entry('versions', async () => (await import('./versions.ts')).versions),
  entry('rollback', async () => (await import('./versions.ts')).rollback),
  entry('ping', async () => (await import('./daemon-commands.ts')).ping),
  entry('save', async () => (await import('./daemon-commands.ts')).save),
  entry('resurrect', async () => (await import('./daemon-commands.ts')).resurrect),
  entry('kill', async () => (await import('./daemon-commands.ts')).kill),
  entry('update', async () => (await import('./daemon-commands.ts')).update),
  entry('daemon', async () => (await import('./daemon-commands.ts')).daemon),
  entry('startup', async () => (await import('./startup.ts')).startup),
  entry('unstartup', async () => (await import('./startup.ts')).unstartup),
  entry('doctor', async () => (await import('./doctor.ts')).doctor),
  entry('completion', async () => (await import('./completion.ts')).completion),
];

/** All names, those of aliases too. */
export const commandNames: readonly string[] = commandTable.flatMap(({ names }) => names);

/** The one that a command line names; all of them where it names none. */
export async function loadCommands(name: string | undefined): Promise<AnyCommand[]> {
  const named = commandTable.filter(({ names }) => name !== undefined && names.includes(name));
  return Promise.all((named.length > 0 ? named : commandTable).map(({ load }) => load()));
}
