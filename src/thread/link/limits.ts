/** What a connection to another nanod may carry. Both ends say theirs in their first message. Runs in a thread. */

import type { RpcLimitsSpec } from '../../messages/startup.ts';
import type { ChannelLimits } from '../channel/trust.ts';

/** The subprotocol of the WebSocket: its number changes with what the two ends cannot agree on. */
export const linkProtocol = 'nanod-rpc.1';

/** Times in milliseconds. */
export interface LinkTimes {
  /** Until the other side has said its first message. */
  readonly hello: number;
  /** A side from which nothing was heard is asked whether it is there, and given up when it says nothing for as long again. */
  readonly silence: number;
  /** How long it may take to answer a close. */
  readonly close: number;
  /** How often a connection that is to end is looked at. */
  readonly look: number;
}

export const linkTimes: LinkTimes = Object.freeze({ hello: 10_000, silence: 20_000, close: 2000, look: 50 });

/** A longer body travels in pieces. */
const pieceBytes = 256 * 1024;

/** Of results that are kept, in parts of what a message may have. */
const keptMessages = 4;

/** Nobody means to have so many streams open at a time; and no configuration lets a side pass more capabilities. */
const imports = 100_000;

export function channelLimits({ messageBytes, calls, capabilities }: RpcLimitsSpec): ChannelLimits {
  return { calls, capabilities, imports, keptBytes: keptMessages * messageBytes, pieceBytes };
}
