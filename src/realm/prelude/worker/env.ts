/** Builds `env`: the bindings of a worker, which are all it can reach. */

import { copyBytes, exactBuffer } from '../bytes.ts';
import { defineValue } from '../lazy.ts';
import { JSONParse, ObjectCreate, ObjectPrototype } from '../primordials.ts';
import type { RealmHost } from '../host-api.ts';
import type { BindingConfig } from './config.ts';

/** A fresh `env`. Each value is an object of this realm. */
export function makeEnv(bindings: readonly BindingConfig[], host: RealmHost): object {
  const given = host.env();
  return given === undefined ? boundEnv(bindings, host) : require('./given-env.ts').receiveEnv(given);
}

function boundEnv(bindings: readonly BindingConfig[], host: RealmHost): object {
  const env = ObjectCreate(ObjectPrototype) as object;
  for (let i = 0; i < bindings.length; i++) {
    const binding = bindings[i] as BindingConfig;
    defineValue(env, binding.name, bindingValue(binding, host), true);
    if (binding.kind === 'wrapped')
      require('./wrapped.ts').expectWrapped(env, binding.name, boundEnv(binding.inner, host));
  }
  return env;
}

function bindingValue(binding: BindingConfig, host: RealmHost): unknown {
  switch (binding.kind) {
    case 'text':
      return binding.text;
    case 'json':
      return JSONParse(binding.json);
    case 'data':
      return exactBuffer(copyBytes(require('../encoding/base64.ts').base64Decode(binding.base64)));
    case 'service':
      return require('./fetcher.ts').newFetcher(host.target(binding.target), binding.name);
    case 'cryptoKey': {
      const { toCryptoKey } = require('../crypto/operations.ts');
      return toCryptoKey(host.keyText(binding.key), host.keyHandle(binding.key), undefined);
    }
    case 'memoryCache':
      return require('./memory-cache.ts').newMemoryCache(binding.cache);
    case 'ratelimit':
      return require('./rate-limit.ts').newRateLimit(binding.limit);
    case 'workerLoader':
      return require('./worker-loader.ts').newWorkerLoader(binding.loader);
    case 'wasmModule':
      return require('./assets.ts').assetOf(host, binding.asset, 'wasm');
    case 'wrapped':
      return undefined; // until its function has been called
  }
}
