/**
 * One end of the data path to a thread of another group, or to another nanod. Messages of one turn travel in one post: a call by itself
 * leaves at once after the turn, and a thousand calls cost one wake-up.
 */

import type { CallTarget, ChannelBatch, ChannelMessage } from '../../messages/channel.ts';
import type { OnSettle, Outcome, PathState, ValueSource } from '../../realm/prelude/rpc/rpc-state.ts';
import type { CallState, ErrorState, RequestState, TargetState } from '../../realm/prelude/state.ts';
import { makeHostError } from '../../services/host-error.ts';
import type { RemoteThread } from '../../services/remote.ts';
import { assertNever } from '../../shared/assert.ts';
import { assertHeadroom } from '../../shared/headroom.ts';
import { Bodies } from './bodies.ts';
import { ChannelSockets } from './channel-sockets.ts';
import { receiveError } from './error-message.ts';
import { Fetches } from './fetches.ts';
import { IncomingStreams } from './incoming-streams.ts';
import { OutgoingStreams, type Send } from './outgoing-streams.ts';
import { RpcCalls } from './rpc/calls.ts';
import { threadValues, type ValueCodec } from './rpc/payload.ts';
import { type ChannelLimits, unlimited, Violation } from './trust.ts';

/** What carries the messages: a MessagePort, or a connection to another nanod. */
export interface ChannelPort {
  postMessage(batch: ChannelBatch, transfers: ArrayBuffer[]): void;
  on(event: 'message', listener: (batch: ChannelBatch) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): void;
}

export interface ChannelOptions {
  readonly port: ChannelPort;
  /** The way to a service of this thread. */
  readonly target: (service: string, entrypoint: string, props: string) => TargetState;
  /** Gives a stack the positions of sources, which only the thread of a worker knows. */
  readonly mapStack: (stack: string) => string;
  readonly nextTick: (flush: () => void) => void;
  /** The other side is gone. */
  readonly onClose: () => void;
  /** The other side wants no new calls. */
  readonly onLeave?: () => void;
  /** A call of this side has been answered, well or not. */
  readonly onAnswer?: () => void;
  /** What is different where the other side is no thread of this process. */
  readonly link?: LinkOptions;
}

export interface LinkOptions {
  readonly limits: ChannelLimits;
  readonly values: ValueCodec;
  /** What calls under way fail with when the connection is gone. */
  readonly lost: () => ErrorState;
  /** What the other side has sent is against the protocol. */
  readonly onViolation: (reason: string) => void;
}

const betweenThreads = Object.freeze({
  limits: unlimited,
  values: threadValues,
  lost: () => makeHostError('CHANNEL_LOST', {}),
});

export class Channel implements RemoteThread {
  readonly #options: ChannelOptions;
  readonly #link: Omit<LinkOptions, 'onViolation'>;
  readonly #outgoing: OutgoingStreams;
  readonly #incoming: IncomingStreams;
  readonly #bodies: Bodies;
  readonly #fetches: Fetches;
  readonly #rpc: RpcCalls;
  readonly #sockets: ChannelSockets;
  #outbox: ChannelMessage[] = [];
  #transfers: ArrayBuffer[] = [];
  #closed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    const { port, target, mapStack, link = betweenThreads } = options;
    this.#link = link;
    const { limits, values, lost } = link;
    const isCounted = options.link !== undefined;
    const send: Send = (message, transfers) => this.#send(message, transfers);
    this.#outgoing = new OutgoingStreams(send);
    this.#incoming = new IncomingStreams(send, limits.imports);
    this.#sockets = new ChannelSockets(send, limits.imports);
    const bodies = new Bodies(this.#outgoing, this.#incoming, limits);
    this.#bodies = bodies;
    const fetch = (to: CallTarget, request: RequestState, call: CallState): void =>
      this.#fetches.fetch(to, request, call);
    this.#rpc = new RpcCalls({ send, bodies, target, mapStack, limits, values, lost, fetch, isCounted });
    const findTarget = (to: CallTarget): TargetState | undefined =>
      to.kind === 'entrypoint'
        ? target(to.service, to.entrypoint, to.props)
        : to.kind === 'cap'
          ? this.#rpc.service(to.cap)
          : undefined;
    const sockets = this.#sockets;
    this.#fetches = new Fetches({
      send,
      bodies,
      sockets,
      target: findTarget,
      mapStack,
      lost,
      limits,
      isCounted,
    });
    port.on('message', (batch: ChannelBatch) => this.#receiveBatch(batch));
    port.on('close', () => this.#close());
  }

  fetch(service: string, entrypoint: string, props: string, request: RequestState, call: CallState): void {
    this.#fetches.fetch({ kind: 'entrypoint', service, entrypoint, props }, request, call);
  }

  call(
    service: string,
    entrypoint: string,
    props: string,
    path: PathState,
    args: readonly unknown[] | undefined,
    source: ValueSource | undefined,
  ): Outcome {
    return this.#rpc.call({ kind: 'entrypoint', service, entrypoint, props }, path, args, source);
  }

  /** What the two sides keep for each other here, as far as methods go. */
  get held(): number {
    return this.#rpc.held;
  }

  /** Calls, requests, streams and WebSockets under way, in both directions. */
  get underWay(): number {
    const streams = this.#incoming.size + this.#outgoing.size + this.#sockets.size;
    return this.#fetches.asked + this.#fetches.served + this.#rpc.underWay + streams;
  }

  /** A realm of this thread is going, and takes no results of methods any more that were to be given to this function. */
  abandon(onSettle: OnSettle): void {
    this.#rpc.abandon(onSettle);
  }

  /** Asks the other side to make its next calls elsewhere. */
  leave(): void {
    this.#send({ type: 'leave' });
  }

  /** What was sent in this turn still leaves. */
  close(): void {
    this.#flush();
    this.#options.port.close();
  }

  /** A message that was posted does not leave: whoever waits for it hears of that. */
  undelivered(message: ChannelMessage, error: ErrorState): void {
    switch (message.type) {
      case 'fetch':
        this.#bodies.takeBack(message.body);
        return this.#fetches.fail(message.id, error);
      case 'reply':
        this.#bodies.takeBack(message.body);
        return this.#fetches.refuseReply(message.id, error);
      case 'call':
        return this.#rpc.failCall(message, error);
      case 'return':
        return this.#rpc.refuseReturn(message, error);
      case 'socket-message':
        return this.#sockets.lose(-message.socket);
      case 'socket-close': // with a code of the worker's, or a reason that is too long
        return this.#send({ ...message, code: 1006, reason: '', isClean: false });
      default: // what else can be too long is cut before it is sent
    }
  }

  #receiveBatch(batch: ChannelBatch): void {
    try {
      for (const message of batch) this.#receive(message);
    } catch (error) {
      const onViolation = this.#options.link?.onViolation;
      if (!(error instanceof Violation) || onViolation === undefined) throw error;
      onViolation(error.message);
    }
    this.#rpc.endBatch();
  }

  #receive(message: ChannelMessage): void {
    switch (message.type) {
      case 'fetch':
        return this.#fetches.answer(message);
      case 'reply':
        this.#options.onAnswer?.();
        return this.#fetches.reply(message);
      case 'failure':
        this.#options.onAnswer?.();
        return this.#fetches.failed(message);
      case 'abort':
        return this.#fetches.aborted(message);
      case 'chunk':
        return this.#incoming.chunk(message.stream, message.buffer);
      case 'end':
        return this.#incoming.end(message.stream, undefined);
      case 'stream-failure':
        return this.#incoming.end(message.stream, receiveError(message.error));
      case 'credit':
        return this.#outgoing.credit(message.stream, message.bytes);
      case 'cancel':
        return this.#outgoing.cancel(message.stream, receiveError(message.reason));
      case 'leave':
        return this.#options.onLeave?.();
      default:
        this.#receiveOther(message);
    }
  }

  #receiveOther(message: ChannelMessage): void {
    switch (message.type) {
      case 'socket-message':
        return this.#sockets.message(message.socket, message.text, message.buffer);
      case 'socket-close':
        return this.#sockets.closed(message.socket, message.code, message.reason, message.isClean);
      case 'socket-taken':
        return this.#sockets.taken(message.socket, message.cost);
      case 'return':
        this.#options.onAnswer?.();
        return void this.#rpc.receive(message);
      default:
        if (!this.#rpc.receive(message)) assertNever(message as never);
    }
  }

  #send(message: ChannelMessage, transfers: readonly ArrayBuffer[] = []): void {
    if (this.#closed) return;
    if (this.#outbox.length === 0) {
      assertHeadroom();
      this.#options.nextTick(() => this.#flush());
    }
    this.#outbox.push(message);
    for (const buffer of transfers) this.#transfers.push(buffer);
  }

  #flush(): void {
    const batch: ChannelBatch = this.#outbox;
    const transfers = this.#transfers;
    this.#outbox = [];
    this.#transfers = [];
    if (!this.#closed && batch.length > 0) this.#options.port.postMessage(batch, transfers);
  }

  /** Calls and streams under way fail, each on its own side. */
  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const lost = this.#link.lost();
    this.#fetches.close(lost);
    this.#outgoing.cancelAll(lost);
    this.#incoming.failAll(lost);
    this.#rpc.close();
    this.#sockets.dropAll();
    this.#options.onClose();
  }
}
