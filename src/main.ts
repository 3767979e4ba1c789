/** The process entry: the one place that touches `process`. Hands the command line its powers and exits with its status. */

import process from 'node:process';
import { readFile } from 'node:fs/promises';
import { runCli } from './cli/cli.ts';
import { dieWithLauncher } from './launched.ts';
import { makeOperations } from './operations.ts';
import { makeStopSignal } from './stop-signal.ts';
import { makeLogWriter, makePrettyDestination, type LogWriter } from './supervisor/log-writer.ts';

dieWithLauncher(process);

const { stdout, stderr, env } = process;

/** The longest interval of a timer, in milliseconds. */
const longest = 2 ** 31 - 1;

// Services go on when whoever reads the output has gone.
for (const stream of [stdout, stderr]) stream.on('error', () => {});

const colored = stderr.isTTY && (env['NO_COLOR'] ?? '') === '';

async function makeLog(): Promise<LogWriter> {
  const destination = stderr.isTTY ? await makePrettyDestination(stderr, colored) : stderr;
  return makeLogWriter({ destination, level: env['NANOD_LOG_LEVEL'] ?? 'info' });
}

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const status = await runCli(process.argv.slice(2), await packageVersion(), {
  operations: makeOperations({ cwd: process.cwd(), environment: env, makeLog, now: () => performance.now() }),
  stdout: (text) => stdout.write(text),
  stderr: (text) => stderr.write(text),
  interactive: stderr.isTTY,
  stopSignal: makeStopSignal({
    onSignal: (signal, listener) => process.on(signal, listener),
    keepAlive: () => void setInterval(() => {}, longest),
    now: () => performance.now(),
  }),
});
process.exit(status);
