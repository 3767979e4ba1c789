/**
 * node:process and the global `process`: what a worker is told of its surroundings, which are a realm. It cannot end, signal or change
 * the real process. https://nodejs.org/api/process.html
 */

import { EventEmitter } from '../events/emitter.ts';
import { nodeError } from '../errors.ts';
import { builtinModule } from '../registry.ts';
import { nextTick } from './next-tick.ts';
import { standardStream } from './standard-streams.ts';

const { version, env } = $powers;
const started = performance.now();

function notSupported(name: string): () => never {
  return () => {
    throw nodeError('ERR_METHOD_NOT_IMPLEMENTED', `The process.${name}() method is not implemented`, Error);
  };
}

function hrtime(since?: readonly [number, number]): [seconds: number, nanoseconds: number] {
  const now = performance.now();
  const seconds = Math.floor(now / 1000);
  const nanoseconds = Math.floor((now % 1000) * 1e6);
  if (since === undefined) return [seconds, nanoseconds];
  const borrow = nanoseconds < since[1] ? 1 : 0;
  return [seconds - since[0] - borrow, nanoseconds - since[1] + borrow * 1e9];
}
hrtime.bigint = (): bigint => BigInt(Math.floor(performance.now() * 1e6));

interface WarningOptions {
  readonly type?: string;
  readonly code?: string;
  readonly detail?: string;
}

function emitWarning(warning: string | Error, options: string | WarningOptions = {}, code?: string): void {
  const given: WarningOptions =
    typeof options === 'string' ? { type: options, ...(code === undefined ? {} : { code }) } : options;
  const error = typeof warning === 'string' ? new Error(warning) : warning;
  if (typeof warning === 'string') error.name = given.type ?? 'Warning';
  if (given.code !== undefined) Object.assign(error, { code: given.code });
  const prefix = given.code === undefined ? '' : `[${given.code}] `;
  console.warn(`${prefix}${error.name}: ${error.message}`);
  nextTick(() => process.emit('warning', error));
}

const members = {
  title: 'nanod',
  version,
  versions: Object.freeze({ node: version.slice(1) }),
  release: Object.freeze({ name: 'node' }),
  platform: 'linux',
  arch: '',
  argv: [],
  argv0: '',
  execArgv: [],
  execPath: '',
  pid: 1,
  ppid: 0,
  features: Object.freeze({}),
  config: Object.freeze({ target_defaults: {}, variables: {} }),
  exitCode: undefined,
  env: { ...env },
  nextTick,
  hrtime,
  emitWarning,
  cwd: () => '/',
  uptime: () => (performance.now() - started) / 1000,
  chdir: notSupported('chdir'),
  exit: notSupported('exit'),
  abort: notSupported('abort'),
  kill: notSupported('kill'),
  binding: notSupported('binding'),
  getBuiltinModule: builtinModule,
};

const process = Object.assign(new EventEmitter(), members);
Object.defineProperties(process, {
  [Symbol.toStringTag]: { value: 'process', configurable: true },
  stdout: standardStream('stdout', (line) => console.log(line)),
  stderr: standardStream('stderr', (line) => console.error(line)),
  _events: { enumerable: false },
  _eventsCount: { enumerable: false },
  _maxListeners: { enumerable: false },
});

export default process;
export { process };
