/** What every kind of service is to the router: something that gives a way to its entrypoints. Runs in a thread. */

import type { RpcTargetState } from '../realm/prelude/rpc/rpc-state.ts';
import type { EdgeCounts, EntrypointState, TargetState } from '../realm/prelude/state.ts';
import { refused } from './deferred.ts';
import { uncounted } from './edge.ts';
import type { ServiceHealth } from './health.ts';
import { makeHostError } from './host-error.ts';

export interface Service {
  readonly kind: 'worker' | 'network' | 'external' | 'disk' | 'assets' | 'remote' | 'parked' | 'split';
  readonly name: string;
  /**
   * Where calls to an entrypoint go now. `props`: JSON of what the entrypoint is told, or ''. `isClient`: the requests come from outside, and not
   * from a worker.
   */
  open(entrypoint: string, props: string, isClient: boolean): EntrypointState;
  /** Set by whoever keeps what `open` has given: called when it gives something else from now on. */
  onMoved?: (() => void) | undefined;
  /** How what is behind it has been doing; absent where nothing of it is elsewhere. */
  health?(): ServiceHealth;
  /** Lets go of everything; calls under way fail. */
  close(): Promise<void>;
}

/** A target record, which by itself leads nowhere. Only the service that made it changes it. */
export class Target implements TargetState {
  fetch: TargetState['fetch'];
  call: TargetState['call'];
  get: TargetState['get'];
  readonly designator: string;
  readonly counts: EdgeCounts;

  constructor({ fetch, call, get }: EntrypointState, designator: string, counts: EdgeCounts = uncounted) {
    this.fetch = fetch;
    this.call = call;
    this.get = get;
    this.designator = designator;
    this.counts = counts;
  }

  /** Leads elsewhere from now on. */
  lead({ fetch, call, get }: EntrypointState): void {
    this.fetch = fetch;
    this.call = call;
    this.get = get;
  }
}
delete (Target.prototype as { constructor?: unknown }).constructor;
Object.setPrototypeOf(Target.prototype, null);

/** An entrypoint that takes requests only. */
export function requestsOnly(fetch: TargetState['fetch'], service = ''): EntrypointState {
  return { fetch, ...noMethods(service) };
}

/** A target that takes requests only, and leads nowhere else. */
export function makeTarget(fetch: TargetState['fetch'], service = ''): TargetState {
  return new Target(requestsOnly(fetch, service), '');
}

function noMethods(service: string): RpcTargetState {
  const refuse = (): ReturnType<RpcTargetState['get']> =>
    refused(makeHostError('RPC_UNSUPPORTED', { service }));
  return { call: refuse, get: refuse };
}
