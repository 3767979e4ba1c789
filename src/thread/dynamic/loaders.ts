/**
 * The loaders of a thread: each binding has one of its own in each realm, or one with others by its id. Makes workers of code: has it bundled,
 * makes a service of the bundle, and evaluates that.
 */

import { randomUUID } from 'node:crypto';
import type { LoaderSpec } from '../../bindings/index.ts';
import type { Loader } from '../../bindings/worker-loader.ts';
import type { DynamicBundle } from '../../messages/builds.ts';
import type { CallerSpec } from '../../messages/counters.ts';
import type { DesignatorSpec, WorkerSpec } from '../../messages/startup.ts';
import type { EdgeCounts, ErrorState, TargetState } from '../../realm/prelude/state.ts';
import type { DynamicParts } from '../../realm/realm.ts';
import type { Beginning } from '../../services/dynamic-worker.ts';
import { uncounted } from '../../services/edge.ts';
import { makeHostError } from '../../services/host-error.ts';
import type { WorkerService } from '../../services/worker.ts';
import type { LoaderUse } from '../make-service.ts';
import type { StackMapper } from '../stack-map.ts';
import type { ThreadLog } from '../thread-log.ts';
import type { Builder } from './builds.ts';
import { LoaderCache, type ReadyCode } from './loader-cache.ts';

export interface LoadersPowers {
  readonly builds: Builder;
  readonly stacks: StackMapper;
  readonly log: ThreadLog;
  /** How long code may keep those waiting who want to call it, before it is there and while it is evaluated; in milliseconds. */
  readonly evaluationTimeout: number;
  /** Counts a caller's calls of the workers of a loader. */
  readonly counts: (caller: CallerSpec, loader: string) => EdgeCounts;
  readonly makeWorker: (spec: WorkerSpec, parts: DynamicParts & { ways: Ways }) => WorkerService;
}

type Ways = (designator: DesignatorSpec, caller: CallerSpec) => TargetState;

/** What a worker of a loader has for a global outbound: no name leads there. */
const outboundSpec: DesignatorSpec = Object.freeze({ service: '', entrypoint: '', props: '' });

export class Loaders {
  readonly #powers: LoadersPowers;
  readonly #shared = new Map<string, LoaderCache>();
  /** With the number of realms that use them. */
  readonly #caches = new Map<LoaderCache, number>();

  constructor(powers: LoadersPowers) {
    this.#powers = powers;
  }

  /** The loader of a binding, for one realm. */
  loader(spec: LoaderSpec, { caller, outbound }: LoaderUse): Loader {
    const label = `${caller.name}/${spec.name}`;
    const cache = this.#cache(spec, label);
    this.#caches.set(cache, (this.#caches.get(cache) ?? 0) + 1);
    const counts = this.#powers.counts(caller, label);
    const loader = cache.loaderFor({
      caller: { name: `${caller.kind} ${caller.name}`, counts, isClient: false },
      outbound,
    });
    return {
      ...loader,
      release: () => {
        loader.release();
        this.#leave(cache, spec.id);
      },
    };
  }

  /** What runs code that was given at run time. */
  *workers(): Generator<WorkerService> {
    for (const cache of this.#caches.keys()) yield* cache.workers();
  }

  #cache({ id, maxWorkers }: LoaderSpec, label: string): LoaderCache {
    const known = id === undefined ? undefined : this.#shared.get(id);
    if (known !== undefined) return known;
    const { evaluationTimeout: patience } = this.#powers;
    const begin = (code: ReadyCode): Beginning => this.#begin(code);
    const cache = new LoaderCache({ label, maxWorkers, patience, begin });
    if (id !== undefined) this.#shared.set(id, cache);
    return cache;
  }

  #leave(cache: LoaderCache, id: string | undefined): void {
    const users = (this.#caches.get(cache) ?? 1) - 1;
    this.#caches.set(cache, users);
    if (users > 0) return;
    this.#caches.delete(cache);
    if (id !== undefined) this.#shared.delete(id);
  }

  #begin(code: ReadyCode): Beginning {
    const { slot, compatibilityDate, compatibilityFlags, modules } = code;
    const { name } = slot;
    return {
      make: async () => {
        const asked = { name, compatibilityDate, compatibilityFlags, modules };
        const outcome = await this.#powers.builds.build(asked);
        if ('problem' in outcome)
          return makeHostError('DYNAMIC_CODE', { service: name, reason: outcome.problem });
        return this.#make(outcome.bundle, code);
      },
      explain: (error) => this.#explain(name, error),
    };
  }

  #make(bundle: DynamicBundle, { slot, env, outbound }: ReadyCode): WorkerService {
    const { name } = slot;
    const spec: WorkerSpec = {
      ...bundle,
      kind: 'worker',
      name,
      restarts: 0,
      format: 'module',
      bindings: [],
      globalOutbound: outboundSpec,
    };
    // The only names that it can say are its own.
    const ways: Ways = ({ service, entrypoint, props }, caller) =>
      service === ''
        ? outbound
        : slot.target(entrypoint, props, {
            name: `${caller.kind} ${caller.name}`,
            counts: uncounted,
            isClient: false,
          });
    return this.#powers.makeWorker(spec, { env, scope: `${name}#${randomUUID()}`, ways });
  }

  #explain(service: string, error: ErrorState): ErrorState {
    if (error.code !== '') return error; // of nanod itself
    const described = this.#powers.stacks.describe(error);
    this.#powers.log.write({ service, version: '' }, 50, 'the worker could not be evaluated', {
      error: { source: 'load', ...described },
    });
    const frame = /^ +at .*$/mu.exec(described.stack)?.[0].trim();
    const where = frame === undefined ? '' : ` (${frame})`;
    const reason = `${described.name}: ${described.message}${where}`;
    return makeHostError('WORKER_EVALUATION', { service, reason });
  }
}
