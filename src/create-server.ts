/**
 * Runs a deployment for a program, in its process and under its eyes: no signal is handled, nothing of `process` is changed, and any number of
 * servers can run side by side. Requests of the program go to the threads by the way that calls between threads take. Runs on the main
 * thread.
 */

import { isAbsolute, resolve as resolvePath } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readConfig } from './config/load.ts';
import { makeConfigPowers } from './config/powers.ts';
import { defaultGroup, type Config, type Service, type ServiceDesignator } from './config/types.ts';
import { CommandFailure } from './control/contract.ts';
import type { NamedValue } from './shared/read-with.ts';
import { makeRouter, type Router } from './embed/routing.ts';
import { fetchFrom, makeEnv, makeStub } from './embed/stubs.ts';
import type { Designator, ThreadClient } from './embed/thread-client.ts';
import { ThreadClients } from './embed/thread-clients.ts';
import { load, makeSupervisor, type OperationPowers } from './operations.ts';
import { makeServerLog } from './server-log.ts';
import type {
  NanodServer,
  ServerConfig,
  ServerOptions,
  ServerRequestInit,
  ServiceStub,
} from './server-types.ts';
import { NanodError } from './shared/errors.ts';
import { nearest } from './shared/suggest.ts';
import { quote } from './shared/text.ts';
import type { Supervisor } from './supervisor/supervisor.ts';

/** Rejects with a CommandFailure: an error whose `errors` are everything that is wrong, each with its `code`. */
export async function createServer(config: ServerConfig, options: ServerOptions): Promise<NanodServer> {
  const powers = powersOf(options);
  const loaded = await read(config, options, powers);
  const { supervisor, plan, warnings } = await makeSupervisor(
    adjust(loaded.config, options),
    { onProgress: () => {} },
    powers,
  );
  const listening = await supervisor.start(plan).catch(failStart);
  const sockets = listening.map(({ socket, url }) => ({ name: socket, url }));
  return new EmbeddedServer(loaded.config, supervisor, {
    sockets,
    warnings: [...loaded.warnings, ...warnings],
  });
}

function powersOf({
  cwd = process.cwd(),
  variables = process.env,
  log = 'warn',
}: ServerOptions): OperationPowers {
  return {
    cwd: pathOf(cwd, process.cwd()),
    environment: variables,
    pid: process.pid,
    makeLog: () => makeServerLog(log, process.stderr),
    now: () => performance.now(),
  };
}

/** An absolute path. */
function pathOf(path: string | URL, cwd: string): string {
  if (path instanceof URL) return fileURLToPath(path);
  return isAbsolute(path) ? path : resolvePath(cwd, path);
}

interface Loaded {
  readonly config: Config;
  readonly warnings: readonly string[];
}

async function read(config: ServerConfig, options: ServerOptions, powers: OperationPowers): Promise<Loaded> {
  const { cwd, environment } = powers;
  const { env, constant, overrides = {}, addresses = {} } = options;
  const replace = named(overrides);
  const socketAddr = named(addresses);
  if (typeof config === 'string' || config instanceof URL || Array.isArray(config)) {
    const [first = '.', ...others] = (Array.isArray(config) ? (config as readonly string[]) : [config]).map(
      (path) => pathOf(path, cwd),
    );
    const said = { config: first, others, constant, environment: env, replace, socketAddr };
    return load({ ...said, onProgress: () => {} }, powers);
  }
  const found = await readConfig(config, {
    baseDir: cwd,
    powers: makeConfigPowers({ cwd, environment }),
    env,
    overrides: { replace, socketAddr },
  });
  if (found.config === undefined) throw new CommandFailure(found.errors);
  return { config: found.config, warnings: found.warnings ?? [] };
}

function named(record: Readonly<Record<string, string>>): NamedValue[] {
  return Object.entries(record).map(([name, value]) => ({ name, value }));
}

/** What the options change of what runs. */
function adjust(config: Config, { threads, listen = true }: ServerOptions): Config {
  const groups =
    threads === undefined ? config.groups : config.groups.map((group) => ({ ...group, threads }));
  return { ...config, groups, sockets: listen ? config.sockets : [] };
}

function failStart(error: unknown): never {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  if (!errors.every((each) => each instanceof NanodError)) throw error;
  throw new CommandFailure(errors);
}

class EmbeddedServer implements NanodServer {
  readonly sockets: NanodServer['sockets'];
  readonly warnings: NanodServer['warnings'];
  readonly #config: Config;
  readonly #supervisor: Supervisor;
  readonly #router: Router;
  readonly #clients: ThreadClients;
  #closing: Promise<void> | undefined;

  constructor(
    config: Config,
    supervisor: Supervisor,
    { sockets, warnings }: Pick<NanodServer, 'sockets' | 'warnings'>,
  ) {
    this.sockets = sockets;
    this.warnings = warnings;
    this.#config = config;
    this.#supervisor = supervisor;
    this.#router = makeRouter(config.sockets);
    this.#clients = new ThreadClients(supervisor);
  }

  async fetch(input: string | URL | Request, init: ServerRequestInit = {}): Promise<Response> {
    const { service, entrypoint, socket, ...rest } = init;
    const to = service === undefined ? this.#route(input, socket) : { service, entrypoint };
    return fetchFrom(this.#find(to.service), designator(to), input, rest);
  }

  getService<Methods = unknown>(
    name: string,
    { entrypoint, props }: { readonly entrypoint?: string; readonly props?: unknown } = {},
  ): ServiceStub & Methods {
    this.#requireService(name);
    const to = {
      service: name,
      entrypoint,
      ...(props === undefined ? {} : { props: JSON.stringify(props) }),
    };
    return makeStub(designator(to), (service) => this.#find(service)) as ServiceStub & Methods;
  }

  async getBindings<Env = Record<string, unknown>>(worker: string): Promise<Env> {
    const service = this.#requireService(worker);
    if (service.kind !== 'worker') throw new TypeError(`"${worker}" is no worker: it has no bindings`);
    return makeEnv(service.bindings, (name) => this.#find(name)) as Env;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#supervisor.drain();
    this.#clients.close();
  }

  #route(input: string | URL | Request, socket: string | undefined): To {
    const url = input instanceof Request ? input.url : new URL(input).href;
    const found = this.#router.find(url.replace(/#.*$/su, ''), socket);
    if (found !== undefined) return found;
    throw new TypeError(`no socket leads ${url} to a service: name one with { service }`);
  }

  /** A way to a thread that has the service. */
  #find(name: string): ThreadClient {
    if (this.#closing !== undefined) throw new TypeError('the server is closed');
    const service = this.#requireService(name);
    const { groups } = this.#config;
    const group = service.kind === 'worker' ? service.group : (groups[0]?.name ?? defaultGroup);
    return this.#clients.next(group);
  }

  #requireService(name: string): Service {
    const { services } = this.#config;
    const found = services.find((service) => service.name === name);
    if (found !== undefined) return found;
    const meant = nearest(
      name,
      services.map((service) => service.name),
    );
    const hint = meant === undefined ? '' : `; did you mean ${quote(meant)}?`;
    throw new TypeError(`no service is named ${quote(name)}${hint}`);
  }
}

type To = Pick<ServiceDesignator, 'service' | 'props'> & { readonly entrypoint?: string | undefined };

function designator({ service, entrypoint = 'default', props = '' }: To): Designator {
  return { service, entrypoint, props };
}
