/** The types of a server that a program starts: `createServer` of src/index.ts. Types only. */

import type { EcosystemConfig } from './config/ecosystem-schema.ts';

/** Where a server comes from: the path of a configuration, of its directory or of a script; several wrangler files; or the value of an ecosystem.config.js. */
export type ServerConfig = string | URL | readonly string[] | EcosystemConfig;

export interface ServerOptions {
  /** What paths on this side count from, and those in a configuration that is given as a value; the working directory of the process when absent. */
  readonly cwd?: string | URL;
  /** As `--env NAME`. */
  readonly env?: string;
  /** Name of the constant in a capnp file that has several. */
  readonly constant?: string;
  /** Where `fromEnvironment` bindings look; the environment of the process when absent. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Scripts that take the place of services, as `--replace` does. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** With `false`, no socket is opened; `fetch` goes where their routes lead all the same. */
  readonly listen?: boolean;
  /** Where sockets listen, by name, over what the configuration says: `{ http: '127.0.0.1:0' }`. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** Threads of every group, over what the configuration says. */
  readonly threads?: number;
  /** Who gets the log: a function, or standard error for records from a level on. `'warn'` when absent. */
  readonly log?: ServerLogLevel | ((record: ServerLogRecord) => void);
}

export type ServerLogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface ServerLogRecord {
  readonly level: Exclude<ServerLogLevel, 'silent'>;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The worker whose record it is; `nanod` for those of nanod itself. */
  readonly service: string;
  readonly text: string;
  /** What nobody has caught. */
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
}

/** What `fetch` of a server takes besides what every `fetch` takes. */
export interface ServerRequestInit extends RequestInit {
  /** Goes to this service, past all sockets. */
  readonly service?: string;
  /** With `service`: one of its named exports. */
  readonly entrypoint?: string;
  /** Goes where this socket leads; without it, where the first one does that leads the URL anywhere. */
  readonly socket?: string;
  /** What the worker finds as `request.cf`. */
  readonly cf?: unknown;
}

/** A service, as a program calls it. */
export interface ServiceStub {
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
}

/** An address that is listened on. */
export interface ServerSocket {
  readonly name: string;
  /** As a client writes it: `http://127.0.0.1:8787/`, `unix:/run/site.sock`. */
  readonly url: string;
}

/** A deployment that runs in this process. */
export interface NanodServer extends AsyncDisposable {
  readonly sockets: readonly ServerSocket[];
  /** What looks wrong in the code of workers, and what is left out of the configuration. */
  readonly warnings: readonly string[];
  /**
   * Asks a service, without a socket: the one that the sockets' services and routes lead the URL to. The response is what the service
   * answers, redirects included. Rejects with what the service throws.
   */
  fetch(input: string | URL | Request, init?: ServerRequestInit): Promise<Response>;
  /** A service, whose methods can be called: `await server.getService<Auth>('auth').verify(token)`. Throws a TypeError for a name that is none. */
  getService<Methods = unknown>(
    name: string,
    options?: { readonly entrypoint?: string; readonly props?: unknown },
  ): ServiceStub & Methods;
  /**
   * The `env` of a worker: texts, JSON, bytes and WebAssembly modules as they are, services as stubs. What only a realm can hold throws a
   * TypeError when it is read. Rejects with a TypeError for a name that no worker has.
   */
  getBindings<Env = Record<string, unknown>>(worker: string): Promise<Env>;
  /** Stops accepting, waits for requests under way, and ends every thread. */
  close(): Promise<void>;
}
