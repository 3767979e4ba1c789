/** A worker of another group: a call takes a channel to one of that group's threads, in turn. */

import type { Outcome, PathState, ValueSource } from '../realm/prelude/rpc/rpc-state.ts';
import type { EntrypointState, ErrorState, TargetState } from '../realm/prelude/state.ts';
import { makeHostError } from './host-error.ts';
import { refused } from './deferred.ts';
import type { Service } from './service.ts';

/** An open channel to a thread. */
export interface RemoteThread {
  fetch(
    service: string,
    entrypoint: string,
    props: string,
    request: Parameters<TargetState['fetch']>[0],
    call: Parameters<TargetState['fetch']>[1],
  ): void;
  /** Calls a method; without `args`, reads a property. */
  call(
    service: string,
    entrypoint: string,
    props: string,
    path: PathState,
    args: readonly unknown[] | undefined,
    source: ValueSource | undefined,
  ): Outcome;
}

/** The threads of a group that can be reached now, in a stable order. */
export interface RemoteGroup {
  next(): RemoteThread | undefined;
}

export class RemoteService implements Service {
  readonly kind = 'remote';
  readonly name: string;
  readonly #group: RemoteGroup;

  constructor(name: string, group: RemoteGroup) {
    this.name = name;
    this.#group = group;
  }

  open(entrypoint: string, props: string): EntrypointState {
    const { name } = this;
    const unreachable = (): ErrorState => makeHostError('GROUP_UNREACHABLE', { service: name });
    const send = (
      path: PathState,
      args: readonly unknown[] | undefined,
      source: ValueSource | undefined,
    ): Outcome => {
      const thread = this.#group.next();
      if (thread === undefined) return refused(unreachable());
      return thread.call(name, entrypoint, props, path, args, source);
    };
    return {
      fetch: (request, call) => {
        const thread = this.#group.next();
        if (thread !== undefined) thread.fetch(name, entrypoint, props, request, call);
        else call.settle(call, undefined, unreachable());
      },
      call: send,
      get: (path) => send(path, undefined, undefined),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
