/** The channels of a thread by group: calls to a group go to its threads in turn. */

import type { PeerSpec } from '../../messages/control.ts';
import type { OnSettle } from '../../realm/prelude/rpc/rpc-state.ts';
import type { RemoteGroup } from '../../services/remote.ts';
import type { Channel } from './channel.ts';

export class Peers {
  readonly #groups = new Map<string, { threads: Map<number, Channel>; order: Channel[]; turn: number }>();

  readonly #links = new Set<Channel>();

  add(peer: PeerSpec, channel: Channel): void {
    const group = this.#group(peer.group);
    group.threads.set(peer.thread, channel);
    group.order = [...group.threads.values()];
  }

  /** Takes note of a channel to another nanod, whose calls realms can give up as well. Returns what forgets it. */
  track(channel: Channel): () => void {
    this.#links.add(channel);
    return () => this.#links.delete(channel);
  }

  remove(peer: PeerSpec): void {
    const group = this.#group(peer.group);
    group.threads.delete(peer.thread);
    group.order = [...group.threads.values()];
  }

  /** The threads of a group, as they come and go. */
  group(name: string): RemoteGroup {
    const group = this.#group(name);
    return {
      next() {
        if (group.order.length === 0) return undefined;
        group.turn = (group.turn + 1) % group.order.length;
        return group.order[group.turn];
      },
    };
  }

  /** A realm of this thread is going; see Channel.abandon. */
  abandon(onSettle: OnSettle): void {
    for (const { order } of this.#groups.values()) for (const channel of order) channel.abandon(onSettle);
    for (const channel of this.#links) channel.abandon(onSettle);
  }

  closeAll(): void {
    for (const { order } of this.#groups.values()) for (const channel of order) channel.close();
  }

  #group(name: string): { threads: Map<number, Channel>; order: Channel[]; turn: number } {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { threads: new Map(), order: [], turn: 0 };
      this.#groups.set(name, group);
    }
    return group;
  }
}
