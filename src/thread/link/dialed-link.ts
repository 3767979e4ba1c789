/** One connection to another nanod, from this side: dialed as soon as it is made, and lost for good when it is lost. Runs in a thread. */

import { neutral } from '../../realm/neutral.ts';
import type { ErrorState } from '../../realm/prelude/state.ts';
import type { HealthRecord } from '../../services/health.ts';
import type { Turns } from '../../services/network/turns.ts';
import { runOutside } from '../../services/request-context.ts';
import { makeError, type NanodError } from '../../shared/errors.ts';
import { Channel } from '../channel/channel.ts';
import type { Dial, Dialed, Peer } from './dial.ts';
import { endWhenIdle } from './end-when-idle.ts';
import { channelLimits, linkTimes } from './limits.ts';
import { LinkPort } from './link-port.ts';
import type { LinkPowers } from './link-powers.ts';
import { linkValues } from './link-values.ts';
import { refusing } from './rpc-door.ts';

export interface DialedLinkOptions {
  readonly peer: Peer;
  readonly dial: Dial;
  readonly powers: LinkPowers;
  readonly turns: Turns;
  readonly health: HealthRecord;
  /** No calls are to be made over it any more. */
  readonly onLeave: (link: DialedLink) => void;
  /** It is gone. */
  readonly onClose: (link: DialedLink) => void;
}

/** A server that is called has nothing to call of those who call it, but what they pass. */
const nothingHere = refusing('call it back', 'nothing');

export class DialedLink {
  readonly channel: Channel;
  readonly #options: DialedLinkOptions;
  readonly #port: LinkPort;
  /** What has ended it. */
  #failure: NanodError | undefined;
  /** It ends because somebody wants it to. */
  #isMeant = false;

  constructor(options: DialedLinkOptions) {
    this.#options = options;
    const { peer, powers, turns, health } = options;
    const { limits } = peer.rpc;
    const port = new LinkPort({
      limits,
      times: linkTimes,
      sendsStacks: true,
      turns,
      onUndelivered: (message, error) => this.channel.undelivered(message, error),
      onRoundTrip: (milliseconds) => health.took(milliseconds),
      onEnd: (reason) => this.#ended(reason),
    });
    this.#port = port;
    this.channel = new Channel({
      port,
      target: () => nothingHere,
      mapStack: powers.mapStack,
      nextTick: powers.nextTick,
      onClose: () => {
        untrack();
        options.onClose(this);
      },
      onLeave: () => this.#leave(),
      onAnswer: () => health.heard(),
      link: {
        limits: channelLimits(limits),
        values: linkValues(limits.messageBytes),
        lost: () => this.#lost(),
        onViolation: (reason) => port.violated(reason),
      },
    });
    const untrack = powers.track(this.channel);
    // In a turn of its own, and in no request's context: the connection outlives the call that needs it first.
    runOutside(() => setImmediate(() => options.dial((...dialed) => this.#dialed(dialed))));
  }

  /** Calls under way fail. */
  close(): void {
    this.#isMeant = true;
    this.channel.close();
  }

  #dialed([error, socket]: Dialed): void {
    if (error === undefined) {
      this.#port.open(socket);
      return;
    }
    this.#failure ??= error;
    this.#port.end(error.message);
  }

  #leave(): void {
    this.#isMeant = true;
    this.#options.onLeave(this);
    endWhenIdle(this.channel, linkTimes.look);
  }

  #ended(reason: string): void {
    const { peer, health } = this.#options;
    this.#failure ??= makeError('RPC_CONNECTION_LOST', { peer: peer.name, reason });
    if (!this.#isMeant) health.failed(this.#failure);
  }

  #lost(): ErrorState {
    const { message, code } =
      this.#failure ??
      makeError('RPC_CONNECTION_LOST', { peer: this.#options.peer.name, reason: 'it was closed' });
    return neutral.error('error', 'Error', message, '', code);
  }
}
