/** `nanod serve [config]`: runs a deployment in the foreground until a signal asks it to stop. */

import type { ServedSocket, Server } from '../control/contract.ts';
import type { CliPowers, Command } from './command.ts';
import { makeProgress } from './progress.ts';

interface ServeArgs {
  readonly config: string | undefined;
  readonly threads: number | undefined;
}

/** How long requests under way may take after a signal, in milliseconds. */
const drainDeadline = 10_000;

export const serve: Command<ServeArgs> = {
  usage: 'serve [config]',
  summary: 'Run a deployment in the foreground',
  build: (yargs) =>
    yargs
      .positional('config', {
        type: 'string',
        describe: 'Configuration file, or a directory with an ecosystem.config.*',
        defaultDescription: 'the working directory',
      })
      .option('threads', {
        type: 'number',
        describe: 'Threads of the default group, over what the configuration says',
      })
      .example('$0 serve', 'Serve ./ecosystem.config.js')
      .example('$0 serve site/ --threads 1', 'Serve site/ecosystem.config.* on one thread'),
  async run({ config, threads }, powers) {
    const progress = makeProgress('bundling', powers);
    const server = await powers.operations.serve({ config, threads, onProgress: progress.update }).finally(progress.clear);
    powers.stdout(formatServing(server));
    await powers.stopSignal();
    return stop(server, powers);
  },
};

async function stop(server: Server, powers: CliPowers): Promise<number> {
  if (powers.interactive) powers.stderr('\nstopping; once more to stop at once\n');
  const drained = server.drain(drainDeadline);
  const again = powers.stopSignal().then((signal) => (signal === 'SIGINT' ? 130 : 143));
  const aborted = await Promise.race([drained.then((count) => ({ count })), again]);
  if (typeof aborted === 'number') return aborted;
  if (aborted.count > 0) powers.stderr(`${aborted.count} requests were cut off after ${drainDeadline / 1000} s\n`);
  return 0;
}

function formatServing({ sockets, threads, services }: Server): string {
  const head = `nanod serves ${count(services, 'worker')} on ${count(threads, 'thread')}\n`;
  const width = Math.max(0, ...sockets.map(({ url }) => url.length));
  const lines = sockets.map(({ url, service }) => `  ${url.padEnd(width)}  ${service}\n`);
  return head + lines.join('') + formatHint(sockets[0]);
}

function formatHint(socket: ServedSocket | undefined): string {
  return socket === undefined ? 'no socket is configured: nothing can be reached\n' : `try: curl ${socket.url}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
