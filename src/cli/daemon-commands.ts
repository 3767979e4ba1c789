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
  build: (yargs) => yargs.option('json', json).example('$0 ping --json', 'Version, process and home'),
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
  build: (yargs) => yargs.option('json', json).example('$0 save', 'After a disk was full'),
  async run(args, { operations, stdout }) {
    const report = await operations.daemon.api.save();
    stdout(args.json ? `${JSON.stringify(report)}\n` : `saved ${report.file}\n`);
    return 0;
  },
};

export const resurrect: Command<JsonArgs> = {
  usage: 'resurrect',
  summary: 'Start the daemon with what was deployed when it ended',
  build: (yargs) => yargs.option('json', json).example('$0 resurrect', 'After a reboot, without systemd'),
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
  build: (yargs) =>
    yargs.option('json', json).example('$0 kill', 'nanod start or nanod resurrect bring everything back'),
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

export const update: Command<JsonArgs> = {
  usage: 'update',
  summary: 'Replace the daemon by the installed version of nanod, without refusing a connection',
  build: (yargs) =>
    yargs.option('json', json).example('npm install -g nanod && $0 update', 'After nanod has been upgraded'),
  async run(args, { operations, stdout }) {
    const report = await operations.daemon.update();
    const { from, to } = report;
    const text = `nanod ${to.version} (process ${to.pid}) has taken over from nanod ${from.version} (process ${from.pid}), which finishes its requests\n`;
    stdout(args.json ? `${JSON.stringify(report)}\n` : text);
    return 0;
  },
};

interface DaemonArgs {
  readonly successor: boolean;
}

export const daemon: Command<DaemonArgs> = {
  usage: 'daemon',
  summary: 'Be the daemon, in the foreground (for systemd and the like)',
  build: (yargs) =>
    yargs
      .option('successor', { type: 'boolean', default: false, hidden: true })
      .example('$0 daemon', 'What nanod startup has systemd run'),
  run: ({ successor }, { operations }) => operations.runDaemon(successor),
};
