/**
 * The host half of `workerLoader` bindings: what one realm does with loaders. Code and values come as text and neutral records that the
 * prelude has made; the host never looks into a value. Runs in a thread.
 */

import type { EncodedState } from '../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState, TargetState } from '../realm/prelude/state.ts';
import type { LoadedHandle, RealmLoaders } from '../realm/realm.ts';
import { assertHeadroom } from '../shared/headroom.ts';

/** What a worker gives to a loader. */
export interface GivenCode {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** JSON; see DynamicCode of messages/builds.ts. */
  readonly modules: string;
  readonly env: EncodedState;
  /** What its global `fetch` reaches: the same as that of the giver, nothing, or a service. */
  readonly outbound: 'inherited' | 'none' | TargetState;
  /** How often it may call that while one request is served, or -1. */
  readonly calls: number;
}

/** A worker of a loader, as a realm knows it. */
export interface LoadedWorker {
  readonly needsCode: boolean;
  give(code: GivenCode): void;
  /** There is no code. */
  fail(error: ErrorState): void;
  target(entrypoint: string, props: string): TargetState;
  /** The way to a service for this worker, which counts against its limit as its outbound does. */
  limit(target: TargetState, calls: number): TargetState;
}

/** A loader, as one realm uses it. */
export interface Loader {
  /** The worker of a name, or a new one; undefined where there is no room for it. Without a name it is always a new one. */
  find(name: string | undefined): LoadedWorker | undefined;
  /** What is said where `find` gives none. */
  readonly full: ErrorState;
  /** The realm is going. */
  release(): void;
}

/** `loaders`: by the index that bindings have. The functions throw a RangeError near stack overflow, with nothing begun. */
export function makeRealmLoaders(loaders: readonly Loader[]): RealmLoaders {
  return {
    host: Object.freeze({
      open(index, name) {
        assertHeadroom();
        const worker = loaders[index]?.find(name);
        return worker && new Handle(worker);
      },
      full: (index) => loaders[index]?.full as ErrorState,
      needsCode: (handle) => workerOf(handle).needsCode,
      give(handle, settings, modules, env, outbound, calls) {
        assertHeadroom();
        const [compatibilityDate, ...compatibilityFlags] = JSON.parse(settings) as [string, ...string[]];
        workerOf(handle).give({ compatibilityDate, compatibilityFlags, modules, env, outbound, calls });
      },
      fail(handle, error) {
        assertHeadroom();
        workerOf(handle).fail(error);
      },
      target(handle, entrypoint, props) {
        assertHeadroom();
        return workerOf(handle).target(entrypoint, props);
      },
      limit(handle, target, calls) {
        assertHeadroom();
        return workerOf(handle).limit(target, calls);
      },
    } satisfies RealmLoaders['host']),
    stop() {
      for (const loader of loaders) loader.release();
    },
  };
}

let workerOf: (handle: LoadedHandle) => LoadedWorker;

/** What a prelude holds of a worker: an object without properties that only this module can look into. */
class Handle implements LoadedHandle {
  declare readonly __brand?: 'LoadedHandle';
  readonly #worker: LoadedWorker;

  constructor(worker: LoadedWorker) {
    this.#worker = worker;
    Object.freeze(this);
  }

  static {
    workerOf = (handle) => (handle as Handle).#worker;
  }
}
delete (Handle.prototype as { constructor?: unknown }).constructor;
Object.freeze(Object.setPrototypeOf(Handle.prototype, null));
