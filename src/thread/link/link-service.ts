/**
 * A service of another nanod: everything that is called of it goes over one connection per thread, which is opened at the first call, and
 * opened anew at the next one when it was lost. Runs in a thread.
 */

import { neutral } from '../../realm/neutral.ts';
import type { Outcome, PathState, ValueSource } from '../../realm/prelude/rpc/rpc-state.ts';
import type { EntrypointState, ErrorState } from '../../realm/prelude/state.ts';
import { refused } from '../../services/deferred.ts';
import { HealthRecord, type ServiceHealth } from '../../services/health.ts';
import { makeHostError } from '../../services/host-error.ts';
import { Turns } from '../../services/network/turns.ts';
import type { Service } from '../../services/service.ts';
import { assertWideHeadroom } from '../../shared/headroom.ts';
import { Channel } from '../channel/channel.ts';
import type { Dial, Peer } from './dial.ts';
import { DialedLink } from './dialed-link.ts';
import { makeLazyDial } from './lazy-dial.ts';
import type { LinkPowers } from './link-powers.ts';

const stackIsFull = neutral.error('error', 'RangeError', 'Maximum call stack size exceeded', '', '');

export class LinkService implements Service {
  readonly kind = 'external';
  readonly name: string;
  readonly #peer: Peer;
  readonly #powers: LinkPowers;
  readonly #dial: Dial;
  readonly #health = new HealthRecord();
  readonly #turns = new Turns();
  /** All that are open; calls go over the last one that wants them. */
  readonly #open = new Set<DialedLink>();
  #current: DialedLink | undefined;
  #isClosed = false;

  constructor(peer: Peer, powers: LinkPowers) {
    this.name = peer.name;
    this.#peer = peer;
    this.#powers = powers;
    this.#dial = makeLazyDial(peer);
  }

  open(entrypoint: string, props: string): EntrypointState {
    const named = entrypoint === 'default' ? (this.#peer.rpc.entrypoint ?? '') : entrypoint;
    const call = (
      path: PathState,
      args: readonly unknown[] | undefined,
      source: ValueSource | undefined,
    ): Outcome => {
      const way = this.#way();
      return way instanceof Channel ? way.call('', named, props, path, args, source) : refused(way);
    };
    return {
      fetch: (request, state) => {
        const way = this.#way();
        if (way instanceof Channel) way.fetch('', named, props, request, state);
        else state.settle(state, undefined, way);
      },
      call,
      get: (path) => call(path, undefined, undefined),
    };
  }

  health(): ServiceHealth {
    return this.#health.read();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const link of this.#open) link.close();
    return Promise.resolve();
  }

  /** The channel that takes calls now, or why there is none. */
  #way(): Channel | ErrorState {
    if (this.#isClosed) return makeHostError('SERVICE_CLOSED', { service: this.name });
    if (this.#current !== undefined) return this.#current.channel;
    try {
      assertWideHeadroom();
    } catch {
      return stackIsFull;
    }
    return this.#connect().channel;
  }

  #connect(): DialedLink {
    const leave = (link: DialedLink): void => {
      if (this.#current === link) this.#current = undefined;
    };
    const link = new DialedLink({
      peer: this.#peer,
      dial: this.#dial,
      powers: this.#powers,
      turns: this.#turns,
      health: this.#health,
      onLeave: leave,
      onClose: (link) => {
        leave(link);
        this.#open.delete(link);
      },
    });
    this.#open.add(link);
    this.#current = link;
    return link;
  }
}
