/** The object behind a `ratelimit` binding, with the interface of Cloudflare's. The counters are the host's. */

import { guarded } from '../host.ts';
import { ObjectCreate, ObjectFreeze, PromiseReject, PromiseResolve, TypeErrorCtor } from '../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  toDictionary,
  toDOMString,
} from '../webidl.ts';

const realm = guarded($host.realm);

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

/** https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/ */
export class RateLimit {
  readonly #index: number;

  constructor(token: unknown = undefined, index = 0) {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#index = index;
  }

  limit(options: unknown): Promise<{ success: boolean }> {
    try {
      if (!(#index in this)) throw illegalInvocation();
      requireArguments(arguments.length, 1, 'RateLimit.limit');
      const key = toDictionary<{ key: unknown }>(options, 'RateLimit.limit: argument 1')?.key;
      if (key === undefined) throw new TypeErrorCtor('RateLimit.limit: key of argument 1 is missing.');
      return PromiseResolve({ success: realm.rateLimit(this.#index, toDOMString(key)) });
    } catch (error) {
      return PromiseReject(error);
    }
  }
}

defineInterface(RateLimit, 'RateLimit');

/** The limit with that index in the host's list. */
export function newRateLimit(index: number): RateLimit {
  return new RateLimit(INTERNAL, index);
}
