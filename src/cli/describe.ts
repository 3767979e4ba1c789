/** `nanod describe <service>`: everything that is known of a service. */

import type { CrashDescription, ServiceHealth, ServiceReport } from '../control/api.ts';
import type { Command } from './command.ts';
import { formatTable, shortVersion } from './table.ts';

interface DescribeArgs {
  readonly service: string;
  readonly json: boolean;
}

export const describe: Command<DescribeArgs> = {
  usage: 'describe <service>',
  aliases: ['show'],
  summary: 'Show everything that is known of a service',
  build: (yargs) =>
    yargs
      .positional('service', { type: 'string', demandOption: true, describe: 'Name of the service' })
      .option('json', { type: 'boolean', default: false, describe: 'Print it as JSON' })
      .example('$0 describe api', 'Its state, its addresses, its versions'),
  async run({ service, json }, { operations, stdout }) {
    const { api } = operations.daemon;
    const { services } = await api.describe({ selectors: [service] });
    const versions = await api.versions({ service });
    if (json) {
      stdout(`${JSON.stringify(services.map((each) => ({ ...each, versions })))}\n`);
      return 0;
    }
    for (const each of services) {
      const { health, ...own } = each;
      const shown = Object.entries({ ...own, ...health }).filter(([key]) => key !== 'recentCrashes');
      const rows = shown.map(([key, value]) => [words(key), format(key, value)]);
      stdout(formatTable(['', ''], rows).slice(1));
    }
    const rows = versions.map(({ version, deployedAt, isCurrent }) => [
      isCurrent ? '*' : '',
      shortVersion(version),
      new Date(deployedAt).toISOString(),
    ]);
    if (rows.length > 0) stdout(`\n${formatTable(['', 'version', 'deployed'], rows)}`);
    for (const { recentCrashes = [] } of services) stdout(formatCrashes(recentCrashes));
    return 0;
  },
};

/** `lastFailure` as `last failure`. */
function words(key: string): string {
  return key.replace(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
}

function format(key: string, value: unknown): string {
  if (key === 'deployedAt' || key === 'lastSuccess') return new Date(value as number).toISOString();
  if (key === 'lastFailure') {
    const { time, code, message } = value as NonNullable<ServiceHealth['lastFailure']>;
    return `${new Date(time).toISOString()} ${code}: ${message}`;
  }
  if (key === 'p50' || key === 'p99' || key.endsWith('Latency'))
    return `${(value as number).toPrecision(3)} ms`;
  if (key === 'lastCrash') {
    const { at, message } = value as NonNullable<ServiceReport['lastCrash']>;
    return `${at} ${message}`;
  }
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Each crash with its stack; '' where there is none. */
function formatCrashes(crashes: readonly CrashDescription[]): string {
  const texts = crashes.map(({ at, kind, thread, version, source, name, message, stack }) => {
    const where =
      kind === 'thread'
        ? `thread ${thread} was lost`
        : `${source}, thread ${thread}, ${shortVersion(version)}`;
    const frames = stack.split('\n').filter((line) => /^ +at /u.test(line));
    return [`  ${at}  ${name}: ${message} (${where})`, ...frames.map((frame) => `  ${frame}`), ''].join('\n');
  });
  return texts.length === 0 ? '' : `\ncrashes\n${texts.join('')}`;
}
