/**
 * The memory that threads share: made when a plan first needs it, handed to each thread with the bindings that name it, and kept from plan to
 * plan, so that a deployment empties no cache and forgets no count. Runs in the supervisor.
 */

import type { Binding, Config, MemoryCacheBinding, RateLimitBinding } from '../config/types.ts';
import { CacheMemory, makeCacheMemory } from '../shared/cache-memory/cache-memory.ts';
import type { CacheLimits } from '../shared/cache-memory/layout.ts';
import { makeRateMemory } from '../shared/rate-counters.ts';

/** Above the numbers of all threads: the supervisor takes locks as well. */
const supervisorThread = 2 ** 31 - 1;

type SharingBinding = MemoryCacheBinding | RateLimitBinding;

/** The memory of a binding of a worker. */
export type MemoryOf = (service: string, binding: SharingBinding) => SharedArrayBuffer;

interface Memory {
  readonly kind: SharingBinding['kind'];
  readonly buffer: SharedArrayBuffer;
}

export class Memories {
  /** By all that makes it this one; see keyOf. */
  readonly #known = new Map<string, Memory>();

  /** The memory of this configuration. What neither it nor `former` names goes with the last thread that holds it. */
  of(config: Config, former: Config): MemoryOf {
    const limits = limitsIn(config);
    const used = new Set([...keysIn(config, limits), ...keysIn(former, limitsIn(former))]);
    for (const key of this.#known.keys()) if (!used.has(key)) this.#known.delete(key);
    return (service, binding) => {
      const key = keyOf(service, binding, limits);
      const known = this.#known.get(key)?.buffer;
      if (known !== undefined) return known;
      const { kind } = binding;
      const buffer =
        kind === 'ratelimit' ? makeRateMemory() : makeCacheMemory(limitsOf(service, binding, limits));
      this.#known.set(key, { kind, buffer });
      return buffer;
    };
  }

  /** Cleans up after a thread of which nothing runs any more. */
  forget(thread: number): void {
    for (const { kind, buffer: memory } of this.#known.values()) {
      if (kind !== 'memoryCache') continue; // counters have no lock
      new CacheMemory({ memory, thread: supervisorThread, now: () => 0 }).forget(thread);
    }
  }
}

/** By the names of caches. */
type Limits = ReadonlyMap<string, CacheLimits>;

/** What the binding says, or a name that no binding can say. */
function nameOf(service: string, { id, name }: SharingBinding): string {
  return JSON.stringify(id ?? [service, name]);
}

function keyOf(service: string, binding: SharingBinding, limits: Limits): string {
  const name = nameOf(service, binding);
  if (binding.kind === 'ratelimit') return JSON.stringify([name, binding.period]);
  const { maxKeys, maxValueSize, maxTotalValueSize } = limitsOf(service, binding, limits);
  return JSON.stringify([name, maxKeys, maxValueSize, maxTotalValueSize]);
}

function limitsOf(service: string, binding: MemoryCacheBinding, limits: Limits): CacheLimits {
  return limits.get(nameOf(service, binding)) ?? binding.limits;
}

/** Bindings of one name share a cache with the largest of their limits. */
function limitsIn(config: Config): Limits {
  const limits = new Map<string, CacheLimits>();
  for (const [service, binding] of sharingIn(config)) {
    if (binding.kind !== 'memoryCache') continue;
    const name = nameOf(service, binding);
    limits.set(name, larger(binding.limits, limits.get(name)));
  }
  return limits;
}

function keysIn(config: Config, limits: Limits): string[] {
  return sharingIn(config).map(([service, binding]) => keyOf(service, binding, limits));
}

/** Each with the name of its worker. */
function sharingIn({ services }: Config): (readonly [string, SharingBinding])[] {
  return services.flatMap((service) =>
    service.kind === 'worker'
      ? sharingAmong(service.bindings).map((binding) => [service.name, binding] as const)
      : [],
  );
}

function sharingAmong(bindings: readonly Binding[]): SharingBinding[] {
  return bindings.flatMap((binding) => {
    if (binding.kind === 'wrapped') return sharingAmong(binding.innerBindings);
    return binding.kind === 'memoryCache' || binding.kind === 'ratelimit' ? [binding] : [];
  });
}

function larger(a: CacheLimits, b: CacheLimits = a): CacheLimits {
  return {
    maxKeys: Math.max(a.maxKeys, b.maxKeys),
    maxValueSize: Math.max(a.maxValueSize, b.maxValueSize),
    maxTotalValueSize: Math.max(a.maxTotalValueSize, b.maxTotalValueSize),
  };
}
