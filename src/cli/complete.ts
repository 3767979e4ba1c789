/** What comes next on a command line that is being typed: commands, options, names of services. Fast, and silent whatever is wrong. */

import yargs, { type Argv } from 'yargs';
import type { ControlApi } from '../control/api.ts';
import { commandNames, commandTable, loadCommands } from './commands.ts';

/** How long the daemon may take to name its services, in milliseconds. */
const patience = 500;

/** Lines of a word, a tab, and what it means. None where a file is expected. */
export async function complete(words: readonly string[], api: ControlApi): Promise<string> {
  const candidates = await candidatesFor(words, api).catch(() => []);
  return candidates.map(([word, meaning]) => `${word}\t${meaning}\n`).join('');
}

type Candidate = readonly [word: string, meaning: string];

async function candidatesFor(words: readonly string[], api: ControlApi): Promise<Candidate[]> {
  const [name = '', ...rest] = words;
  const current = rest.at(-1);
  if (current === undefined || (name === 'help' && rest.length === 1)) return allCommands();
  if (!commandNames.includes(name)) return [];
  const [command] = await loadCommands(name);
  if (command === undefined) return [];
  if (current.startsWith('-')) return optionsOf(command.build(yargs([])), command.usage);
  const argument = /[<[]\w+(?:\.\.)?[>\]]/u.exec(command.usage)?.[0] ?? '';
  if (name === 'completion') return ['bash', 'zsh', 'fish'].map((shell) => [shell, 'shell']);
  if (argument.includes('service'))
    return servicesOf(api, argument.includes('..') ? [['all', 'every service']] : []);
  if (argument === '<group>' && rest.length === 1) return groupsOf(api);
  return [];
}

async function allCommands(): Promise<Candidate[]> {
  const commands = await Promise.all(commandTable.map(({ load }) => load()));
  return commands.map(({ usage, summary }) => [usage.split(' ', 1).join(), summary]);
}

/** yargs has the method, its types do not. */
function optionsOf(built: Argv, usage: string): Candidate[] {
  const { key, hiddenOptions } = (
    built as unknown as {
      getOptions(): {
        readonly key: Readonly<Record<string, unknown>>;
        readonly hiddenOptions: readonly string[];
      };
    }
  ).getOptions();
  const arguments_ = usage.match(/\w+/gu) ?? [];
  const unwanted = new Set([...arguments_, ...hiddenOptions, 'version']);
  const names = Object.keys(key).filter((name) => name.length > 1 && !unwanted.has(name));
  return [...new Set([...names, 'help'])].map((name) => [`--${name}`, 'option']);
}

async function servicesOf(api: ControlApi, more: readonly Candidate[]): Promise<Candidate[]> {
  const services = await soon(api.list());
  return [...services.map(({ name, state }): Candidate => [name, state]), ...more];
}

async function groupsOf(api: ControlApi): Promise<Candidate[]> {
  return (await soon(api.threads())).map(({ name, threads }) => [name, `${threads} threads`]);
}

function soon<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  return Promise.race([
    list,
    new Promise<readonly T[]>((resolve) => setTimeout(resolve, patience, []).unref()),
  ]);
}
