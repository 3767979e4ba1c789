/**
 * Transferring streams within the realm: a new object takes over the state, and the old one stays behind locked. The standard connects
 * the two by message ports, which nothing but the cloning of chunks could tell apart. https://streams.spec.whatwg.org/#rs-transfer
 */

import { newDOMException } from '../errors/dom-exception.ts';
import { TypeErrorCtor } from '../primordials.ts';
import { ByteController } from './byte-controller.ts';
import { readableStateOf, replaceReadableState } from './readable-brand.ts';
import { acquireReader } from './readable-ops.ts';
import { type ReadableState, SourceAlgorithms } from './readable-state.ts';
import { writableStateOf, replaceWritableState } from './writable-brand.ts';
import { SinkAlgorithms, WritableState } from './writable-state.ts';
import { acquireWriter } from './writer.ts';

class NoSource extends SourceAlgorithms {
  readonly pulls = false;
  pull(): undefined {}
  cancel(): undefined {}
}

/** For streams that hold all they will ever have. */
export const NO_SOURCE: SourceAlgorithms = new NoSource();

class NoSink extends SinkAlgorithms {
  write(): undefined {}
  close(): undefined {}
  abort(): undefined {}
}

/** Takes the state out of a ReadableStream, which is locked and disturbed from now on. Throws a TypeError where it is locked. */
export function takeReadable(stream: object): ReadableState {
  const state = readableStateOf(stream);
  if (state.reader !== undefined) throw new TypeErrorCtor('The stream is locked.');
  const husk = new ByteController(NO_SOURCE, 0).stream;
  acquireReader(husk, 'default');
  husk.disturbed = true;
  replaceReadableState(stream, husk);
  return state;
}

/** Takes the state out of a WritableStream, which is locked from now on. It must not be locked. */
export function takeWritable(stream: object): WritableState {
  const state = writableStateOf(stream);
  const husk = new WritableState(new NoSink(), 1, undefined);
  acquireWriter(husk);
  replaceWritableState(stream, husk);
  return state;
}

/** Throws the DataCloneError of a locked stream. */
export function checkTransferable(isLocked: boolean): void {
  if (isLocked) throw newDOMException('A locked stream cannot be transferred.', 'DataCloneError');
}
