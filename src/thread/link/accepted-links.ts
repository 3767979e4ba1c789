/** The connections of other servers that call methods of this one's services, through its sockets. Runs in a thread. */

import type { WebSocket } from 'ws';
import type { ErrorState, TargetState } from '../../realm/prelude/state.ts';
import { makeHostError } from '../../services/host-error.ts';
import { Turns } from '../../services/network/turns.ts';
import { Channel } from '../channel/channel.ts';
import { endWhenIdle } from './end-when-idle.ts';
import { channelLimits, linkTimes } from './limits.ts';
import { LinkPort } from './link-port.ts';
import type { LinkPowers } from './link-powers.ts';
import { linkValues } from './link-values.ts';
import { type RpcDoor, refusing } from './rpc-door.ts';

/** What connections came through. */
export interface LinkOrigin {
  /** Of the socket. */
  readonly name: string;
  /** What is offered now; undefined where nothing is any more. */
  readonly rpc: RpcDoor | undefined;
}

export interface AcceptedLinksPowers extends LinkPowers {
  /** A connection has ended because of what the other side has sent. */
  readonly onViolation: (socket: string, reason: string) => void;
  /** How long another server may go on calling after it was told to call elsewhere, in milliseconds. */
  readonly lingerTimeout: number;
}

interface Link {
  readonly channel: Channel;
  readonly port: LinkPort;
  readonly origin: LinkOrigin;
}

export class AcceptedLinks {
  readonly #powers: AcceptedLinksPowers;
  readonly #turns = new Turns();
  readonly #open = new Set<Link>();
  #isLeaving = false;

  constructor(powers: AcceptedLinksPowers) {
    this.#powers = powers;
  }

  /** Serves an open connection. `onEnd`: it is over. */
  accept(socket: WebSocket, origin: LinkOrigin, door: RpcDoor, onEnd: () => void): void {
    const { limits, anyone } = door.spec;
    let reason = '';
    const port = new LinkPort({
      limits,
      times: linkTimes,
      sendsStacks: !anyone,
      turns: this.#turns,
      onUndelivered: (message, error) => channel.undelivered(message, error),
      onViolation: (violation) => this.#powers.onViolation(origin.name, violation),
      onEnd: (ended) => (reason = ended),
    });
    const lost = (): ErrorState => makeHostError('RPC_CONNECTION_LOST', { peer: 'the caller', reason });
    const channel = new Channel({
      port,
      target: (_service, entrypoint, props) => targetOf(origin, entrypoint, props),
      mapStack: this.#powers.mapStack,
      nextTick: this.#powers.nextTick,
      onClose: () => {
        untrack();
        this.#open.delete(link);
        onEnd();
      },
      link: {
        limits: channelLimits(limits),
        values: linkValues(limits.messageBytes),
        lost,
        onViolation: (violation) => port.violated(violation),
      },
    });
    const untrack = this.#powers.track(channel);
    const link: Link = { channel, port, origin };
    this.#open.add(link);
    port.open(socket);
    if (this.#isLeaving) this.#leave(link);
  }

  /** Those who came through a socket are asked to call elsewhere. */
  leave(origin: LinkOrigin): void {
    for (const link of this.#open) if (link.origin === origin) this.#leave(link);
  }

  /** All are, and those who come late as well. */
  leaveAll(): void {
    this.#isLeaving = true;
    for (const link of this.#open) this.#leave(link);
  }

  /** Cuts off what is left. */
  destroyAll(): void {
    for (const { port } of this.#open) port.destroy();
  }

  /** What was on its way when the other side heard of it is still answered. */
  #leave({ channel }: Link): void {
    channel.leave();
    setTimeout(() => endWhenIdle(channel, linkTimes.look), this.#powers.lingerTimeout).unref();
  }
}

function targetOf({ rpc }: LinkOrigin, entrypoint: string, props: string): TargetState {
  return rpc === undefined ? refusing('call methods any more', 'nothing') : rpc.target(entrypoint, props);
}
