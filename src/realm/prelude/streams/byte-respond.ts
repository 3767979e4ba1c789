/** How a byte source reports that it has filled the buffer it was given. https://streams.spec.whatwg.org/#rbs-controller-abstract-ops */

import { ArrayBufferPrototypeTransfer, RangeErrorCtor, TypeErrorCtor } from '../primordials.ts';
import type { ByteController } from './byte-controller.ts';
import { type PullInto, PullIntoList } from './pull-into.ts';
import type { ViewParts } from './views.ts';

/** ReadableByteStreamControllerRespond. There must be a pending descriptor, whose buffer is not detached. Throws TypeError, RangeError. */
export function respond(controller: ByteController, bytesWritten: number): void {
  const first = controller.pendingPullIntos.head as PullInto;
  checkCount(controller, bytesWritten);
  if (first.bytesFilled + bytesWritten > first.byteLength) {
    throw new RangeErrorCtor('More bytes were written than the view holds.');
  }
  first.buffer = ArrayBufferPrototypeTransfer(first.buffer);
  respondInternal(controller, bytesWritten);
}

/** ReadableByteStreamControllerRespondWithNewView. The same, with the bytes in a view that may have another buffer, of the same size. */
export function respondWithNewView(controller: ByteController, view: ViewParts): void {
  const first = controller.pendingPullIntos.head as PullInto;
  checkCount(controller, view.byteLength);
  if (first.byteOffset + first.bytesFilled !== view.byteOffset) {
    throw new RangeErrorCtor('The view starts elsewhere than the requested one.');
  }
  if (first.bufferByteLength !== view.bufferByteLength) {
    throw new RangeErrorCtor("The view's buffer has another size than the requested one.");
  }
  if (first.bytesFilled + view.byteLength > first.byteLength) {
    throw new RangeErrorCtor('The view is larger than the requested one.');
  }
  first.buffer = ArrayBufferPrototypeTransfer(view.buffer);
  respondInternal(controller, view.byteLength);
}

function checkCount(controller: ByteController, count: number): void {
  const isClosed = controller.stream.status === 'closed';
  if (isClosed && count !== 0) throw new TypeErrorCtor('The stream is closed: only 0 bytes can be written.');
  if (!isClosed && count === 0) throw new TypeErrorCtor('At least 1 byte must be written.');
}

function respondInternal(controller: ByteController, bytesWritten: number): void {
  const first = controller.pendingPullIntos.head as PullInto;
  controller.invalidateByobRequest();
  if (controller.stream.status === 'closed') respondClosed(controller, first);
  else respondReadable(controller, bytesWritten, first);
  controller.pullIfNeeded();
}

function respondClosed(controller: ByteController, first: PullInto): void {
  const { pendingPullIntos, stream } = controller;
  if (first.readerType === 'none') pendingPullIntos.shift();
  if (stream.reader?.kind !== 'byob') return;
  const filled = new PullIntoList();
  for (let count = stream.waiting; count > 0; count--) filled.push(pendingPullIntos.shift());
  controller.commitAll(filled);
}

function respondReadable(controller: ByteController, bytesWritten: number, first: PullInto): void {
  first.bytesFilled += bytesWritten;
  if (first.readerType === 'none') {
    controller.enqueueDetached(first);
    controller.commitAll(controller.fillFromQueue());
    return;
  }
  if (first.bytesFilled < first.minimumFill) return;
  controller.pendingPullIntos.shift();
  const remainder = first.bytesFilled % first.elementSize;
  if (remainder > 0) {
    const end = first.byteOffset + first.bytesFilled;
    controller.enqueueCopy(first.buffer, end - remainder, remainder);
  }
  first.bytesFilled -= remainder;
  const filled = controller.fillFromQueue();
  controller.commit(first);
  controller.commitAll(filled);
}
