/** `nanod serve [config]`: runs a deployment in the foreground until a signal asks it to stop. */

import type { ServedSocket, Server } from '../control/contract.ts';
import type { CliPowers, Command } from './command.ts';
import { configArguments, readConfigArgs } from './config-args.ts';
import type { ConfigArgs } from './config-args.ts';
import { count } from '../shared/text.ts';
import { makeProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

interface ServeArgs extends ConfigArgs {
  readonly threads: number | undefined;
}

/** As in the configuration. */
const mostThreads = 256;

export const serve: Command<ServeArgs> = {
  usage: 'serve [config] [constant..]',
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
      .example('$0 serve config.capnp -s http=127.0.0.1:8080', 'Serve a configuration of workerd')
      .example(
        '$0 serve site/wrangler.toml api/wrangler.toml --env staging',
        'Serve two workers of wrangler',
      ),
  async run({ threads, ...args }, powers) {
    const progress = makeProgress('bundling', powers);
    const server = await powers.operations
      .serve({ ...readConfigArgs(args), threads, onProgress: progress.update })
      .finally(progress.clear);
    // Whoever reads the addresses may ask to stop at once: the handler is there before they are printed.
    const stopping = powers.stopSignal();
    for (const warning of server.warnings) powers.stderr(`warning: ${warning}\n`);
    powers.stdout(formatServing(server));
    const lost = await Promise.race([stopping.then(() => undefined), server.lost]);
    if (lost !== undefined) powers.stderr(`error: ${lost}; nanod ends, to be started anew\n`);
    const status = await stop(server, powers);
    return lost === undefined ? status : 1;
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

function formatServing({ sockets, admin, threads, services }: Server): string {
  const head = `nanod serves ${count(services, 'worker')} on ${count(threads, 'thread')}\n`;
  const lines = sockets.flatMap((socket) => formatSocket(socket));
  for (const url of admin) lines.push([url, 'admin']);
  const width = Math.max(0, ...lines.map(([left]) => left.length));
  const text = lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
  return head + text.map((line) => `${line}\n`).join('') + formatHint(sockets[0]);
}

/** Routes that are listed for one socket. */
const mostRoutes = 20;

/** Columns of the list: addresses and patterns on the left, services on the right. */
function formatSocket({ url, service, routes }: ServedSocket): [string, string][] {
  const shown = routes
    .slice(0, mostRoutes)
    .map(({ pattern, service: to }): [string, string] => [`  ${pattern}`, to]);
  const hidden = routes.length - shown.length;
  const more: [string, string][] = hidden > 0 ? [[`  and ${count(hidden, 'more route')}`, '']] : [];
  return [[url, service ?? ''], ...shown, ...more];
}

function formatHint(socket: ServedSocket | undefined): string {
  return socket === undefined
    ? 'no socket is configured: nothing can be reached\n'
    : `try: ${tryWith(socket.url)}\n`;
}

function tryWith(url: string): string {
  const { scheme, rest } = /^(?<scheme>[a-z-]+):(?<rest>.*)$/su.exec(url)?.groups ?? {};
  switch (scheme) {
    case 'unix':
      return `curl --unix-socket ${rest} http://localhost/`;
    case 'unix-abstract':
      return `curl --abstract-unix-socket ${rest} http://localhost/`;
    case 'tcp':
      return `nc ${(rest ?? '').replace(/^\/\/|[[\]]/gu, '').replace(/:(\d+)$/u, ' $1')}`;
    case 'http':
    case 'https':
      return `curl ${url}`;
    default:
      return 'the address that the service manager listens on';
  }
}
