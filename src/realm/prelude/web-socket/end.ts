/** The end of a connection that a WebSocket holds: the host's record, guarded. Nothing of the host's is thrown from here. */

import { copyBytes, exactBuffer, viewOf } from '../bytes.ts';
import { guarded } from '../host.ts';
import {
  ArrayBufferPrototypeGetByteLength,
  RangeErrorCtor,
  TypedArrayPrototypeGetByteLength,
} from '../primordials.ts';
import type { WebSocketReceiver, WebSocketState } from '../state.ts';
import { isObject, toUSVString } from '../webidl.ts';

const neutral = guarded($host.neutral);

/** Two new ends that lead to each other. */
export const newPair = neutral.webSocketPair;

/** A message as it leaves: text, or else bytes that nobody else has. */
export interface Outgoing {
  readonly text: string | undefined;
  readonly buffer: ArrayBuffer | undefined;
}

/** (BufferSource or Blob or USVString). Bytes are copied: what the worker does with its own afterwards changes nothing. */
export function toOutgoing(data: unknown): Outgoing {
  if (isObject(data)) {
    const view = viewOf(data);
    if (view !== undefined) return { text: undefined, buffer: exactBuffer(copyBytes(view)) };
    const { isBlob, blobBytes } = require('../data/blob.ts');
    if (isBlob(data)) return { text: undefined, buffer: exactBuffer(copyBytes(blobBytes(data))) };
  }
  return { text: toUSVString(data), buffer: undefined };
}

/** In UTF-8. */
export function byteLengthOf({ text, buffer }: Outgoing): number {
  if (buffer !== undefined) return ArrayBufferPrototypeGetByteLength(buffer);
  return utf8Length(text ?? '');
}

/** Of well-formed text. */
export function utf8Length(text: string): number {
  return TypedArrayPrototypeGetByteLength(require('../encoding/utf8.ts').utf8Encode(text));
}

function overflow(): RangeError {
  return new RangeErrorCtor('Maximum call stack size exceeded');
}

/** Opens an end. What the receiver's functions throw goes nowhere. */
export function openEnd(
  end: WebSocketState,
  receiver: {
    readonly message: (text: string | undefined, buffer: ArrayBuffer | undefined) => void;
    readonly closed: WebSocketReceiver['closed'];
  },
): void {
  const guardedReceiver: WebSocketReceiver = {
    message(text, buffer) {
      try {
        receiver.message(text, buffer);
      } catch {
        // Only what an interrupted or overflown turn leaves gets here: listeners have a guard of their own.
      }
      return true;
    },
    closed(code, reason, isClean) {
      try {
        receiver.closed(code, reason, isClean);
      } catch {
        // as above
      }
    },
    taken: undefined,
  };
  try {
    end.open(guardedReceiver);
  } catch {
    throw overflow();
  }
}

export function sendTo(end: WebSocketState, { text, buffer }: Outgoing): void {
  try {
    end.send(text, buffer);
  } catch {
    throw overflow();
  }
}

export function closeEnd(end: WebSocketState, code: number, reason: string): void {
  try {
    end.close(code, reason);
  } catch {
    throw overflow();
  }
}

export function dropEnd(end: WebSocketState): void {
  try {
    end.drop(1006, '');
  } catch {
    throw overflow();
  }
}

export function bufferedAt(end: WebSocketState): number {
  try {
    return end.buffered();
  } catch {
    throw overflow();
  }
}
