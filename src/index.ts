/**
 * The library entry, `import type { … } from 'nanod'`: types only, for configuration files and for workers. nanod itself is run by its
 * command, not called as a function, so importing this module at run time gives nothing.
 *
 * @example
 * export default { apps: [{ name: 'hello', script: 'hello.js' }] } satisfies EcosystemConfig;
 */

export type { EcosystemConfig } from './config/ecosystem-schema.ts';
export type {
  byReference,
  DigestStream,
  ExecutionContext,
  ExportedHandler,
  Fetcher,
  MemoryCache,
  MemoryCacheResult,
  RateLimit,
  RpcResult,
  RpcStub,
  Service,
  WorkerCode,
  WorkerCodeModule,
  WorkerLoader,
  WorkerStub,
  WorkerVersionMetadata,
} from './worker-types.ts';
export type { Socket, SocketAddress, SocketOptions } from './socket-types.ts';
