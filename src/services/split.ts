/**
 * Two versions of a service under one name: a share of the requests goes to the candidate, the others to the stable one. A request stays on its
 * side with every call that it makes (request-context.ts). Each call looks anew which way it goes: what it costs, it costs while the share lasts.
 * Runs in a thread.
 */

import { neutral } from '../realm/neutral.ts';
import type { Outcome } from '../realm/prelude/rpc/rpc-state.ts';
import type { CallState, EntrypointState, RequestState } from '../realm/prelude/state.ts';
import { observed } from './deferred.ts';
import { currentDraw } from './request-context.ts';
import type { Service } from './service.ts';

/** What has come of the requests and calls of one side. */
export interface SideCounts {
  requests: number;
  /** Those that failed, or were answered with a status of 500 and above. */
  errors: number;
}

export interface SplitCounts {
  readonly stable: SideCounts;
  readonly candidate: SideCounts;
}

interface Side {
  readonly service: Service;
  readonly counts: SideCounts;
}

export class SplitService implements Service {
  readonly kind = 'split';
  readonly name: string;
  readonly counts: SplitCounts;
  readonly #stable: Side;
  readonly #candidate: Side;
  readonly #percent: number;

  /** `counts`: those of a share that this one goes on with. */
  constructor(
    name: string,
    [stable, candidate]: readonly [Service, Service],
    {
      percent,
      counts = makeCounts(),
    }: { readonly percent: number; readonly counts: SplitCounts | undefined },
  ) {
    this.name = name;
    this.counts = counts;
    this.#stable = { service: stable, counts: counts.stable };
    this.#candidate = { service: candidate, counts: counts.candidate };
    this.#percent = percent;
  }

  /** The stable service and the candidate. */
  get parts(): readonly [Service, Service] {
    return [this.#stable.service, this.#candidate.service];
  }

  /** The same with another service in the place of one of its parts. */
  with(part: Service, next: Service): SplitService {
    const parts = this.parts.map((each) => (each === part ? next : each)) as [Service, Service];
    return new SplitService(this.name, parts, { percent: this.#percent, counts: this.counts });
  }

  open(entrypoint: string, props: string, isClient: boolean): EntrypointState {
    const counted = (act: (way: EntrypointState) => Outcome): Outcome => {
      const { service, counts } = this.#side();
      counts.requests++;
      return observed(act(service.open(entrypoint, props, isClient)), (isError) => {
        if (isError) counts.errors++;
      });
    };
    return {
      fetch: (request, call) => this.#fetch(this.#side(), [entrypoint, props, isClient], request, call),
      call: (path, args, source) => counted((way) => way.call(path, args, source)),
      get: (path) => counted((way) => way.get(path)),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.close()));
  }

  #side(): Side {
    return currentDraw() < this.#percent ? this.#candidate : this.#stable;
  }

  #fetch(
    { service, counts }: Side,
    [entrypoint, props, isClient]: readonly [string, string, boolean],
    request: RequestState,
    call: CallState,
  ): void {
    counts.requests++;
    const settle: CallState['settle'] = (_call, response, error) => {
      if (response === undefined || response.status >= 500) counts.errors++;
      call.settle(call, response, error);
    };
    const inner = neutral.call(settle, call.target, request, undefined, undefined, undefined);
    const others = call.onAbort;
    call.onAbort = (reason) => {
      others?.(reason);
      inner.aborted = reason;
      inner.onAbort?.(reason);
    };
    service.open(entrypoint, props, isClient).fetch(request, inner);
  }
}

function makeCounts(): SplitCounts {
  return { stable: { requests: 0, errors: 0 }, candidate: { requests: 0, errors: 0 } };
}

/** What a service is made of: the two sides of a split, else the service itself. */
export function partsOfService(service: Service): readonly Service[] {
  return service instanceof SplitService ? service.parts : [service];
}
