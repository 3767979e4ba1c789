/** `nanod serve [config]`: runs a deployment in the foreground until a signal asks it to stop. */

import type { ServedSocket, Server } from '../control/contract.ts';
import type { CliPowers, Command } from './command.ts';
import { configArguments, readConfigArgs } from './config-args.ts';
import type { ConfigArgs } from './config-args.ts';
import { makeProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

interface ServeArgs extends ConfigArgs {
  readonly threads: number | undefined;
}

/** As in the configuration. */
const mostThreads = 256;

export const serve: Command<ServeArgs> = {
  usage: 'serve [config] [constant]',
  summary: 'Run a deployment in the foreground',
  build: (yargs) =>
    configArguments(yargs)
      .option('threads', {
        type: 'number',
        requiresArg: true,
        describe: 'Threads of the default group, over what the configuration says',
      })
      .check(({ threads }) => {
        if (threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads))
          return true;
        throw new UsageError(`--threads: expected a whole number from 1 to ${mostThreads}`);
      })
      .example('$0 serve', 'Serve ./ecosystem.config.js')
      .example('$0 serve site/ --threads 1', 'Serve site/ecosystem.config.* on one thread')
      .example('$0 serve config.capnp -s http=127.0.0.1:8080', 'Serve a configuration of workerd'),
  async run({ threads, ...args }, powers) {
    const progress = makeProgress('bundling', powers);
    const server = await powers.operations
      .serve({ ...readConfigArgs(args), threads, onProgress: progress.update })
      .finally(progress.clear);
    // Whoever reads the addresses may ask to stop at once: the handler is there before they are printed.
    const stopping = powers.stopSignal();
    for (const warning of server.warnings) powers.stderr(`warning: ${warning}\n`);
    powers.stdout(formatServing(server));
    await stopping;
    return stop(server, powers);
  },
};

async function stop(server: Server, powers: CliPowers): Promise<number> {
  if (powers.interactive) powers.stderr('\nstopping; once more to stop at once\n');
  const drained = server.drain();
  const again = powers.stopSignal().then((signal) => (signal === 'SIGINT' ? 130 : 143));
  const aborted = await Promise.race([drained.then((count) => ({ count })), again]);
  if (typeof aborted === 'number') return aborted;
  if (aborted.count > 0)
    powers.stderr(`${count(aborted.count, 'request')} cut off: too slow to end in time\n`);
  return 0;
}

function formatServing({ sockets, threads, services }: Server): string {
  const head = `nanod serves ${count(services, 'worker')} on ${count(threads, 'thread')}\n`;
  const width = Math.max(0, ...sockets.map(({ url }) => url.length));
  const lines = sockets.map(({ url, service }) => `  ${url.padEnd(width)}  ${service}\n`);
  return head + lines.join('') + formatHint(sockets[0]);
}

function formatHint(socket: ServedSocket | undefined): string {
  return socket === undefined
    ? 'no socket is configured: nothing can be reached\n'
    : `try: curl ${socket.url}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
