/** Messages between a daemon and its successor: one JSON value a line, over a pipe. */

import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What the predecessor says, in this order. */
export type PredecessorMessage =
  | { readonly kind: 'sockets'; readonly sockets: readonly unknown[] }
  /** The home is the successor's. */
  | { readonly kind: 'take' };

/** What the successor says, in this order; the first of it is an answer to the sockets. */
export type SuccessorMessage =
  | { readonly kind: 'hello'; readonly pid: number }
  /** It listens on everything that its predecessor listens on, with the same services behind. */
  | { readonly kind: 'serving' }
  /** It has the home. */
  | { readonly kind: 'taken'; readonly pid: number; readonly version: string };

export function sayLine(to: Writable, message: PredecessorMessage | SuccessorMessage): void {
  to.write(`${JSON.stringify(message)}\n`);
}

/** Makes what resolves with the next message of a kind; with undefined where the stream ends before, or something else comes. */
export function lineReader<Message extends { readonly kind: string }>(
  from: Readable,
): <Kind extends Message['kind']>(kind: Kind) => Promise<Extract<Message, { kind: Kind }> | undefined> {
  const lines = createInterface({ input: from })[Symbol.asyncIterator]();
  return async (kind) => {
    const next = await lines.next().catch(() => ({ done: true as const, value: '' }));
    if (next.done === true) return undefined;
    const message = parse(next.value) as Message | undefined;
    return message?.kind === kind ? (message as Extract<Message, { kind: typeof kind }>) : undefined;
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
