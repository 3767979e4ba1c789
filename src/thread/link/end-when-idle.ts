/** Runs in a thread. */

import type { Channel } from '../channel/channel.ts';

/** Closes a channel as soon as nothing is under way over it. `interval`: how often it is looked at, in milliseconds. */
export function endWhenIdle(channel: Channel, interval: number): void {
  const look = (): void => {
    if (channel.underWay > 0) return;
    clearInterval(timer);
    channel.close();
  };
  const timer = setInterval(look, interval);
  timer.unref();
}
