/** Handing a ReadableStream on within the realm: a new object takes over the state, and the old one stays behind locked. */

import { newDOMException } from '../errors/dom-exception.ts';
import { TypeErrorCtor } from '../primordials.ts';
import { ByteController } from './byte-controller.ts';
import { readableStateOf, replaceReadableState } from './readable-brand.ts';
import { acquireReader } from './readable-ops.ts';
import { type ReadableState, SourceAlgorithms } from './readable-state.ts';

class NoSource extends SourceAlgorithms {
  readonly pulls = false;
  pull(): undefined {}
  cancel(): undefined {}
}

/** For streams that hold all they will ever have. */
export const NO_SOURCE: SourceAlgorithms = new NoSource();

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

/** Throws the DataCloneError of a locked stream. */
export function checkTransferable(isLocked: boolean): void {
  if (isLocked) throw newDOMException('A locked stream cannot be transferred.', 'DataCloneError');
}
