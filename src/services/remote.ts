/** A worker of another group: a call takes a channel to one of that group's threads, in turn. */

import type { TargetState } from '../realm/prelude/state.ts';
import { makeHostError } from './host-error.ts';
import { makeTarget, type Service } from './service.ts';

/** An open channel to a thread. */
export interface RemoteThread {
  fetch(
    service: string,
    entrypoint: string,
    props: string,
    request: Parameters<TargetState['fetch']>[0],
    call: Parameters<TargetState['fetch']>[1],
  ): void;
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

  target(entrypoint: string, props: string): TargetState {
    return makeTarget((request, call) => {
      const thread = this.#group.next();
      if (thread !== undefined) thread.fetch(this.name, entrypoint, props, request, call);
      else call.settle(call, undefined, makeHostError('GROUP_UNREACHABLE', { service: this.name }));
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
