/** Operations on readable streams that do not depend on the kind of controller. https://streams.spec.whatwg.org/#rs-abstract-ops */

import { PromiseReject, PromiseResolve, TypeErrorCtor } from '../primordials.ts';
import { LazyPromise } from './lazy-promise.ts';
import { reactToThrown, Deferred, settledWith } from './promises.ts';
import { type ReadableState, ReaderState, type ReadRequest } from './readable-state.ts';

/** ReadableStreamCancel. The promise is the worker's to keep. */
export function cancelReadable(stream: ReadableState, reason: unknown): Promise<undefined> {
  stream.disturbed = true;
  if (stream.status === 'closed') return PromiseResolve(undefined);
  if (stream.status === 'errored') return PromiseReject(stream.storedError);
  closeReadable(stream);
  const { reader } = stream;
  if (reader !== undefined && reader.kind === 'byob') reader.requests.closeAll();
  let result;
  try {
    result = stream.controller.cancelSteps(reason);
  } catch (error) {
    return rejectedSoon(error);
  }
  return settledWith(result);
}

/** A promise that is rejected a microtask later: as late as if a callback's promise had been rejected. */
function rejectedSoon(reason: unknown): Promise<undefined> {
  const deferred = new Deferred<undefined>();
  reactToThrown(reason, deferred.reject);
  return deferred.promise;
}

/** ReadableStreamClose. The stream must be readable. */
export function closeReadable(stream: ReadableState): void {
  stream.status = 'closed';
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.fulfill();
  if (reader.kind === 'default') reader.requests.closeAll();
}

/** ReadableStreamError. The stream must be readable. */
export function errorReadable(stream: ReadableState, reason: unknown): void {
  stream.status = 'errored';
  stream.storedError = reason;
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.reject(reason);
  reader.requests.errorAll(reason);
}

/** Locks the stream to a new reader. Throws a TypeError where it is locked already, or where a BYOB reader has no byte stream. */
export function acquireReader(stream: ReadableState, kind: 'default' | 'byob'): ReaderState {
  if (stream.reader !== undefined) throw new TypeErrorCtor('The stream is locked to a reader already.');
  if (kind === 'byob' && stream.controller.kind !== 'bytes') {
    throw new TypeErrorCtor('Only a byte stream can be read with a BYOB reader.');
  }
  const closed = new LazyPromise();
  if (stream.status === 'closed') closed.fulfill();
  else if (stream.status === 'errored') closed.reject(stream.storedError);
  const reader = new ReaderState(kind, stream, closed);
  stream.reader = reader;
  return reader;
}

/** Unlocks the stream; reads that wait fail with a TypeError. Does nothing for a released reader. */
export function releaseReader(reader: ReaderState): void {
  const { stream } = reader;
  if (stream === undefined) return;
  reader.closed.release(releasedError);
  stream.controller.releaseSteps();
  stream.reader = undefined;
  reader.stream = undefined;
  if (reader.requests.length > 0) reader.requests.errorAll(releasedError());
}

function releasedError(): TypeError {
  return new TypeErrorCtor('The reader was released.');
}

/** ReadableStreamDefaultReaderRead. The reader must hold its stream. */
export function readDefault(stream: ReadableState, request: ReadRequest): void {
  stream.disturbed = true;
  if (stream.status === 'closed') {
    request.close(undefined);
  } else if (stream.status === 'errored') {
    request.error(stream.storedError);
  } else if (stream.controller.hasChunk) {
    request.chunk(stream.controller.takeChunk());
  } else {
    stream.controller.await(request);
  }
}
