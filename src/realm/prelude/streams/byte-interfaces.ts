/** ReadableByteStreamController and ReadableStreamBYOBRequest: what a byte source is given. */

import { TypeErrorCtor } from '../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  toEnforcedRange,
} from '../webidl.ts';
import type { ByobRequest, ByteController } from './byte-controller.ts';
import { respond, respondWithNewView } from './byte-respond.ts';
import { toViewParts, type ViewParts } from './views.ts';

const TOKEN = {};

let wrapRequest: (request: ByobRequest) => ReadableStreamBYOBRequest;
let wrapController: (controller: ByteController) => ReadableByteStreamController;

export class ReadableStreamBYOBRequest {
  readonly #state: ByobRequest;

  constructor(token: unknown = undefined, state: ByobRequest | undefined = undefined) {
    if (token !== TOKEN || state === undefined) throw illegalConstructor();
    this.#state = state;
  }

  get view(): Uint8Array | null {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.view ?? null;
  }

  respond(bytesWritten: unknown): void {
    if (!(#state in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respond');
    const count = toEnforcedRange(bytesWritten, 0, 2 ** 53 - 1, 'ReadableStreamBYOBRequest.respond');
    const { controller, view } = this.#state;
    if (controller === undefined) throw new TypeErrorCtor('The BYOB request has been answered already.');
    if (toViewParts(view, 'ReadableStreamBYOBRequest.respond').isDetached) {
      throw new TypeErrorCtor("The BYOB request's buffer has been detached.");
    }
    respond(controller, count);
  }

  respondWithNewView(view: unknown): void {
    if (!(#state in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBRequest.respondWithNewView');
    const parts = toViewParts(view, 'ReadableStreamBYOBRequest.respondWithNewView');
    const { controller } = this.#state;
    if (controller === undefined) throw new TypeErrorCtor('The BYOB request has been answered already.');
    if (parts.isDetached) throw new TypeErrorCtor("The view's buffer is detached.");
    respondWithNewView(controller, parts);
  }

  static {
    wrapRequest = (request) => new ReadableStreamBYOBRequest(TOKEN, request);
  }
}

export class ReadableByteStreamController {
  readonly #state: ByteController;

  constructor(token: unknown = undefined, state: ByteController | undefined = undefined) {
    if (token !== TOKEN || state === undefined) throw illegalConstructor();
    this.#state = state;
  }

  get byobRequest(): ReadableStreamBYOBRequest | null {
    if (!(#state in this)) throw illegalInvocation();
    const request = this.#state.byobRequest;
    if (request === undefined) return null;
    return (request.object ??= wrapRequest(request)) as ReadableStreamBYOBRequest;
  }

  get desiredSize(): number | null {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.desiredSize;
  }

  close(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (!this.#state.isOpen) throw new TypeErrorCtor('The stream is closed or errored already.');
    this.#state.close();
  }

  enqueue(chunk: unknown): void {
    if (!(#state in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, 'ReadableByteStreamController.enqueue');
    const parts = toViewParts(chunk, 'ReadableByteStreamController.enqueue');
    checkNotEmpty(parts);
    if (!this.#state.isOpen)
      throw new TypeErrorCtor('The stream is closed or errored: nothing can be enqueued.');
    this.#state.enqueue(parts);
  }

  error(reason: unknown = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#state.error(reason);
  }

  static {
    wrapController = (controller) => new ReadableByteStreamController(TOKEN, controller);
  }
}

function checkNotEmpty(chunk: ViewParts): void {
  if (chunk.byteLength === 0) throw new TypeErrorCtor('The chunk is empty.');
  if (chunk.bufferByteLength === 0) throw new TypeErrorCtor("The chunk's buffer is empty.");
}

defineInterface(ReadableStreamBYOBRequest, 'ReadableStreamBYOBRequest');
defineInterface(ReadableByteStreamController, 'ReadableByteStreamController');

/** The object that a worker's byte source is given. Make one for each controller. */
export const newReadableByteStreamController: (controller: ByteController) => ReadableByteStreamController =
  wrapController;
