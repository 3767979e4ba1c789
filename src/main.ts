/** The process entry: the one place that touches `process`. Hands the command line its powers and exits with its status. */

import process from 'node:process';
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runCli } from './cli/cli.ts';
import { dieWithLauncher } from './launched.ts';
import { makeDaemonHandle } from './daemon-launch.ts';
import { makeStopSignal } from './stop-signal.ts';
import type { Operations } from './control/contract.ts';
import type { OperationPowers } from './operations.ts';
import type { LogWriter } from './supervisor/log-writer.ts';

dieWithLauncher(process);

const { stdout, stderr, env } = process;

/** The longest interval of a timer, in milliseconds. */
const longest = 2 ** 31 - 1;

// Services go on when whoever reads the output has gone.
for (const stream of [stdout, stderr]) stream.on('error', () => {});

const outputClosed = new Promise<void>((resolve) => void stdout.once('error', () => resolve()));

const colored = stderr.isTTY && (env['NO_COLOR'] ?? '') === '';

async function makeLog(): Promise<LogWriter> {
  const { makeLogDestination, makeLogWriter } = await import('./supervisor/log-writer.ts');
  const destination = await makeLogDestination(stderr, colored);
  return makeLogWriter({ destination, level: env['NANOD_LOG_LEVEL'] ?? 'info' });
}

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const version = await packageVersion();
const main = fileURLToPath(import.meta.url);

const stopSignal = makeStopSignal({
  onSignal: (signal, listener) => process.on(signal, listener),
  keepAlive: () => void setInterval(() => {}, longest),
  now: () => performance.now(),
});

const powers: OperationPowers = {
  cwd: process.cwd(),
  environment: env,
  pid: process.pid,
  makeLog,
  now: () => performance.now(),
};

/** Those that are done here load what they need when they are asked: a command that only asks the daemon starts at once. */
async function local(): Promise<Pick<Operations, 'serve' | 'check' | 'prepare' | 'convert'>> {
  const { makeOperations } = await import('./operations.ts');
  return makeOperations(powers);
}

async function machine(): Promise<Pick<Operations, 'startup' | 'unstartup' | 'doctor' | 'init'>> {
  return (await import('./machine-operations.ts')).makeMachineOperations(version);
}

const operations: Operations = {
  serve: async (options) => (await local()).serve(options),
  check: async (options) => (await local()).check(options),
  prepare: async (options) => (await local()).prepare(options),
  convert: async (options) => (await local()).convert(options),
  test: async (options) => (await import('./run-tests.ts')).runTests(options, powers),
  writeReport: async (path, text) => (await import('./run-tests.ts')).writeReport(path, text, powers),
  graph: async (options) => (await import('./show-graph.ts')).showGraph(options, powers),
  startup: async (options) => (await machine()).startup(options),
  unstartup: async (scope) => (await machine()).unstartup(scope),
  doctor: async () => (await machine()).doctor(),
  init: async (options) => (await machine()).init(options),
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  daemon: makeDaemonHandle(main),
  runDaemon: async (isSuccessor) =>
    (await import('./daemon-process.ts')).runDaemon({ version, main, isSuccessor, stopSignal }),
};

const status = await runCli(process.argv.slice(2), version, {
  operations,
  stdout: (text) => stdout.write(text),
  stderr: (text) => stderr.write(text),
  interactive: stderr.isTTY,
  terminal: stdout.isTTY && process.stdin.isTTY,
  color: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
  outputTaken: () => new Promise((resolve) => void stdout.write('', () => resolve())),
  outputClosed: () => outputClosed,
  stopSignal,
});
process.exit(status);
