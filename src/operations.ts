/**
 * The operations behind the commands that are done in this process: configuration, bundling and supervisor put together. Loaded only by the
 * commands that need them.
 */

import { availableParallelism } from 'node:os';
import { basename, dirname, extname, resolve } from 'node:path';
import { stopCompiler } from './bundle/compile.ts';
import { isConfigFile, loadConfig, readConfig, type LoadResult } from './config/load.ts';
import { makeConfigPowers } from './config/powers.ts';
import { watchOf } from './config/supervision-schema.ts';
import { defaultGroup, internetService, type Config } from './config/types.ts';
import {
  CommandFailure,
  type CheckOptions,
  type CheckReport,
  type ConfigOptions,
  type Operations,
  type Prepared,
  type PrepareOptions,
  type ServeOptions,
  type Server,
} from './control/contract.ts';
import { toStoredBundle } from './control/stored-bundle.ts';
import { convert } from './convert.ts';
import { makeAdminSockets } from './observe/observe.ts';
import { bundleConfig, findScriptErrors, prepareNodejs, preparePrelude } from './supervisor/deployment.ts';
import type { LogWriter } from './supervisor/log-writer.ts';
import type { Bundle } from './bundle/bundle.ts';
import { releaseMemory } from './supervisor/release-memory.ts';
import type { Plan } from './supervisor/specs.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { readTuning, tuningVariable } from './supervisor/tuning.ts';
import { displayPath } from './shared/display-path.ts';
import type { NamedValue } from './shared/read-with.ts';

export interface OperationPowers {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of this process. */
  readonly pid: number;
  readonly makeLog: () => Promise<LogWriter>;
  readonly now: () => number;
}

const threadEntry = new URL(`./thread/main${extname(import.meta.url)}`, import.meta.url);

export function makeOperations(
  powers: OperationPowers,
): Pick<Operations, 'serve' | 'check' | 'prepare' | 'convert'> {
  return {
    serve: (options) => serve(options, powers),
    check: (options) => check(options, powers),
    prepare: (options) => prepare(options, powers),
    convert: (options) => convert(options, powers),
  };
}

/** Which configuration, or which script. */
export type LoadOptions = PrepareOptions & Partial<ConfigOptions>;

interface Warned {
  /** Of the bundler. */
  readonly warnings: readonly string[];
}

async function serve(options: ServeOptions, powers: OperationPowers): Promise<Server> {
  const loaded = await load(options, powers);
  const config = withThreads(loaded.config, options.threads);
  const { supervisor, plan, warnings, log } = await makeSupervisor(config, options, powers);
  const sockets = await supervisor.start(plan);
  const names = config.services.map(({ name }) => name).filter((name) => name !== internetService);
  const admin = makeAdminSockets({
    supervisor,
    services: () => names.map((name) => ({ name, state: 'online', restarts: 0 })),
    onFault: (error) => log.log('error', `the admin socket failed: ${String(error)}`),
  });
  await admin.open(config.admin).catch(async (error: unknown) => {
    await supervisor.stop();
    throw error;
  });
  await stopCompiler(); // its process holds some 40 MB, and nothing is bundled any more
  setImmediate(releaseMemory); // whoever waits for the start hears of it first
  return {
    sockets,
    admin: admin.urls,
    threads: supervisor.threads,
    services: config.services.filter(({ kind }) => kind === 'worker').length,
    warnings: [...loaded.warnings, ...warnings],
    lost: supervisor.lost,
    async drain() {
      const aborted = await supervisor.drain();
      await admin.close();
      return aborted;
    },
  };
}

async function check(options: CheckOptions, powers: OperationPowers): Promise<CheckReport> {
  const loaded = await load(options, powers);
  const { config } = loaded;
  const { warnings } = await (options.evaluate ? evaluate : bundle)(config, options, powers);
  return {
    file: displayPath(config.source ?? '', powers.cwd),
    workers: config.services.filter(({ kind }) => kind === 'worker').length,
    sockets: config.sockets.length,
    evaluated: options.evaluate,
    warnings: [...loaded.warnings, ...warnings],
  };
}

async function evaluate(config: Config, options: CheckOptions, powers: OperationPowers): Promise<Warned> {
  const groups = config.groups.map((group) => ({ ...group, threads: 1 }));
  const { supervisor, plan, warnings } = await makeSupervisor({ ...config, groups }, options, powers);
  const errors = await supervisor.evaluate(plan);
  if (errors.length > 0) throw new CommandFailure(errors);
  return { warnings };
}

async function prepare(options: PrepareOptions, powers: OperationPowers): Promise<Prepared> {
  const loaded = await load(options, powers);
  const source = loaded.config.source ?? sourceOfScript(options, powers.cwd);
  const config = withLife(withReading(loaded.config, source, options, powers), options);
  const { bundles, warnings } = await bundle(config, options, powers);
  await stopCompiler();
  return {
    source,
    config,
    bundles: Object.fromEntries([...bundles].map(([name, each]) => [name, toStoredBundle(each)])),
    warnings: [...loaded.warnings, ...warnings],
  };
}

/** A configuration that is wrong fails together with what is wrong in the scripts that it names. */
export async function load(
  options: LoadOptions,
  powers: OperationPowers,
): Promise<Warned & { readonly config: Config }> {
  const { cwd } = powers;
  const loaded = await loadAny(options, powers);
  if (loaded.config !== undefined) return { config: loaded.config, warnings: loaded.warnings ?? [] };
  const more = await findScriptErrors(loaded.scripts ?? [], cwd, options.onProgress);
  throw new CommandFailure([...loaded.errors, ...more]);
}

/** A script by itself is a worker behind a port. */
function loadAny(
  { config: path, name, port, socketAddr, externalAddr, directoryPath, replace, ...said }: LoadOptions,
  { cwd, environment }: OperationPowers,
): Promise<LoadResult> {
  const powers = makeConfigPowers({ cwd: said.directory ?? cwd, environment });
  if (path === undefined || extname(path) === '' || isConfigFile(path)) {
    const { constant, others, environment } = said;
    const overrides = { socketAddr, externalAddr, directoryPath, replace };
    return loadConfig(path, powers, { constant, others, environment, overrides });
  }
  const script = resolve(cwd, path);
  const service = name ?? nameOfScript(script);
  const value = {
    apps: [{ name: service, script }],
    sockets: port === undefined ? [] : [{ name: service, address: port, service }],
  };
  return readConfig(value, {
    baseDir: dirname(script),
    powers,
    env: said.environment,
    overrides: { replace },
  });
}

/** A script can be deployed under several names. */
function sourceOfScript({ config: path = '.', name }: LoadOptions, cwd: string): string {
  const script = resolve(cwd, path);
  return name === undefined || name === nameOfScript(script) ? script : `${script}#${name}`;
}

function nameOfScript(script: string): string {
  return basename(script, extname(script));
}

/** The configuration with what was said besides the name of its deployment, so that it can be read again. */
function withReading(
  config: Config,
  source: string,
  {
    config: path = '.',
    constant,
    others = [],
    environment,
    name,
    port,
    directory,
    watch,
    namespace,
    ...overrides
  }: LoadOptions,
  { cwd }: OperationPowers,
): Config {
  const isCapnp = config.source !== undefined && extname(config.source) === '.capnp';
  const { socketAddr = [], externalAddr = [], directoryPath = [] } = overrides;
  const readWith = {
    ...(source.includes('#') && config.source === undefined ? { config: resolve(cwd, path) } : {}),
    ...(isCapnp ? { directory: directory ?? cwd } : {}),
    ...(constant === undefined ? {} : { constant }),
    ...(others.length === 0 ? {} : { others: others.map((path) => resolve(cwd, path)) }),
    ...(environment === undefined ? {} : { environment }),
    ...(name === undefined ? {} : { name }),
    ...(port === undefined ? {} : { port }),
    ...(watch === true ? { watch } : {}),
    ...(namespace === undefined ? {} : { namespace }),
    ...(socketAddr.length === 0 ? {} : { socketAddr }),
    ...(externalAddr.length === 0 ? {} : { externalAddr }),
    ...(directoryPath.length === 0 ? {} : { directoryPath: absolute(directoryPath, directory ?? cwd) }),
  };
  return Object.keys(readWith).length === 0 ? config : { ...config, readWith };
}

function absolute(directories: readonly NamedValue[], cwd: string): NamedValue[] {
  return directories.map(({ name, value }) => ({ name, value: resolve(cwd, value) }));
}

/** The configuration with what the command line says about the life of its workers. */
function withLife(config: Config, { watch, namespace }: PrepareOptions): Config {
  if (watch !== true && namespace === undefined) return config;
  const services = config.services.map((service) => {
    if (service.kind !== 'worker') return service;
    const supervision = {
      ...(watch === true ? { watch: watchOf(service.source, config.baseDir) } : {}),
      ...service.supervision,
      ...(namespace === undefined ? {} : { namespace }),
    };
    return { ...service, supervision };
  });
  return { ...config, services };
}

function withThreads(config: Config, threads: number | undefined): Config {
  if (threads === undefined) return config;
  const groups = config.groups.map((group) => (group.name === defaultGroup ? { ...group, threads } : group));
  return { ...config, groups };
}

async function bundle(
  config: Config,
  options: Pick<ServeOptions, 'onProgress'>,
  powers: OperationPowers,
): Promise<Warned & { bundles: ReadonlyMap<string, Bundle> }> {
  const { bundles, warnings, errors } = await bundleConfig(config, powers.cwd, options.onProgress);
  if (bundles === undefined) throw new CommandFailure(errors);
  return { bundles, warnings };
}

/** A supervisor that has not started, and what it is to start. */
export async function makeSupervisor(
  config: Config,
  options: Pick<ServeOptions, 'onProgress'>,
  powers: OperationPowers,
): Promise<Warned & { supervisor: Supervisor; plan: Plan; log: LogWriter }> {
  const tuning = readTuning(powers.environment[tuningVariable]);
  const [{ bundles, warnings }, prelude, nodejs, log] = await Promise.all([
    bundle(config, options, powers),
    preparePrelude(),
    prepareNodejs(config),
    powers.makeLog(),
  ]);
  const supervisor = new Supervisor({
    threadEntry,
    prelude,
    cores: availableParallelism(),
    onLog: log.write,
    log: log.log,
    now: powers.now,
    date: () => new Date(),
    tuning,
    activation: { environment: powers.environment, pid: powers.pid },
  });
  return { supervisor, plan: { config, bundles, nodejs }, warnings, log };
}
