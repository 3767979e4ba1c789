/** What every kind of service is to the router: something that gives a way to its entrypoints. Runs in a thread. */

import type { TargetState } from '../realm/prelude/state.ts';

export interface Service {
  readonly kind: 'worker' | 'network' | 'remote';
  readonly name: string;
  /** The way to an entrypoint. `props`: JSON of what the entrypoint is told, or ''. */
  target(entrypoint: string, props: string): TargetState;
  /** Lets go of everything; calls under way fail. */
  close(): Promise<void>;
}

/** A target record: frozen, with no prototype, so that it leads nowhere. */
export function makeTarget(fetch: TargetState['fetch']): TargetState {
  return Object.freeze({ __proto__: null, fetch });
}
