/**
 * The library entry: `createServer`, which runs a deployment in the process of a program, and the types of configuration files and of workers.
 * Importing it loads nothing else before `createServer` is called.
 *
 * @example
 * export default { apps: [{ name: 'hello', script: 'hello.js' }] } satisfies EcosystemConfig;
 */

import type { NanodServer, ServerConfig, ServerOptions } from './server-types.ts';

/**
 * Starts a deployment in this process. Resolves when it can be asked, and listens if it is to; `close` ends it.
 *
 * Rejects with an error whose `errors` are everything that is wrong with the configuration or the workers, each with its `code`
 * (docs/errors.md).
 */
export async function createServer(
  config: ServerConfig = '.',
  options: ServerOptions = {},
): Promise<NanodServer> {
  const server = await import('./create-server.ts');
  return server.createServer(config, options);
}

export type {
  NanodServer,
  ServerConfig,
  ServerLogLevel,
  ServerLogRecord,
  ServerOptions,
  ServerRequestInit,
  ServerSocket,
  ServiceStub,
} from './server-types.ts';
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
  TestController,
  TestHandler,
  WorkerCode,
  WorkerCodeModule,
  WorkerLoader,
  WorkerStub,
  WorkerVersionMetadata,
} from './worker-types.ts';
export type { Socket, SocketAddress, SocketOptions } from './socket-types.ts';
