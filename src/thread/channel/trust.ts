/** How far one end of a channel trusts the other: threads of one process do, servers on a network do not. Runs in a thread. */

/** What the other end has sent is against the protocol: nothing of the connection can be relied on any more. */
export class Violation extends Error {}

/** What the other end may have of this one at a time. */
export interface ChannelLimits {
  /** Calls of methods under way, and as many requests. */
  readonly calls: number;
  /** Capabilities that were passed to it. */
  readonly capabilities: number;
  /** Capabilities that it passes, streams that it opens, WebSockets that it shares: so many of each. More is against the protocol. */
  readonly imports: number;
  /** Bytes of results that are kept for what may be asked of them. The oldest ones go first. */
  readonly keptBytes: number;
  /** A body up to this size travels in one message; a longer one, and a longer chunk, in pieces of this size. */
  readonly pieceBytes: number;
}

/** Between threads. */
export const unlimited: ChannelLimits = Object.freeze({
  calls: Infinity,
  capabilities: Infinity,
  imports: Infinity,
  keptBytes: Infinity,
  pieceBytes: Infinity,
});
