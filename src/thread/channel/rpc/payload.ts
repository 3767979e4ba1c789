/**
 * Values on their way to another thread, or another nanod, and back. What a prelude has encoded is plain data of its own making; it is
 * serialized here, by itself and not with the post, so that what cannot be sent fails its own call and no other.
 */

import { types } from 'node:util';
import v8 from 'node:v8';
import type { PayloadMessage, SpecialMessage } from '../../../messages/channel.ts';
import { neutral } from '../../../realm/neutral.ts';
import { neutralRpc } from '../../../realm/neutral-rpc.ts';
import type {
  EncodedState,
  ExportState,
  Kind,
  MarkerState,
  ValueSource,
} from '../../../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState } from '../../../realm/prelude/state.ts';
import { isEncoded } from '../../../services/deferred.ts';
import { copyOfBytes } from '../../../shared/bytes.ts';
import { Violation } from '../trust.ts';

/** What a payload needs of its channel. */
export interface SpecialsCodec {
  /** Throws a Refusal where the object cannot leave the thread. */
  readonly send: (state: ExportState, transfers: ArrayBuffer[]) => SpecialMessage;
  /** What was sent does not leave after all. */
  readonly takeBack: (messages: readonly SpecialMessage[]) => void;
  readonly receive: (message: SpecialMessage) => ExportState;
  readonly values: ValueCodec;
}

/** Plain data as bytes, with identity and cycles. Throws for what is too large, or nested too deeply. */
export interface ValueCodec {
  readonly write: (value: unknown) => ArrayBuffer;
  /** Makes objects of the host. */
  readonly read: (bytes: ArrayBuffer) => unknown;
}

/** Says why something cannot leave. */
export class Refusal extends Error {
  readonly state: ErrorState;

  constructor(state: ErrorState) {
    super(state.message);
    this.state = state;
  }
}

/** V8's own serialization, for the threads of one process: it is not safe to read from anybody else. */
export const threadValues: ValueCodec = Object.freeze({
  write(value: unknown) {
    const serializer = new v8.Serializer();
    serializer.writeHeader();
    serializer.writeValue(value);
    return copyOfBytes(serializer.releaseBuffer());
  },
  read(bytes: ArrayBuffer) {
    const deserializer = new v8.Deserializer(new Uint8Array(bytes));
    deserializer.readHeader();
    return deserializer.readValue() as unknown;
  },
});

export interface SentPayload {
  readonly payload: PayloadMessage;
  readonly transfers: readonly ArrayBuffer[];
}

/** A value, or a list of arguments, for another thread. `source` is undefined where there is nothing but primitives. */
export function sendPayload(
  value: unknown,
  source: ValueSource | undefined,
  root: string,
  codec: SpecialsCodec,
): SentPayload | ErrorState {
  if (source === undefined) return { payload: { kind: 'plain', value: plainCopy(value) }, transfers: [] };
  const encoded = source.encode(value, root);
  if (!isEncoded(encoded)) return encoded;
  try {
    return serialize(encoded, codec);
  } catch (error) {
    return error instanceof Refusal ? error.state : tooLarge(root);
  }
}

/** The value first: what fails then has left no trace. */
function serialize(encoded: EncodedState, codec: SpecialsCodec): SentPayload {
  const markers: object[] = [];
  for (let link = encoded.markers; link !== undefined; link = link.next) markers.push(link.marker);
  const bytes = codec.values.write([encoded.value, markers]);
  const specials: SpecialMessage[] = [];
  const transfers: ArrayBuffer[] = [];
  try {
    for (let link = encoded.markers; link !== undefined; link = link.next)
      specials.push(codec.send(link.state, transfers));
  } catch (error) {
    codec.takeBack(specials);
    throw error;
  }
  return { payload: { kind: 'encoded', bytes, specials }, transfers: [...transfers, bytes] };
}

/** A list of a realm's is not shown to the serializer. */
function plainCopy(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Array.from(value as ArrayLike<unknown>) : value;
}

/** A value that has arrived. */
export interface ReceivedPayload {
  readonly value: unknown;
  readonly source: ValueSource | undefined;
}

/** The reverse. What it gives are objects of the host, which only preludes get to see, to copy them. */
export function receivePayload(
  payload: PayloadMessage,
  root: string,
  codec: SpecialsCodec,
): ReceivedPayload | ErrorState {
  if (payload.kind === 'plain') return { value: payload.value, source: undefined };
  try {
    return deserialize(payload, codec);
  } catch (error) {
    if (error instanceof Violation) throw error;
    return tooLarge(root); // V8 writes deeper than it reads
  }
}

/** What is said of a value that is too much for the way. `root`: `args` or `result`. */
export function tooLarge(root: string): ErrorState {
  const message = `${root}: the value is nested too deeply, or too large, to be sent`;
  return neutral.error('domexception', 'DataCloneError', message, '', '');
}

function deserialize(payload: PayloadMessage & { kind: 'encoded' }, codec: SpecialsCodec): ReceivedPayload {
  const [value, markers] = codec.values.read(payload.bytes) as [unknown, object[]];
  if (markers.length !== payload.specials.length)
    throw new Violation('a payload has another number of markers');
  const states = new Map<object, ExportState>();
  let links: MarkerState | undefined;
  payload.specials.forEach((special, index) => {
    const marker = markers[index] as object;
    const state = codec.receive(special);
    states.set(marker, state);
    links = neutralRpc.marker(marker, state, links);
  });
  return { value, source: sourceOf(states, links) };
}

function sourceOf(states: ReadonlyMap<object, ExportState>, markers: MarkerState | undefined): ValueSource {
  const source: ValueSource = neutralRpc.source(
    (value) => {
      const state = states.get(value);
      if (state === undefined) return hostKindOf(value);
      return state.kind === 'error' ? 'error' : 'platform';
    },
    (value) => states.get(value),
    (value) => neutralRpc.encoded(value, source, markers), // nobody else has it: it is its own copy
  );
  return source;
}

/** What a plain object of the host is. */
export function hostKindOf(value: object): Kind {
  if (Array.isArray(value)) return 'array';
  if (ArrayBuffer.isView(value)) return 'view';
  if (types.isAnyArrayBuffer(value)) return 'buffer';
  if (types.isMap(value)) return 'map';
  if (types.isSet(value)) return 'set';
  if (types.isDate(value)) return 'date';
  if (types.isRegExp(value)) return 'regexp';
  if (types.isBoxedPrimitive(value)) return boxedKindOf(value);
  return 'plain';
}

function boxedKindOf(value: object): Kind {
  if (types.isNumberObject(value)) return 'number';
  if (types.isStringObject(value)) return 'string';
  return types.isBooleanObject(value) ? 'boolean' : 'bigint';
}
