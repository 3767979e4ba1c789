/** A request body as a neutral source: read from the connection only when somebody asks. */

import type { IncomingMessage } from 'node:http';
import { neutral } from '../../realm/neutral.ts';
import type { ChunkSink, SourceState } from '../../realm/prelude/state.ts';
import { makeHostError } from '../../services/host-error.ts';

export interface RequestSourceOptions {
  /** Longest body, in bytes. */
  readonly limit: number;
  /** The body is longer than that. */
  readonly onTooLarge: () => void;
}

/** Reads one chunk at a time, with the connection's own backpressure. */
export function makeRequestSource(message: IncomingMessage, options: RequestSourceOptions): SourceState {
  let waiting: ChunkSink | undefined;
  let received = 0;
  const deliver = (): void => {
    const sink = waiting;
    if (sink === undefined) return;
    const chunk = message.read() as Buffer | null;
    if (chunk !== null) {
      received += chunk.byteLength;
      waiting = undefined;
      if (received > options.limit) {
        options.onTooLarge();
        sink('error', undefined, makeHostError('BODY_TOO_LARGE', { limit: options.limit }));
      } else sink('chunk', copyOf(chunk), undefined);
    } else if (message.readableEnded) {
      waiting = undefined;
      sink('end', undefined, undefined);
    } else if (message.destroyed) {
      waiting = undefined;
      sink('error', undefined, makeHostError('CLIENT_GONE', {}));
    }
  };
  message.on('readable', deliver);
  message.on('end', deliver);
  message.on('close', deliver);
  message.on('error', deliver);
  return neutral.source(
    (sink) => {
      waiting = sink;
      deliver();
    },
    () => {
      waiting = undefined;
      message.resume();
    },
  );
}

/** The bytes in a fresh buffer of their exact size: pooled memory cannot be transferred (HARDENING R13). */
function copyOf(chunk: Buffer): ArrayBuffer {
  return Uint8Array.from(chunk).buffer;
}
