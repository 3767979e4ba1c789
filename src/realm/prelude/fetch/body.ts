/**
 * The body of a Request or Response: a string or bytes stay what they are until somebody asks for something else, and only a body
 * that is read as a stream becomes one. https://fetch.spec.whatwg.org/#bodies
 */

import {
  ArrayBufferPrototypeTransfer,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypedArrayPrototypeGetByteLength,
  TypeErrorCtor,
  Uint8ArrayCtor,
  WeakSetCtor,
  WeakSetPrototypeAdd,
  WeakSetPrototypeHas,
} from '../primordials.ts';
import { copyBytes, exactBuffer } from '../bytes.ts';
import { fromErrorState } from '../errors/error-state.ts';
import type { BytesReceiver } from '../streams/read-all.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import { guarded } from '../host.ts';
import type { BodyState, DataState, SourceState } from '../state.ts';

const neutral = guarded($host.neutral);

/** Which form the body has now. 'source' and 'stream' are read once; the others hold everything. */
type BodyKind = 'text' | 'bytes' | 'source' | 'stream';

/** A body of this realm. Never shown to a worker. */
export class Body {
  kind: BodyKind;
  /** kind 'text': well-formed. */
  text: string;
  /** kind 'bytes': all of its buffer belongs to this body, or (`shared`) to its clones as well. */
  bytes: Uint8Array<ArrayBuffer> | undefined;
  shared = false;
  source: SourceState | undefined;
  /** Made when somebody asks for it, or given by the worker. */
  stream: ReadableStream | undefined;
  /** In bytes, where it is known; else -1. */
  length: number;
  /** Consumed, without a stream ever having been made. */
  used = false;

  constructor(kind: BodyKind, text: string, length: number) {
    this.kind = kind;
    this.text = text;
    this.length = length;
  }
}

export function textBody(text: string): Body {
  return new Body('text', text, -1);
}

/** What a Request or Response holds: no body, text that nobody has touched, or a body. */
export type BodySlot = undefined | string | Body;

/** What is left in a slot whose text was taken. Nothing ever changes it: it is used up for good. */
export const TAKEN = new Body('text', '', -1);
TAKEN.used = true;

/** Text of a body as `text()` gives it: without a byte order mark. */
export function withoutByteOrderMark(text: string): string {
  return StringPrototypeCharCodeAt(text, 0) === 0xfeff ? StringPrototypeSlice(text, 1) : text;
}

/** A body over bytes that nobody else can change. */
export function bytesBody(bytes: Uint8Array<ArrayBuffer>): Body {
  const body = new Body('bytes', '', TypedArrayPrototypeGetByteLength(bytes));
  body.bytes = bytes;
  return body;
}

export function streamBody(stream: ReadableStream): Body {
  const body = new Body('stream', '', -1);
  body.stream = stream;
  return body;
}

/** Takes over a body that crossed into this realm. Text stays text until somebody needs more of it. */
export function bodyFromState(state: BodyState): BodySlot {
  return state === undefined || typeof state === 'string' ? state : dataBody(state);
}

function dataBody(state: DataState): Body {
  if (state.kind === 'bytes') {
    return bytesBody(new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(state.buffer as ArrayBuffer)));
  }
  const body = new Body('source', '', state.length);
  body.source = state.source;
  return body;
}

/** Hands the body over to another realm; here it counts as used. The caller has checked that it is usable. */
export function bodyToState(body: Body): BodyState {
  if (body.stream !== undefined) {
    const { streamSource } = require('../streams/internal.ts');
    return neutral.streamBody(streamSource(body.stream), body.length);
  }
  body.used = true;
  switch (body.kind) {
    case 'text':
      return body.text;
    case 'bytes':
      return neutral.bytesBody(ownedBuffer(body), body.length);
    default:
      return neutral.streamBody(body.source as SourceState, body.length);
  }
}

/** The spec's "unusable": disturbed or locked. */
export function isUnusable(body: Body): boolean {
  if (body.stream === undefined) return body.used;
  const { isDisturbed, isLocked } = require('../streams/internal.ts');
  return isDisturbed(body.stream) || isLocked(body.stream);
}

export function isUsed(body: BodySlot): boolean {
  if (body === undefined || typeof body === 'string') return false;
  if (body.stream === undefined) return body.used;
  return require('../streams/internal.ts').isDisturbed(body.stream);
}

/** The body as the stream that `.body` shows; always the same one. */
export function bodyStream(body: Body): ReadableStream {
  return (body.stream ??= makeStream(body));
}

/** Streams that `.body` of something has made, and no worker. */
const bodyStreams = new WeakSetCtor<object>();

/** Whether the stream is the `.body` of a request or response that was made of something other than a stream. */
export function isBodyStream(stream: object): boolean {
  return WeakSetPrototypeHas(bodyStreams, stream);
}

function makeStream(body: Body): ReadableStream {
  const { sourceStream, bytesStream } = require('../streams/internal.ts');
  const stream =
    body.kind === 'source'
      ? sourceStream(body.source as SourceState, fromErrorState)
      : bytesStream(bodyBytes(body));
  WeakSetPrototypeAdd(bodyStreams, stream);
  return body.used ? disturbed(stream) : stream;
}

function disturbed(stream: ReadableStream): ReadableStream {
  require('../streams/internal.ts').lockForGood(stream);
  return stream;
}

/** A second body with the same content, as `clone()` needs it. */
export function cloneBody(body: Body): Body {
  if (body.stream === undefined && body.kind === 'text') return new Body('text', body.text, body.length);
  if (body.stream === undefined && body.kind === 'bytes') {
    body.shared = true;
    const copy = bytesBody(body.bytes as Uint8Array<ArrayBuffer>);
    copy.shared = true;
    return copy;
  }
  const branches = require('../streams/internal.ts').teeForBody(bodyStream(body));
  body.stream = branches[0];
  const copy = streamBody(branches[1]);
  copy.length = body.length;
  return copy;
}

/** A second body to send again, for those that are no streams. */
export function replayOf(body: Body | undefined): Body | undefined {
  if (body === undefined || body.stream !== undefined || body.kind === 'source') return undefined;
  return body.kind === 'stream' ? undefined : cloneBody(body);
}

/** The same body for a new owner; the old one counts as used. */
export function moveBody(body: Body): Body {
  if (body.stream !== undefined) {
    const moved = streamBody(require('../streams/internal.ts').proxyStream(body.stream));
    moved.length = body.length;
    return moved;
  }
  const moved = new Body(body.kind, body.text, body.length);
  moved.bytes = body.bytes;
  moved.shared = body.shared;
  moved.source = body.source;
  body.used = true;
  return moved;
}

/**
 * Gives everything of a body, in bytes of which the receiver is the only owner. Consumes it. At once where the bytes are at hand.
 */
export function receiveBytes(body: Body | undefined, receiver: BytesReceiver): void {
  if (body === undefined) receiver.resolve(new Uint8ArrayCtor(0));
  else if (body.stream !== undefined || body.kind === 'source') {
    require('../streams/internal.ts').readAllBytes(bodyStream(body), receiver);
  } else {
    body.used = true;
    receiver.resolve(body.shared ? new Uint8ArrayCtor(ownedBuffer(body)) : bodyBytes(body));
  }
}

/** The text of a body that is text already, which is consumed; undefined for every other. */
export function takeText(body: Body | undefined): string | undefined {
  if (body === undefined) return '';
  if (body.stream !== undefined || body.kind !== 'text') return undefined;
  body.used = true;
  return withoutByteOrderMark(body.text);
}

function bodyBytes(body: Body): Uint8Array<ArrayBuffer> {
  if (body.kind === 'text') return require('../encoding/utf8.ts').utf8Encode(body.text);
  return body.shared ? new Uint8ArrayCtor(ownedBuffer(body)) : (body.bytes as Uint8Array<ArrayBuffer>);
}

/** An exact-size buffer with the bytes, owned by the caller. */
function ownedBuffer(body: Body): ArrayBuffer {
  const bytes = body.bytes as Uint8Array<ArrayBuffer>;
  return exactBuffer(body.shared ? copyBytes(bytes) : bytes);
}

/** Throws the TypeError of a body that was read already. */
export function requireUsable(body: Body | undefined, where: string): void {
  if (body !== undefined && isUnusable(body)) {
    throw new TypeErrorCtor(`${where}: the body has already been used, or its stream is locked.`);
  }
}
