/** How values travel to another nanod: in the flat form, which can be read without trust. Runs in a thread. */

import type { ValueCodec } from '../channel/rpc/payload.ts';
import { Violation } from '../channel/trust.ts';
import { readValue } from './value-reader.ts';
import { writeValue } from './value-writer.ts';

/** `messageBytes`: what a value may take, and what its buffers may grow to. */
export function linkValues(messageBytes: number): ValueCodec {
  return {
    write: (value) => writeValue(value, messageBytes),
    read: (bytes) => readPair(bytes, messageBytes),
  };
}

/** What a payload holds: a value, and the objects in it that stand for more than data. */
function readPair(bytes: ArrayBuffer, most: number): unknown {
  const pair = readValue(bytes, most);
  if (!Array.isArray(pair) || pair.length !== 2 || !areMarkers(pair[1]))
    throw new Violation('a payload is none');
  return pair;
}

function areMarkers(markers: unknown): boolean {
  if (!Array.isArray(markers)) return false;
  return (markers as unknown[]).every((marker) => typeof marker === 'object' && marker !== null);
}
