/** The commands about the daemon itself: `ping`, `save`, `resurrect`, `kill`, and `daemon`, which is it. */

import type { Command } from './command.ts';
import { formatDeployment } from './report.ts';
import { count, formatDuration } from './table.ts';

interface JsonArgs {
  readonly json: boolean;
}

const json = { type: 'boolean', default: false, describe: 'Print the result as JSON' } as const;

export const ping: Command<JsonArgs> = {
  usage: 'ping',
  summary: 'Say whether the daemon is there',
  build: (yargs) => yargs.option('json', json),
  async run(args, { operations, stdout }) {
    const report = await operations.daemon.api.ping();
    const age = formatDuration(Date.now() - report.startedAt);
    const { reason } = report.logs;
    const log = reason === undefined ? '' : `the log: ${reason}\n`;
    const text = `nanod ${report.version} is up for ${age} (process ${report.pid}, ${report.home})\n${log}`;
    stdout(args.json ? `${JSON.stringify(report)}\n` : text);
    return 0;
  },
};

export const save: Command<JsonArgs> = {
  usage: 'save',
  summary: 'Save what is deployed (every change is saved by itself)',
  build: (yargs) => yargs.option('json', json),
  async run(args, { operations, stdout }) {
    const report = await operations.daemon.api.save();
    stdout(args.json ? `${JSON.stringify(report)}\n` : `saved ${report.file}\n`);
    return 0;
  },
};

export const resurrect: Command<JsonArgs> = {
  usage: 'resurrect',
  summary: 'Start the daemon with what was deployed when it ended',
  build: (yargs) => yargs.option('json', json),
  async run(args, { operations, stdout }) {
    await operations.daemon.ensure();
    const report = await operations.daemon.api.resurrect();
    stdout(args.json ? `${JSON.stringify(report)}\n` : formatDeployment(report));
    return report.failures.length === 0 ? 0 : 1;
  },
};

export const kill: Command<JsonArgs> = {
  usage: 'kill',
  summary: 'Drain every service and end the daemon; what is deployed is kept',
  build: (yargs) => yargs.option('json', json),
  async run(args, { operations, stdout }) {
    const { daemon } = operations;
    const { pid } = await daemon.api.ping();
    const report = await daemon.api.kill();
    await daemon.gone(pid);
    const cut = report.aborted === 0 ? '' : `, ${count(report.aborted, 'request')} cut off`;
    stdout(args.json ? `${JSON.stringify(report)}\n` : `the daemon has ended${cut}\n`);
    return 0;
  },
};

export const daemon: Command<Record<never, never>> = {
  usage: 'daemon',
  summary: 'Be the daemon, in the foreground (for systemd and the like)',
  build: (yargs) => yargs,
  run: (_args, { operations }) => operations.runDaemon(),
};
