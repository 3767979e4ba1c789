/** Operations on writable streams. https://streams.spec.whatwg.org/#ws-abstract-ops */

import { PromiseReject, PromiseResolve, TypeErrorCtor } from '../primordials.ts';
import { Deferred, PENDING, react, reactOnce, reactToThrown } from './promises.ts';
import { checkSize } from './sized-queue.ts';
import type { WritableState, WriteEntry } from './writable-state.ts';

/** Goes on once `result`, which start gave, has settled. */
export function startWritable(stream: WritableState, result: unknown): void {
  reactOnce(
    result,
    () => writableStarted(stream),
    (reason) => writableStartFailed(stream, reason),
  );
}

/** The sink is ready. */
export function writableStarted(stream: WritableState): void {
  stream.started = true;
  advance(stream);
}

/** The sink could not be started. */
export function writableStartFailed(stream: WritableState, reason: unknown): void {
  stream.started = true;
  dealWithRejection(stream, reason);
}

/** WritableStreamAbort. The promise is the worker's to keep. */
export function abortWritable(stream: WritableState, reason: unknown): Promise<undefined> {
  if (stream.status === 'closed' || stream.status === 'errored') return PromiseResolve(undefined);
  signalAbort(stream, reason);
  return abortSignalled(stream, reason);
}

/** The rest, after listeners of the signal may have done anything. */
function abortSignalled(stream: WritableState, reason: unknown): Promise<undefined> {
  if (stream.status === 'closed' || stream.status === 'errored') return PromiseResolve(undefined);
  if (stream.pendingAbort !== undefined) return stream.pendingAbort.deferred.promise;
  const wasAlreadyErroring = stream.status === 'erroring';
  const deferred = new Deferred<undefined>();
  stream.pendingAbort = { deferred, reason: wasAlreadyErroring ? undefined : reason, wasAlreadyErroring };
  if (!wasAlreadyErroring) startErroring(stream, reason);
  return deferred.promise;
}

function signalAbort(stream: WritableState, reason: unknown): void {
  if (stream.aborted !== undefined) return;
  stream.aborted = { reason };
  stream.onAborted?.(reason);
  if (stream.signal !== undefined) require('../events/abort-signal.ts').abortSignal(stream.signal, reason);
}

/** WritableStreamClose. Rejects with a TypeError where the stream is closed or errored; it must not be closing. */
export function closeWritable(stream: WritableState): Promise<undefined> {
  if (stream.status === 'closed' || stream.status === 'errored') {
    return PromiseReject(new TypeErrorCtor('The stream is closed or errored already.'));
  }
  const deferred = new Deferred<undefined>();
  stream.closeRequest = deferred;
  if (stream.backpressure && stream.status === 'writable') stream.writer?.ready.fulfill();
  advance(stream);
  return deferred.promise;
}

/** WritableStreamDefaultControllerError, where the stream is writable; else nothing. */
export function errorWritableIfNeeded(stream: WritableState, reason: unknown): void {
  if (stream.status !== 'writable') return;
  stream.clearAlgorithms();
  startErroring(stream, reason);
}

/** WritableStreamStartErroring. The stream must be writable. */
function startErroring(stream: WritableState, reason: unknown): void {
  stream.status = 'erroring';
  stream.storedError = reason;
  stream.writer?.ready.reject(reason);
  if (!stream.isWriting && stream.inFlightClose === undefined && stream.started) finishErroring(stream);
}

function dealWithRejection(stream: WritableState, reason: unknown): void {
  if (stream.status === 'writable') startErroring(stream, reason);
  else finishErroring(stream);
}

function finishErroring(stream: WritableState): void {
  stream.status = 'errored';
  const { storedError } = stream;
  for (let entry = stream.takeAll(); entry !== undefined; entry = entry.next) entry.failed(storedError);
  const request = stream.pendingAbort;
  if (request === undefined) {
    rejectCloseAndClosed(stream);
    return;
  }
  stream.pendingAbort = undefined;
  if (request.wasAlreadyErroring) {
    request.deferred.reject(storedError);
    rejectCloseAndClosed(stream);
    return;
  }
  callAbort(stream, request.deferred, request.reason);
}

function callAbort(stream: WritableState, deferred: Deferred<undefined>, abortReason: unknown): void {
  const onFailed = (reason: unknown): void => {
    deferred.reject(reason);
    rejectCloseAndClosed(stream);
  };
  let result;
  try {
    result = stream.algorithms?.abort(abortReason);
  } catch (error) {
    reactToThrown(error, onFailed);
    return;
  } finally {
    stream.clearAlgorithms();
  }
  const onAborted = (): void => {
    deferred.resolve(undefined);
    rejectCloseAndClosed(stream);
  };
  reactOnce(result, onAborted, onFailed);
}

function rejectCloseAndClosed(stream: WritableState): void {
  const { closeRequest, storedError } = stream;
  if (closeRequest !== undefined) {
    stream.closeRequest = undefined;
    closeRequest.reject(storedError);
  }
  stream.writer?.closed.reject(storedError);
}

function updateBackpressure(stream: WritableState): void {
  const backpressure = stream.room <= 0;
  if (backpressure === stream.backpressure) return;
  stream.backpressure = backpressure;
  const { writer } = stream;
  if (writer === undefined) return;
  if (backpressure) {
    writer.ready.reset();
  } else {
    writer.ready.fulfill();
    writer.onReady?.();
  }
}

/** WritableStreamDefaultControllerGetChunkSize. Never throws: what the size algorithm throws errors the stream. */
export function chunkSizeOf(stream: WritableState, chunk: unknown): number {
  const { size } = stream;
  if (size === undefined) return 1;
  try {
    return size(chunk);
  } catch (error) {
    errorWritableIfNeeded(stream, error);
    return 1;
  }
}

/** Adds a write request and its chunk to the queue. The stream must be writable, and not closing. */
export function enqueueWrite(stream: WritableState, entry: WriteEntry, size: number): void {
  try {
    checkSize(size);
  } catch (error) {
    stream.push(entry); // fails with the stream
    errorWritableIfNeeded(stream, error);
    return;
  }
  entry.size = size;
  stream.push(entry);
  updateBackpressure(stream);
  advance(stream);
}

/** WritableStreamDefaultControllerAdvanceQueueIfNeeded. The close request stands for the close sentinel at the queue's end. */
function advance(stream: WritableState): void {
  if (!stream.started || stream.isWriting) return;
  if (stream.status === 'erroring') {
    finishErroring(stream);
    return;
  }
  if (stream.head !== undefined) processWrite(stream, stream.head);
  else if (stream.closeRequest !== undefined) processClose(stream, stream.closeRequest);
}

function processWrite(stream: WritableState, entry: WriteEntry): void {
  stream.isWriting = true;
  const onFailed = (stream.onWriteFailed ??= (reason) => writeFailed(stream, reason));
  let result;
  try {
    result = stream.algorithms?.write(entry.chunk);
  } catch (error) {
    reactToThrown(error, onFailed);
    return;
  }
  if (result !== PENDING) react(result, (stream.onWritten ??= () => writeDone(stream)), onFailed);
}

/** The write under way is complete. */
export function writeDone(stream: WritableState): void {
  stream.isWriting = false;
  stream.shift().written();
  if (stream.status === 'writable' && !stream.isClosing) updateBackpressure(stream);
  advance(stream);
}

/** The write under way has failed. */
export function writeFailed(stream: WritableState, reason: unknown): void {
  if (stream.status === 'writable') stream.clearAlgorithms();
  stream.isWriting = false;
  stream.shift().failed(reason);
  dealWithRejection(stream, reason);
}

function processClose(stream: WritableState, deferred: Deferred<undefined>): void {
  stream.inFlightClose = deferred;
  stream.closeRequest = undefined;
  const onFailed = (reason: unknown): void => closeFailed(stream, deferred, reason);
  let result;
  try {
    result = stream.algorithms?.close();
  } catch (error) {
    reactToThrown(error, onFailed);
    return;
  } finally {
    stream.clearAlgorithms();
  }
  reactOnce(result, () => closeDone(stream, deferred), onFailed);
}

function closeDone(stream: WritableState, deferred: Deferred<undefined>): void {
  stream.inFlightClose = undefined;
  deferred.resolve(undefined);
  if (stream.status === 'erroring') {
    stream.storedError = undefined; // too late to matter
    stream.pendingAbort?.deferred.resolve(undefined);
    stream.pendingAbort = undefined;
  }
  stream.status = 'closed';
  stream.writer?.closed.fulfill();
}

function closeFailed(stream: WritableState, deferred: Deferred<undefined>, reason: unknown): void {
  stream.inFlightClose = undefined;
  deferred.reject(reason);
  stream.pendingAbort?.deferred.reject(reason); // never abort a sink after closing it
  stream.pendingAbort = undefined;
  dealWithRejection(stream, reason);
}
