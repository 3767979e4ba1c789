/** The types of `workerLoader` bindings. Types only. */

import type { Fetcher } from './fetcher-types.ts';
import type { Service } from './rpc-types.ts';

/** A `workerLoader` binding: makes workers of code that is given at run time. */
export interface WorkerLoader {
  /** The worker of that name. `getCode` is called where it is not loaded. Without a name (`null`) it is a new one each time. */
  get(name: string | null, getCode: () => WorkerCode | Promise<WorkerCode>): WorkerStub;
  /** A worker of its own, which lives as long as the request that is being served. */
  load(code: WorkerCode): WorkerStub;
}

/** A worker that a loader gives: at once, although its code may still have to come. */
export interface WorkerStub {
  /** Its default export, or a named one: `getEntrypoint<typeof import('./plugin.ts')>()`. */
  getEntrypoint<Module = unknown, Name extends string = 'default'>(
    name?: Name | null,
    options?: { readonly props?: object },
  ): Service<Module, Name>;
}

/** The code of a worker, and all that it can reach. */
export interface WorkerCode {
  /** `YYYY-MM-DD` */
  readonly compatibilityDate: string;
  readonly compatibilityFlags?: readonly string[];
  /** The name of an ES module or a CommonJS module. */
  readonly mainModule: string;
  /** By name. A string is an ES module, and its name ends in `.js`. */
  readonly modules: Readonly<Record<string, string | WorkerCodeModule>>;
  /** What `env` holds: anything that structuredClone copies, and service bindings. */
  readonly env?: object;
  /** What the global `fetch` reaches; `null`: nothing. Absent: what that of the giver reaches. */
  readonly globalOutbound?: Fetcher | null;
  /** `cpuMs` has no effect yet. */
  readonly limits?: { readonly cpuMs?: number; readonly subRequests?: number };
}

/** A module, which has one of these. */
export type WorkerCodeModule =
  | { readonly js: string }
  | { readonly cjs: string }
  | { readonly text: string }
  | { readonly data: ArrayBuffer | ArrayBufferView }
  | { readonly json: unknown }
  | { readonly wasm: ArrayBuffer | ArrayBufferView };
