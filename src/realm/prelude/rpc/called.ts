/** What is called: a capability, or a service binding, and a path from there; with what counts the calls. */

import { timeNow } from '../edge.ts';
import { guarded } from '../host.ts';
import type { EdgeCounts } from '../state.ts';
import type { CapState, PathState, RpcTargetState } from './rpc-state.ts';

const rpc = guarded($host.rpc);
const realm = guarded($host.realm);

/** Something that can be called: a capability, or a service binding, and a path from there. */
export class Called {
  readonly target: RpcTargetState;
  readonly path: PathState;
  /** Its name, for messages: `AUTH.verify`. */
  readonly label: string;
  readonly counts: EdgeCounts;
  /** Of a call that is timed. */
  readonly began: number | undefined;

  constructor(target: RpcTargetState, path: PathState, label: string, counts: EdgeCounts, began?: number) {
    this.target = target;
    this.path = path;
    this.label = label;
    this.counts = counts;
    this.began = began;
  }

  member(key: string): Called {
    const path = this.path === undefined ? key : rpc.link(this.path, key);
    return new Called(this.target, path, `${this.label}.${key}`, this.counts);
  }

  timed(): Called {
    return new Called(this.target, this.path, this.label, this.counts, timeNow());
  }
}

/** Calls of stubs: what they lead to is known to their owner alone. */
export const stubCounts = realm.stubCounts();

/** The same over a capability. */
export function calledOf(cap: CapState, label: string): Called {
  const target: RpcTargetState = {
    call: (path, args, source) => cap.ops.call(cap, path, args, source),
    get: (path) => cap.ops.get(cap, path),
  };
  return new Called(target, undefined, label, stubCounts);
}
