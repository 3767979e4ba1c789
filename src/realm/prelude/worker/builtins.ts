/** Built-in modules: what `import ... from 'cloudflare:workers'` gives. The bundler knows their export names (src/bundle). */

import { defineValue } from '../lazy.ts';
import {
  ObjectCreate,
  ReflectDefineProperty,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} from '../primordials.ts';
import { links } from '../rpc/links.ts';
import type { RealmConfig } from './config.ts';
import { extendLifetime } from './context.ts';

/** The exports of a built-in module, or undefined for what is none. */
export function builtinModule(specifier: string, env: object, config: RealmConfig): object | undefined {
  if (config.nodejs !== '' && StringPrototypeStartsWith(specifier, 'node:')) {
    return require('../nodejs/node-modules.ts').nodeModule(StringPrototypeSlice(specifier, 5), config);
  }
  if (specifier === 'cloudflare:sockets' || specifier === 'nanod:sockets') return socketsModule();
  return specifier === 'cloudflare:workers' || specifier === 'nanod:workers' ? workersModule(env) : undefined;
}

function workersModule(env: object): object {
  const exports = ObjectCreate(null) as object;
  defineValue(exports, 'env', env, true);
  defineValue(exports, 'waitUntil', (promise: unknown) => extendLifetime(promise), true);
  defineLazy(exports, 'exports', () => links.loopbackExports());
  defineLazy(exports, 'DurableObject', () => require('../rpc/durable-object.ts').DurableObject);
  defineLazy(exports, 'RpcTarget', () => require('../rpc/targets.ts').RpcTarget);
  defineLazy(exports, 'WorkerEntrypoint', () => require('../rpc/targets.ts').WorkerEntrypoint);
  defineLazy(exports, 'RpcStub', () => require('../rpc/stub.ts').RpcStub);
  defineLazy(exports, 'RpcPromise', () => require('../rpc/caller.ts').RpcPromiseInterface);
  defineLazy(exports, 'RpcProperty', () => require('../rpc/caller.ts').RpcPropertyInterface);
  return exports;
}

function socketsModule(): object {
  const exports = ObjectCreate(null) as object;
  defineLazy(exports, 'connect', () => require('../sockets/connect.ts').connect);
  return exports;
}

/** What a worker does not import costs it nothing. */
function defineLazy(exports: object, name: string, load: () => unknown): void {
  ReflectDefineProperty(exports, name, {
    __proto__: null,
    get: load,
    enumerable: true,
  } as PropertyDescriptor);
}
