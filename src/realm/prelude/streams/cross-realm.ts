/**
 * Transferring streams: the old stream goes on in its place, and a pair of ports connects it with a new one. So chunks are cloned on their
 * way, and either side has a queue of its own. https://streams.spec.whatwg.org/#transferrable-streams
 */

import { cloneValue } from '../clone/structured-clone.ts';
import { WeakSetCtor, WeakSetPrototypeAdd, WeakSetPrototypeHas } from '../primordials.ts';
import { queueTask } from '../tasks.ts';
import { DefaultController } from './default-controller.ts';
import { pipeAtOnce, pipeQuietly } from './pipe.ts';
import { microtask, PENDING } from './promises.ts';
import { type ReadableState, SourceAlgorithms } from './readable-state.ts';
import { errorWritableIfNeeded, startWritable, writeDone, writeFailed } from './writable-ops.ts';
import { SinkAlgorithms, WritableState } from './writable-state.ts';

type MessageType = 'chunk' | 'close' | 'error' | 'pull';

/** One end of the connection. What a message port does for the standard, without being an object that a worker could get. */
class Port {
  /** Undefined once either end was closed. What is under way then still arrives. */
  #other: Port | undefined;
  receive: (type: MessageType, value: unknown) => void = () => {};

  connect(other: Port): void {
    this.#other = other;
    other.#other = this;
  }

  /** Throws a DataCloneError, or what a getter of the value throws. */
  post(type: MessageType, value: unknown): void {
    const clone = cloneValue(value, []);
    const other = this.#other;
    if (other !== undefined) queueTask(() => other.receive(type, clone));
  }

  /** The same, and the other side hears of an error instead. */
  postOrError(type: MessageType, value: unknown): void {
    try {
      this.post(type, value);
    } catch (error) {
      this.#postError(error);
      throw error;
    }
  }

  #postError(error: unknown): void {
    try {
      this.post('error', error);
    } catch {
      // An error that cannot be cloned either: the other side waits.
    }
  }

  close(): void {
    const other = this.#other;
    this.#other = undefined;
    if (other !== undefined) other.#other = undefined;
  }
}

/** Two ports that are connected. */
function portPair(): { readonly near: Port; readonly far: Port } {
  const near = new Port();
  const far = new Port();
  near.connect(far);
  return { near, far };
}

class PortSource extends SourceAlgorithms {
  readonly pulls = true;
  readonly #port: Port;

  constructor(port: Port) {
    super();
    this.#port = port;
  }

  pull(): undefined {
    this.#port.post('pull', undefined);
  }

  cancel(reason: unknown): undefined {
    try {
      this.#port.postOrError('error', reason);
    } finally {
      this.#port.close();
    }
  }
}

class PortSink extends SinkAlgorithms {
  readonly #port: Port;
  /** The other side has asked for a chunk. */
  #isWanted = false;
  /** A write that waits for that. */
  #waiting: { readonly chunk: unknown } | undefined;

  constructor(port: Port) {
    super();
    this.#port = port;
  }

  write(chunk: unknown): unknown {
    if (!this.#isWanted) {
      this.#waiting = { chunk };
      return PENDING;
    }
    this.#isWanted = false;
    this.#send(chunk);
    return undefined;
  }

  /** The other side asks for a chunk. */
  pulled(stream: WritableState): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#isWanted = true;
      return;
    }
    this.#waiting = undefined;
    try {
      this.#send(waiting.chunk);
    } catch (error) {
      microtask(() => writeFailed(stream, error));
      return;
    }
    microtask(() => writeDone(stream));
  }

  /** The other side takes no more chunks. */
  failed(stream: WritableState, reason: unknown): void {
    errorWritableIfNeeded(stream, reason);
    if (this.#waiting === undefined) return;
    this.#waiting = undefined;
    microtask(() => writeDone(stream));
  }

  close(): undefined {
    try {
      this.#port.post('close', undefined);
    } finally {
      this.#port.close();
    }
  }

  abort(reason: unknown): undefined {
    try {
      this.#port.postOrError('error', reason);
    } finally {
      this.#port.close();
    }
  }

  #send(chunk: unknown): void {
    try {
      this.#port.postOrError('chunk', chunk);
    } catch (error) {
      this.#port.close();
      throw error;
    }
  }
}

/** https://streams.spec.whatwg.org/#abstract-opdef-setupcrossrealmtransformreadable */
function readableOf(port: Port): ReadableState {
  const controller = new DefaultController(new PortSource(port), 0);
  port.receive = (type, value) => {
    if (type === 'chunk') controller.enqueue(value);
    else if (type === 'close') controller.close();
    else if (type === 'error') controller.error(value);
    if (type !== 'chunk') port.close();
  };
  controller.start(undefined);
  return controller.stream;
}

/** https://streams.spec.whatwg.org/#abstract-opdef-setupcrossrealmtransformwritable */
function writableOf(port: Port): WritableState {
  const sink = new PortSink(port);
  const stream = new WritableState(sink, 1, undefined);
  port.receive = (type, value) => {
    if (type === 'pull') sink.pulled(stream);
    else if (type === 'error') sink.failed(stream, value);
  };
  startWritable(stream, undefined);
  return stream;
}

/** Streams, and the sides of transform streams, that were transferred: they cannot be once more, even when nothing locks them any longer. */
const transferred = new WeakSetCtor<ReadableState | WritableState>();

/** Whether the stream was transferred before: the standard's [[Detached]]. */
export function isTransferred(stream: ReadableState | WritableState): boolean {
  return WeakSetPrototypeHas(transferred, stream);
}

/** The state of a stream that gives the chunks of this one, which must not be locked and is from now on. */
export function transferReadable(stream: ReadableState): ReadableState {
  const { near, far } = portPair();
  WeakSetPrototypeAdd(transferred, stream);
  pipeAtOnce(stream, writableOf(near));
  return readableOf(far);
}

/** The state of a stream that writes to this one, which must not be locked and is from now on. */
export function transferWritable(stream: WritableState): WritableState {
  const { near, far } = portPair();
  WeakSetPrototypeAdd(transferred, stream);
  pipeQuietly(readableOf(near), stream);
  return writableOf(far);
}
