/** The object behind a service binding: `env.SERVICE`. */

import { fetchTarget } from '../fetch/fetch-target.ts';
import type { Response } from '../fetch/response.ts';
import { ObjectCreate, ObjectFreeze, PromiseReject } from '../primordials.ts';
import type { TargetState } from '../state.ts';
import { defineInterface, illegalConstructor, illegalInvocation } from '../webidl.ts';

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

export class Fetcher {
  #target: TargetState;

  constructor(token: unknown = undefined, target: TargetState | undefined = undefined) {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#target = target as TargetState;
  }

  /** Calls the service. https://fetch.spec.whatwg.org/#fetch-method */
  fetch(input: unknown, init: unknown = undefined): Promise<Response> {
    return #target in this ? fetchTarget(this.#target, input, init) : PromiseReject(illegalInvocation());
  }
}
defineInterface(Fetcher, 'Fetcher');

export function newFetcher(target: TargetState): Fetcher {
  return new Fetcher(INTERNAL, target);
}
