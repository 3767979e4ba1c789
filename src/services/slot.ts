/**
 * A name on a thread, and the ways that lead to whichever service holds it. Workers keep such a way for as long as they live; a deployment
 * gives the name to another service, and every way leads there from the next call on. Runs in a thread.
 */

import type { EdgeCounts, EntrypointState, TargetState } from '../realm/prelude/state.ts';
import { type Service, Target } from './service.ts';

/** Ways that a worker can think up, with props or to entrypoints of workers that it has loaded, that a slot keeps up to date. */
const mostWays = 1000;

/** Whoever calls, and what counts the calls. */
export interface Caller {
  /** Unique in the thread. */
  readonly name: string;
  readonly counts: EdgeCounts;
  /** Whether it is a socket. */
  readonly isClient: boolean;
}

interface Way {
  readonly target: Target;
  readonly entrypoint: string;
  readonly props: string;
  readonly isClient: boolean;
}

export class Slot {
  readonly name: string;
  #service: Service;
  /** By caller and designator. They lead straight into the service: the hot path touches nothing of this object. */
  readonly #ways = new Map<string, Way>();
  #thoughtUp = 0;
  readonly #isLocal: boolean;

  /** `isLocal`: the name means something to those only who have the slot. */
  constructor(service: Service, { isLocal = false }: { isLocal?: boolean } = {}) {
    this.name = service.name;
    this.#service = service;
    this.#isLocal = isLocal;
    service.onMoved = () => this.#lead();
  }

  get service(): Service {
    return this.#service;
  }

  /** The way of one caller to an entrypoint. `props`: JSON of what the entrypoint is told, or ''. */
  target(entrypoint: string, props: string, caller: Caller): TargetState {
    const designator = JSON.stringify([this.name, entrypoint, props]);
    const key = `${designator} ${caller.name}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known.target;
    const { isClient, counts } = caller;
    const way = this.#service.open(entrypoint, props, isClient);
    const target = new Target(way, this.#isLocal ? '' : designator, counts);
    // They would fill the table: one too many looks for the service at each call.
    if ((props !== '' || this.#isLocal) && ++this.#thoughtUp > mostWays)
      target.lead(this.#lookingUp(entrypoint, props, isClient));
    else this.#ways.set(key, { target, entrypoint, props, isClient });
    return target;
  }

  /** Gives the name to another service. Returns the one that had it, which goes on with the calls that it has. */
  hold(service: Service): Service {
    const former = this.#service;
    former.onMoved = undefined;
    this.#service = service;
    service.onMoved = () => this.#lead();
    this.#lead();
    return former;
  }

  #lead(): void {
    for (const { target, entrypoint, props, isClient } of this.#ways.values())
      target.lead(this.#service.open(entrypoint, props, isClient));
  }

  #lookingUp(entrypoint: string, props: string, isClient: boolean): EntrypointState {
    const open = (): EntrypointState => this.#service.open(entrypoint, props, isClient);
    return {
      fetch: (request, call) => open().fetch(request, call),
      call: (path, args, source) => open().call(path, args, source),
      get: (path) => open().get(path),
    };
  }
}
