/**
 * The host half of bindings: what a realm is told about `env`, and the ways that its service bindings take. Kinds that need more
 * than data have a file of their own here.
 */

import { hrtime } from 'node:process';
import type { BindingSpec, DesignatorSpec } from '../messages/startup.ts';
import { importBoundKey, type BoundKey } from '../realm/host/crypto/bound-key.ts';
import type { TargetState } from '../realm/prelude/state.ts';
import type { RealmBinding, RealmLoaders, RealmMemoryCaches } from '../realm/realm.ts';
import { CacheMemory } from '../shared/cache-memory/cache-memory.ts';
import { RateCounters } from '../shared/rate-counters.ts';
import { assertNever } from '../shared/assert.ts';
import { makeRealmMemoryCaches } from './memory-cache.ts';
import { makeRealmLoaders, type Loader } from './worker-loader.ts';

/** Bindings as a realm takes them. Target 0 is the global outbound. */
export interface PreparedBindings {
  readonly configs: readonly RealmBinding[];
  readonly targets: readonly TargetState[];
  /** Bindings of the kind `cryptoKey` refer to these. */
  readonly keys: readonly Promise<BoundKey>[];
  readonly memoryCaches: RealmMemoryCaches;
  readonly rateLimits: readonly ((key: string) => boolean)[];
  readonly loaders: RealmLoaders;
}

/** What bindings are made of in a thread. */
export interface BindingPowers {
  /** Never fails: the configuration was validated. */
  readonly resolve: (designator: DesignatorSpec) => TargetState;
  /** Number of the thread, above 0. */
  readonly thread: number;
  /** The loader of a binding, for one realm. */
  readonly loader: (spec: LoaderSpec) => Loader;
}

/** A binding of the kind `workerLoader`. */
export type LoaderSpec = Extract<BindingSpec, { kind: 'workerLoader' }>;

/** Bindings for one realm. */
export function prepareBindings(
  specs: readonly BindingSpec[],
  outbound: DesignatorSpec,
  { resolve, thread, loader }: BindingPowers,
): PreparedBindings {
  const targets = [resolve(outbound)];
  const keys: Promise<BoundKey>[] = [];
  const caches: CacheMemory[] = [];
  const limits: ((key: string) => boolean)[] = [];
  const loaders: Loader[] = [];
  const prepare = (spec: BindingSpec): RealmBinding => {
    switch (spec.kind) {
      case 'text':
      case 'json':
      case 'data':
      case 'wasmModule':
        return spec;
      case 'service':
        return { kind: 'service', name: spec.name, target: targets.push(resolve(spec)) - 1 };
      case 'cryptoKey':
        return { kind: 'cryptoKey', name: spec.name, key: keys.push(importBoundKey(spec)) - 1 };
      case 'memoryCache': {
        const cache = new CacheMemory({ memory: spec.memory, thread, now: () => Date.now() });
        return { kind: 'memoryCache', name: spec.name, cache: caches.push(cache) - 1 };
      }
      case 'ratelimit': {
        const period = spec.period * 1000;
        const { memory, limit } = spec;
        const counters = new RateCounters({ memory, limit, period, now: monotonicTime });
        return { kind: 'ratelimit', name: spec.name, limit: limits.push((key) => counters.take(key)) - 1 };
      }
      case 'workerLoader':
        return { kind: 'workerLoader', name: spec.name, loader: loaders.push(loader(spec)) - 1 };
      case 'wrapped':
        return { kind: 'wrapped', name: spec.name, inner: spec.inner.map(prepare) };
      default:
        return assertNever(spec);
    }
  };
  return {
    configs: specs.map(prepare),
    targets,
    keys,
    memoryCaches: makeRealmMemoryCaches(caches),
    rateLimits: limits,
    loaders: makeRealmLoaders(loaders),
  };
}

/** Milliseconds, the same on all threads. */
function monotonicTime(): number {
  return Number(hrtime.bigint()) / 1e6;
}
