/**
 * Runs the attacks of test/hostile/inside/ in realms of a thread's registry, as deployed workers run: bundled, called by way of the
 * direct route, with service bindings between them.
 */

import { defaultClientTls } from '../../src/shared/tls-options.ts';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import type { Test } from 'tap';
import { bundleWorker } from '../../src/bundle/bundle-worker.ts';
import { bundleNodejs } from '../../src/bundle/bundle-nodejs.ts';
import { bundlePrelude } from '../../src/bundle/bundle-prelude.ts';
import { stopCompiler } from '../../src/bundle/compile.ts';
import type {
  AssetsSpec,
  BindingSpec,
  DiskSpec,
  ExternalSpec,
  ServiceSpec,
  WorkerSpec,
} from '../../src/messages/startup.ts';
import { neutral } from '../../src/realm/neutral.ts';
import type { CallState, ErrorState, ResponseState } from '../../src/realm/prelude/state.ts';
import { compilePrelude, nodejsCompiler } from '../../src/realm/realm.ts';
import { makeRateMemory } from '../../src/shared/rate-counters.ts';
import { makeCacheMemory } from '../../src/shared/cache-memory/cache-memory.ts';
import { buildDynamic } from '../../src/supervisor/builds/build-dynamic.ts';
import { Registry } from '../../src/thread/registry.ts';
import { bundleOf } from './bundle.ts';
import { shared } from './shared-host.ts';

const inside = fileURLToPath(new URL('../hostile/inside/', import.meta.url));
const prelude = compilePrelude(await bundlePrelude());
const nodejs = nodejsCompiler(await bundleNodejs());

/** Names that a context has before the prelude runs. */
export const languageGlobals: readonly string[] = vm.runInContext(
  'Object.getOwnPropertyNames(globalThis)',
  vm.createContext(vm.constants.DONT_CONTEXTIFY),
) as string[];

/** A worker of an attack. */
export interface HostileWorker {
  /** A file of test/hostile/inside/, */
  readonly file?: string;
  /** or the completion value of a bundle, or a classic script, */
  readonly code?: string;
  readonly format?: 'module' | 'script';
  /** or no worker, but the network, as its default is. */
  readonly network?: true;
  /** or any service that is no worker. */
  readonly spec?: ExternalSpec | DiskSpec | AssetsSpec;
  readonly bindings?: readonly BindingSpec[];
}

/** By name. `outbound` is the one that global fetch calls. */
export type HostileWorkers = Readonly<Record<string, HostileWorker>>;

export interface LogRecord {
  readonly service: string;
  readonly level: number;
  readonly text: string;
  readonly stack: string;
}

/** Services in one thread's registry, without a thread. */
export interface Services {
  readonly registry: Registry;
  readonly logs: LogRecord[];
  /** Calls a service. Rejects with the neutral error of a failed call. */
  fetch(service: string, url?: string): Promise<ResponseState>;
  /** The text of its answer. */
  text(service: string, url?: string): Promise<string>;
  /** Stops what the workers left running. */
  close(): Promise<void>;
}

/** The services that attacks are aimed at, and what calls them. `MISSING` leads nowhere. */
export const targets: HostileWorkers = Object.freeze({
  outbound: { file: 'other.js' },
  other: { file: 'other.js' },
  network: { network: true },
  walking: { file: 'walking.js' },
  stacks: { file: 'stacks.js' },
  methods: { file: 'methods.js' },
  loop: { file: 'loop.js', bindings: [serviceBinding('LOOP')] },
});

const cacheLimits = { maxKeys: 100, maxValueSize: 1000, maxTotalValueSize: 10_000 };

/** Bindings to each of `targets`, and what attacks are told about the realm. */
export const targetBindings: readonly BindingSpec[] = Object.freeze([
  ...['OTHER', 'NETWORK', 'WALKING', 'STACKS', 'LOOP', 'METHODS', 'MISSING'].map((name) =>
    serviceBinding(name),
  ),
  { kind: 'json', name: 'LANGUAGE', json: JSON.stringify(languageGlobals) },
  { kind: 'json', name: 'NAMES', json: JSON.stringify(await propertyNames()) },
  { kind: 'data', name: 'DATA', base64: 'AAECAwQFBgc=' },
  { kind: 'ratelimit', name: 'LIMIT', memory: makeRateMemory(), limit: 5, period: 60 },
  { kind: 'memoryCache', name: 'CACHE', memory: makeCacheMemory(cacheLimits) },
  { kind: 'workerLoader', name: 'LOADER', id: undefined, maxWorkers: 10 },
  {
    kind: 'cryptoKey',
    name: 'KEY',
    format: 'raw',
    material: 'MDEyMzQ1Njc4OWFiY2RlZg==',
    algorithm: '"AES-GCM"',
    extractable: false,
    usages: ['encrypt'],
  },
]);

/** Every name that a property could have in the prelude's text. */
async function propertyNames(): Promise<string[]> {
  const text = await bundlePrelude();
  return [...new Set(text.match(/(?<=[.{,]\s*)[a-z_$][\w$]*/giu))];
}

/** A binding called `name` to the service of that name in lower case. */
export function serviceBinding(name: string, entrypoint = 'default'): BindingSpec {
  return { kind: 'service', name, service: name.toLowerCase(), entrypoint, props: '' };
}

const specs = new Map<string, Promise<Omit<WorkerSpec, 'name' | 'bindings'>>>();

function bundled(file: string): Promise<Omit<WorkerSpec, 'name' | 'bindings'>> {
  const known = specs.get(file) ?? bundleFile(file);
  specs.set(file, known);
  return known;
}

/** Attacks on the modules of Node.js. */
const nodejsFiles = /^nodejs-/u;

async function bundleFile(file: string): Promise<Omit<WorkerSpec, 'name' | 'bindings'>> {
  const outcome = await bundleWorker({
    name: basename(file),
    source: { kind: 'script', path: `${inside}${file}` },
    workingDirectory: inside,
    nodejs: nodejsFiles.test(file),
  });
  const { version, format, code, sourceMap, assets, mentionsTemporal } = bundleOf(outcome);
  const nodejs = nodejsFiles.test(file);
  return {
    kind: 'worker',
    version,
    restarts: 0,
    format,
    code,
    sourceMap,
    assets,
    mentionsTemporal,
    nodejs,
    globalOutbound,
  };
}

const globalOutbound = { service: 'outbound', entrypoint: 'default', props: '' };

async function specOf(name: string, worker: HostileWorker): Promise<ServiceSpec> {
  const { file, code = '', format = 'module', network = false, bindings = [] } = worker;
  if (worker.spec !== undefined) return { ...worker.spec, name };
  if (network) return { kind: 'network', name, allow: ['public'], deny: [], tls: defaultClientTls };
  if (file !== undefined) return { ...(await bundled(file)), name, bindings };
  const mentionsTemporal = code.includes('Temporal');
  const spec = {
    version: 'test',
    restarts: 0,
    format,
    code,
    sourceMap: '',
    assets: [],
    mentionsTemporal,
    nodejs: false,
    globalOutbound,
  };
  return { kind: 'worker', name, bindings, ...spec };
}

/** Makes the services; each gets its realm at its first call. `script`: in place of the prelude. */
export async function makeServices(workers: HostileWorkers, script: vm.Script = prelude): Promise<Services> {
  const logs: LogRecord[] = [];
  const registry = new Registry(
    await Promise.all(Object.entries(workers).map(([name, worker]) => specOf(name, worker))),
    {
      prelude: script,
      nodejs,
      shared,
      thread: 1,
      log: {
        write: ({ service }, level, text, { error } = {}) =>
          logs.push({ service, level, text, stack: error?.stack ?? '' }),
        flush: () => {},
      },
      onEnter: () => {},
      group: () => ({ next: () => undefined }),
      abandonRemote: () => {},
      builds: { build: buildDynamic },
      links: { track: () => () => {}, nextTick: setImmediate, mapStack: (stack) => stack },
      now: () => performance.now(),
      evaluationTimeout: 10_000,
    },
    () => {},
  );
  handRejectionsTo(registry);
  const fetch: Services['fetch'] = (service, url) => fetchService(registry, service, url);
  const text: Services['text'] = async (service, url) => textOf(await fetch(service, url));
  return { registry, logs, fetch, text, close: () => registry.close() };
}

/** Of all services that were ever made: a rejection may come late. */
const registries = new Set<Registry>();

/** Rejections go to the realm that they belong to, as in a thread, before tap hears of them. */
function handRejectionsTo(registry: Registry): void {
  registries.add(registry);
  if (registries.size > 1) return;
  process.on('rejectionHandled', () => {}); // instead of a warning
  process.on('unhandledRejection', (reason, promise) => {
    for (const each of registries) if (each.reportRejection(promise, reason)) return;
    throw reason;
  });
}

function fetchService(registry: Registry, service: string, url = 'http://test/'): Promise<ResponseState> {
  const target = registry.target({ service, entrypoint: 'default', props: '' }, undefined);
  const request = neutral.request('GET', url, '', undefined, '');
  return new Promise((resolve, reject) => {
    const settle: CallState['settle'] = (_call, response, error) => {
      if (response === undefined) reject(errorOf(error as ErrorState));
      else resolve(response);
    };
    target.fetch(request, neutral.call(settle, target, request, undefined, undefined, undefined));
  });
}

function errorOf(state: ErrorState): Error {
  const { name, code, stack } = state;
  return Object.assign(new Error(state.message), { name, code, remoteStack: stack });
}

function textOf({ body }: ResponseState): string {
  return typeof body === 'string' ? body : '';
}

export interface AttackOptions {
  /** Services beside the attacker. */
  readonly others?: HostileWorkers;
  readonly bindings?: readonly BindingSpec[];
  /** In place of the prelude. */
  readonly prelude?: vm.Script;
}

/** Runs each attack of a file in a realm of its own, as a test of its own. */
export async function runAttacks(t: Test, file: string, options: AttackOptions = {}): Promise<void> {
  t.teardown(stopCompiler);
  const { others = {}, bindings = [] } = options;
  const workers = { ...others, attacker: { file, bindings } };
  const listing = await makeServices(workers);
  const names = (await listing.text('attacker')).split('\n');
  await listing.close();
  for (const name of names) {
    await t.test(name, async (t) => {
      const services = await makeServices(workers, options.prelude);
      t.teardown(() => services.close());
      const lines = (await services.text('attacker', attackUrl(name))).split('\n');
      const checks = lines.pop() ?? '';
      t.same(lines, [], 'nothing escapes');
      t.match(checks, /^#[1-9]/u, 'and something was looked at');
    });
  }
}

export function attackUrl(name: string): string {
  return `http://test/?attack=${encodeURIComponent(name)}`;
}
