/** What connections to other nanods are handed by their thread. Types only. */

import type { Channel } from '../channel/channel.ts';

export interface LinkPowers {
  /** Gives a stack the positions of sources. */
  readonly mapStack: (stack: string) => string;
  readonly nextTick: (flush: () => void) => void;
  /** Lets realms that are going give up their calls over a channel. Returns what ends that. */
  readonly track: (channel: Channel) => () => void;
}
