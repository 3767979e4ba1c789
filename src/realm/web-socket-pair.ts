/**
 * The connection between two ends of a WebSocket on one thread: realms, and the host's classes behind clients, servers and other
 * threads, all hold nothing but an end of it (WebSocketState of prelude/state.ts). Runs in a thread, in the host realm.
 *
 * Each message is delivered in a turn of its own, in the async context of whoever opened the receiving end, so that two workers that
 * answer each other keep nobody else waiting. What waits to be taken is bounded: beyond that, the connection fails with 1013.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { assertHeadroom } from '../shared/headroom.ts';
import type { WebSocketPairState, WebSocketReceiver, WebSocketState } from './prelude/state.ts';

/** What may wait at one end before another message is too much, as messageCost counts. */
const waitingLimit = 16 * 1024 * 1024;

/** What a message of so many bytes takes: a million empty ones are not free. */
export function messageCost(bytes: number): number {
  return bytes + 64;
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1, and the registry behind it. */
const lostCode = 1006;
const tryAgainLater = 1013;

/** A message, or (`closing`) the last word of an end. */
interface Letter {
  readonly text: string | undefined;
  readonly buffer: ArrayBuffer | undefined;
  readonly cost: number;
  readonly bytes: number;
  readonly closing: Closing | undefined;
  next: Letter | undefined;
}

interface Closing {
  readonly code: number;
  readonly reason: string;
  readonly isClean: boolean;
}

/** Ends that were never opened and that nobody holds any more: the other end hears of it. */
const forgotten = new FinalizationRegistry<WeakRef<End>>((reference) =>
  reference.deref()?.drop(lostCode, ''),
);

class End {
  /** Set once, when the pair is made. */
  peer: End | undefined;
  #first: Letter | undefined;
  #last: Letter | undefined;
  #waitingCost = 0;
  /** Bytes that have come and were not taken. */
  waitingBytes = 0;
  #receiver: WebSocketReceiver | undefined;
  #enter: (run: () => void) => void = (run) => run();
  #isPaused = false;
  #hasClosed = false;
  /** Nothing is delivered any more. */
  #isOver = false;

  open(receiver: WebSocketReceiver): void {
    assertHeadroom();
    if (this.#receiver !== undefined || this.#isOver) return;
    this.#receiver = receiver;
    this.#enter = AsyncLocalStorage.snapshot();
    forgotten.unregister(this);
    this.#armAll();
  }

  send(text: string | undefined, buffer: ArrayBuffer | undefined): void {
    assertHeadroom(); // what follows is begun and finished, or not begun
    if (this.#hasClosed || this.#isOver || this.peer === undefined) return;
    if (this.peer.isFull) return this.#fail();
    const bytes = text === undefined ? (buffer?.byteLength ?? 0) : Buffer.byteLength(text);
    this.peer.put({
      text,
      buffer,
      cost: messageCost(bytes),
      bytes,
      closing: undefined,
      next: undefined,
    });
  }

  close(code: number, reason: string): void {
    assertHeadroom();
    if (this.#hasClosed || this.#isOver) return;
    this.#hasClosed = true;
    this.peer?.put(closingLetter(code, reason, true));
  }

  drop(code: number, reason: string): void {
    assertHeadroom();
    if (this.#isOver) return;
    this.#end();
    if (!this.#hasClosed) this.peer?.put(closingLetter(code, reason, false));
    this.#hasClosed = true;
  }

  resume(): void {
    assertHeadroom();
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#armAll();
  }

  get isFull(): boolean {
    return this.#waitingCost >= waitingLimit;
  }

  /** The other end has taken a message of this one. */
  taken(cost: number): void {
    this.#receiver?.taken?.(cost);
  }

  buffered(): number {
    return this.peer?.waitingBytes ?? 0;
  }

  /** Too much waits at the other end: both hear why, and what waits is lost, as nobody seems to take it. */
  #fail(): void {
    const reason = 'Too much is waiting to be received.';
    this.#hasClosed = true;
    this.put(closingLetter(tryAgainLater, reason, false));
    this.peer?.failAtOnce(closingLetter(tryAgainLater, reason, false));
  }

  /** The connection has failed: nobody waits for its receiver any more. */
  failAtOnce(letter: Letter): void {
    this.#forgetWaiting();
    this.#isPaused = false;
    this.put(letter);
  }

  /** What the other end has sent. */
  put(letter: Letter): void {
    if (this.#isOver) return;
    if (this.#last === undefined) this.#first = letter;
    else this.#last.next = letter;
    this.#last = letter;
    this.#waitingCost += letter.cost;
    this.waitingBytes += letter.bytes;
    this.#arm();
  }

  /** One turn for each letter: the microtasks of one message are done before the next one comes. */
  #arm(): void {
    if (this.#receiver !== undefined && !this.#isPaused) setImmediate(this.#deliver);
  }

  #armAll(): void {
    for (let letter = this.#first; letter !== undefined; letter = letter.next) this.#arm();
  }

  /** All bookkeeping comes first: a turn that is interrupted skips what follows it (HARDENING R19). */
  readonly #deliver = (): void => {
    const letter = this.#first;
    const receiver = this.#receiver;
    if (letter === undefined || receiver === undefined || this.#isPaused || this.#isOver) return;
    this.#first = letter.next;
    if (letter.next === undefined) this.#last = undefined;
    this.#waitingCost -= letter.cost;
    this.waitingBytes -= letter.bytes;
    if (letter.closing !== undefined) this.#deliverClosing(receiver, letter.closing);
    else this.#deliverMessage(receiver, letter);
  };

  #deliverMessage(receiver: WebSocketReceiver, { text, buffer, cost }: Letter): void {
    this.peer?.taken(cost);
    this.#enter(() => {
      try {
        this.#isPaused = !receiver.message(text, buffer) || this.#isPaused;
      } catch {
        // The receiver's own affair.
      }
    });
  }

  /** Nothing comes after it; this end may still have something to say. */
  #deliverClosing(receiver: WebSocketReceiver, { code, reason, isClean }: Closing): void {
    const enter = this.#enter;
    this.#end();
    // A connection that is lost is lost in both directions.
    if (!isClean) this.#hasClosed = true;
    this.#isOver = !isClean || this.#hasClosed;
    enter(() => {
      try {
        receiver.closed(code, reason, isClean);
      } catch {
        // The receiver's own affair.
      }
    });
  }

  /** Lets go of the receiver and of what has not been delivered. */
  #end(): void {
    this.#isOver = true;
    this.#receiver = undefined;
    this.#forgetWaiting();
    forgotten.unregister(this);
  }

  #forgetWaiting(): void {
    this.#first = undefined;
    this.#last = undefined;
    this.#waitingCost = 0;
    this.waitingBytes = 0;
  }
}

function closingLetter(code: number, reason: string, isClean: boolean): Letter {
  return {
    text: undefined,
    buffer: undefined,
    cost: 0,
    bytes: 0,
    closing: { code, reason, isClean },
    next: undefined,
  };
}

class NeutralWebSocket implements WebSocketState {
  readonly open: WebSocketState['open'];
  readonly send: WebSocketState['send'];
  readonly close: WebSocketState['close'];
  readonly drop: WebSocketState['drop'];
  readonly resume: WebSocketState['resume'];
  readonly buffered: WebSocketState['buffered'];

  constructor(end: End) {
    this.open = (receiver) => end.open(receiver);
    this.send = (text, buffer) => end.send(text, buffer);
    this.close = (code, reason) => end.close(code, reason);
    this.drop = (code, reason) => end.drop(code, reason);
    this.resume = () => end.resume();
    this.buffered = () => end.buffered();
  }
}

class NeutralWebSocketPair implements WebSocketPairState {
  readonly first: WebSocketState;
  readonly second: WebSocketState;

  constructor(first: WebSocketState, second: WebSocketState) {
    this.first = first;
    this.second = second;
  }
}

for (const record of [NeutralWebSocket, NeutralWebSocketPair]) {
  delete (record.prototype as { constructor?: unknown }).constructor;
  Object.freeze(Object.setPrototypeOf(record.prototype, null));
}

/** Two ends of a new connection. */
export function makeWebSocketPair(): WebSocketPairState {
  assertHeadroom();
  const [first, second] = [new End(), new End()];
  first.peer = second;
  second.peer = first;
  return new NeutralWebSocketPair(stateOf(first), stateOf(second));
}

function stateOf(end: End): WebSocketState {
  const state = new NeutralWebSocket(end);
  forgotten.register(state, new WeakRef(end), end);
  return state;
}
