/** The built-in modules `cloudflare:workers` and `cloudflare:sockets`, which are also there as `nanod:workers` and `nanod:sockets`. */

declare module 'cloudflare:workers' {
  import type { byReference, ExecutionContext, RpcStub as Stub, RpcResult } from 'nanod';

  /** The base class of entrypoints whose methods other services call. Each call is served by a fresh instance. */
  export abstract class WorkerEntrypoint<Env = unknown, Props = unknown> {
    protected readonly ctx: ExecutionContext<Props>;
    protected readonly env: Env;
    constructor(ctx: ExecutionContext<Props>, env: Env);
  }

  /** The base class of objects that are passed by reference. */
  export abstract class RpcTarget {
    readonly [byReference]: true;
  }

  /**
   * The base class of Durable Objects. They are not available in this version: modules that declare one can be used, and whoever calls one gets
   * an error.
   */
  export abstract class DurableObject<Env = unknown> {
    protected readonly ctx: unknown;
    protected readonly env: Env;
    constructor(ctx: unknown, env: Env);
  }

  /** A stub of an object or function of this worker, as another service would get it. */
  export const RpcStub: new <Value extends RpcTarget | ((...args: never[]) => unknown)>(
    target: Value,
  ) => Stub<Value>;
  export type RpcStub<Value = unknown> = Stub<Value>;
  /** For `instanceof`. */
  export const RpcPromise: abstract new (...args: never[]) => RpcResult<unknown>;
  export const RpcProperty: abstract new (...args: never[]) => object;

  /** The bindings of this worker. */
  export const env: unknown;
  /** Bindings of this worker to its own entrypoints. */
  export const exports: Readonly<Record<string, unknown>>;
  /** Lets work outlive the response to the request that is being served. */
  export function waitUntil(promise: Promise<unknown>): void;
}

declare module 'nanod:workers' {
  export * from 'cloudflare:workers';
}

declare module 'cloudflare:sockets' {
  import type { Socket, SocketAddress, SocketOptions } from 'nanod';

  /** Opens a connection through the worker's global outbound. Throws a TypeError for what is no address. */
  export function connect(address: string | SocketAddress, options?: SocketOptions): Socket;
}

declare module 'nanod:sockets' {
  export * from 'cloudflare:sockets';
}
