/** Bodies as messages and back: text and bytes within the message, streams by their id. */

import type { BodyMessage } from '../../messages/channel.ts';
import { neutral } from '../../realm/neutral.ts';
import type { BodyState, ChunkSink, ErrorState, SourceState } from '../../realm/prelude/state.ts';
import { makeHostError } from '../../services/host-error.ts';
import type { IncomingStreams } from './incoming-streams.ts';
import type { OutgoingStreams } from './outgoing-streams.ts';
import type { ChannelLimits } from './trust.ts';

const transferBuffer = ArrayBuffer.prototype.transfer;

const notSent = neutral.error('domexception', 'AbortError', 'The body was not sent.', '', '');

export interface SentBody {
  readonly body: BodyMessage;
  readonly transfers: readonly ArrayBuffer[];
}

export class Bodies {
  readonly #outgoing: OutgoingStreams;
  readonly #incoming: IncomingStreams;
  readonly #pieceBytes: number;
  readonly #most: number;

  constructor(
    outgoing: OutgoingStreams,
    incoming: IncomingStreams,
    { pieceBytes, imports }: Pick<ChannelLimits, 'imports' | 'pieceBytes'>,
  ) {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#pieceBytes = pieceBytes;
    this.#most = imports;
  }

  /** What is to be said where the other side takes no more streams. */
  get refusal(): ErrorState | undefined {
    if (this.#outgoing.size < this.#most) return undefined;
    return makeHostError('RPC_LIMIT', { what: `${this.#most} streams are open` });
  }

  /** Takes the body over. `onEnd`: a streamed body is over, however it ended. */
  send(body: BodyState, onEnd: () => void = () => {}): SentBody {
    if (body === undefined) return { body, transfers: [] };
    if (typeof body === 'string') {
      // A unit of a string is three bytes at most.
      if (body.length * 3 <= this.#pieceBytes) return { body, transfers: [] };
      return this.#sendPieces(new TextEncoder().encode(body), onEnd);
    }
    if (body.kind === 'bytes') {
      const buffer = transferBuffer.call(body.buffer as ArrayBuffer);
      if (buffer.byteLength > this.#pieceBytes) return this.#sendPieces(new Uint8Array(buffer), onEnd);
      return { body: { kind: 'bytes', buffer }, transfers: [buffer] };
    }
    return this.#sendStream(body.source as SourceState, body.length, onEnd);
  }

  /** What was to be sent does not leave after all. */
  takeBack(body: BodyMessage): void {
    if (typeof body === 'object' && body.kind === 'stream') this.#outgoing.cancel(body.stream, notSent);
  }

  receive(body: BodyMessage): BodyState {
    if (body === undefined || typeof body === 'string') return body;
    if (body.kind === 'bytes') return neutral.bytesBody(body.buffer, body.buffer.byteLength);
    return neutral.streamBody(this.#incoming.open(body.stream), body.length);
  }

  #sendPieces(bytes: Uint8Array, onEnd: () => void): SentBody {
    return this.#sendStream(sourceOfBytes(bytes, this.#pieceBytes), bytes.byteLength, onEnd);
  }

  #sendStream(source: SourceState, length: number, onEnd: () => void): SentBody {
    const pieces = this.#pieceBytes === Infinity ? source : inPieces(source, this.#pieceBytes);
    const stream = this.#outgoing.open(pieces, onEnd);
    return { body: { kind: 'stream', stream, length }, transfers: [] };
  }
}

/** A source of bytes that are there. */
function sourceOfBytes(bytes: Uint8Array, pieceBytes: number): SourceState {
  let at = 0;
  return neutral.source(
    (sink) => {
      if (at >= bytes.byteLength) return sink('end', undefined, undefined);
      const piece = bytes.slice(at, at + pieceBytes);
      at += piece.byteLength;
      sink('chunk', piece.buffer, undefined);
    },
    () => {
      at = bytes.byteLength;
    },
  );
}

/** The same source, in chunks of a limited size. */
function inPieces(source: SourceState, pieceBytes: number): SourceState {
  let rest: Uint8Array | undefined;
  const give = (bytes: Uint8Array, sink: ChunkSink): void => {
    const piece = bytes.slice(0, pieceBytes);
    rest = bytes.byteLength > pieceBytes ? bytes.subarray(pieceBytes) : undefined;
    sink('chunk', piece.buffer, undefined);
  };
  return neutral.source(
    (sink) => {
      if (rest !== undefined) return give(rest, sink);
      source.read((step, buffer, error) => {
        if (step !== 'chunk' || (buffer as ArrayBuffer).byteLength <= pieceBytes)
          return sink(step, buffer, error);
        give(new Uint8Array(transferBuffer.call(buffer as ArrayBuffer)), sink);
      });
    },
    (reason) => {
      rest = undefined;
      source.cancel(reason);
    },
  );
}
