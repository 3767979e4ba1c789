/** The arguments of pipeTo and pipeThrough. https://streams.spec.whatwg.org/#dictdef-streampipeoptions */

import { TypeErrorCtor } from '../primordials.ts';
import { toDictionary } from '../webidl.ts';
import type { AbortSignal } from '../events/abort-signal.ts';
import { isReadable } from './readable-brand.ts';
import { isWritable, writableStateOf } from './writable-brand.ts';
import type { WritableState } from './writable-state.ts';

/** A StreamPipeOptions dictionary. */
export interface PipeOptions {
  readonly preventAbort: boolean;
  readonly preventCancel: boolean;
  readonly preventClose: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What a pipe does when nothing is said. */
export const DEFAULT_PIPE_OPTIONS: PipeOptions = {
  preventAbort: false,
  preventCancel: false,
  preventClose: false,
  signal: undefined,
};

/** Converts the options argument. Throws a TypeError, or what a getter throws. */
export function toPipeOptions(value: unknown, where: string): PipeOptions {
  const options = toDictionary<Record<keyof PipeOptions, unknown>>(value, where);
  if (options === undefined) return DEFAULT_PIPE_OPTIONS;
  const preventAbort = !!options.preventAbort;
  const preventCancel = !!options.preventCancel;
  const preventClose = !!options.preventClose;
  return { preventAbort, preventCancel, preventClose, signal: toSignal(options.signal, where) };
}

function toSignal(signal: unknown, where: string): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (require('../events/abort-signal.ts').isAbortSignal(signal)) return signal;
  throw new TypeErrorCtor(`${where}: signal is not an AbortSignal.`);
}

/** Converts the destination argument. Throws a TypeError. */
export function toWritableState(value: unknown, where: string): WritableState {
  if (!isWritable(value)) throw new TypeErrorCtor(`${where}: the destination is not a WritableStream.`);
  return writableStateOf(value);
}

/** A ReadableWritablePair dictionary. */
export interface StreamPair {
  readonly readable: object;
  readonly writable: WritableState;
}

/** Converts the transform argument. Throws a TypeError, or what a getter throws. */
export function toStreamPair(value: unknown, where: string): StreamPair {
  const pair = toDictionary<{ readable: unknown; writable: unknown }>(value, where);
  const readable = pair?.readable;
  if (!isReadable(readable)) throw new TypeErrorCtor(`${where}: readable is not a ReadableStream.`);
  return { readable, writable: toWritableState(pair?.writable, where) };
}
