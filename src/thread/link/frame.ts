/**
 * A frame: JSON text, and bytes behind it that the text tells the lengths of. Four bytes say how long the text is. What reads it trusts
 * nothing: it comes from a network. Runs in a thread.
 */

import { copyOfBytes } from '../../shared/bytes.ts';
import { Violation } from '../channel/trust.ts';

const headBytes = 4;

/** What `packFrame` makes of a text and its bytes, in bytes. */
export function frameBytes(text: string, attachedBytes: number): number {
  return headBytes + Buffer.byteLength(text) + attachedBytes;
}

/** The frame, in a buffer of its exact size. */
export function packFrame(text: string, attached: readonly ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const textBytes = Buffer.byteLength(text);
  let size = headBytes + textBytes;
  for (const buffer of attached) size += buffer.byteLength;
  const frame = Buffer.from(new ArrayBuffer(size));
  frame.writeUInt32BE(textBytes);
  frame.write(text, headBytes);
  let at = headBytes + textBytes;
  for (const buffer of attached) {
    frame.set(new Uint8Array(buffer), at);
    at += buffer.byteLength;
  }
  return frame;
}

/** What messages are read from. */
export interface FrameSource {
  readonly json: unknown;
  /** The next bytes, in a buffer of their own: none are taken twice. */
  take(length: number): ArrayBuffer;
  /** Nothing is left over. */
  end(): void;
}

/** A frame of which only the text is looked at. */
export function dryFrame(text: string): FrameSource {
  return { json: parse(text), take: () => new ArrayBuffer(0), end: () => {} };
}

/** A frame that has arrived. Throws a Violation for what is none. */
export class Frame implements FrameSource {
  readonly json: unknown;
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    const textBytes = bytes.byteLength < headBytes ? Infinity : bytes.readUInt32BE();
    this.#at = headBytes + textBytes;
    if (this.#at > bytes.byteLength) throw new Violation('a frame is shorter than it says');
    this.json = parse(bytes.toString('utf8', headBytes, this.#at));
  }

  /** The next bytes, in a buffer of their own: none are taken twice. */
  take(length: number): ArrayBuffer {
    const end = this.#at + length;
    if (!Number.isSafeInteger(length) || length < 0 || end > this.#bytes.byteLength)
      throw new Violation('a frame has fewer bytes than its text says');
    const taken = copyOfBytes(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return taken;
  }

  /** Nothing is left over. */
  end(): void {
    if (this.#at !== this.#bytes.byteLength) throw new Violation('a frame has more bytes than its text says');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Violation('a frame has text that is no JSON');
  }
}
