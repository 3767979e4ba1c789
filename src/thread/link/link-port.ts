/**
 * What carries the messages of a channel to another nanod: one WebSocket, whose every message is a frame (frame.ts) of some of them. The other
 * side may be anybody: what it sends is read by message-reader.ts, what it does not read is not kept for it without end, and when it
 * is silent it is asked whether it is there. Runs in a thread.
 */

import type { RawData, WebSocket } from 'ws';
import type { ChannelBatch, ChannelMessage, PayloadMessage } from '../../messages/channel.ts';
import type { RpcLimitsSpec } from '../../messages/startup.ts';
import { neutral } from '../../realm/neutral.ts';
import type { ErrorState } from '../../realm/prelude/state.ts';
import { makeHostError } from '../../services/host-error.ts';
import type { Turns } from '../../services/network/turns.ts';
import type { ChannelPort } from '../channel/channel.ts';
import { tooLarge } from '../channel/rpc/payload.ts';
import { Violation } from '../channel/trust.ts';
import { dryFrame, Frame, frameBytes, packFrame } from './frame.ts';
import { Fields } from './fields.ts';
import type { LinkTimes } from './limits.ts';
import { readMessages } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';

/** Messages are put together in one frame up to this size. */
const frameText = 64 * 1024;
/** Answers that the other side has not read, in parts of what a message may have: from then on it gets errors in their place. */
const unreadMessages = 4;
const smallestMessage = 2 ** 20;
const largestMessage = 2 ** 31 - 1;

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const protocolError = 1002;
const normal = 1000;

export interface LinkPortOptions {
  readonly limits: RpcLimitsSpec;
  readonly times: LinkTimes;
  /** Whether the other side is told where errors come from. */
  readonly sendsStacks: boolean;
  readonly turns: Turns;
  /** A message that was posted cannot be sent. */
  readonly onUndelivered: (message: ChannelMessage, error: ErrorState) => void;
  /** The other side was asked whether it is there, and was. */
  readonly onRoundTrip?: (milliseconds: number) => void;
  /** What the other side has sent is against the protocol. */
  readonly onViolation?: (reason: string) => void;
  /** Before 'close': what has ended the connection, in a few words. */
  readonly onEnd: (reason: string) => void;
}

export class LinkPort implements ChannelPort {
  readonly #options: LinkPortOptions;
  #socket: WebSocket | undefined;
  /** Batches that wait for the other side to say what it takes. */
  #waiting: ChannelBatch[] | undefined = [];
  /** What the other side takes. */
  #peerBytes = 0;
  #onMessage: (batch: ChannelBatch) => void = () => undefined;
  #onClose: () => void = () => undefined;
  #isOver = false;
  #unread = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Something was heard since the other side was asked. */
  #isHeard = true;
  #asked: number | undefined;

  constructor(options: LinkPortOptions) {
    this.#options = options;
  }

  on(event: 'message' | 'close', listener: ((batch: ChannelBatch) => void) & (() => void)): this {
    if (event === 'message') this.#onMessage = listener;
    else this.#onClose = listener;
    return this;
  }

  /** Begins on an open connection. */
  open(socket: WebSocket): void {
    if (this.#isOver) {
      socket.terminate();
      return;
    }
    const { turns, limits, times } = this.#options;
    this.#socket = socket;
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#isHeard = true;
      turns.run(() => this.#receive(data as Buffer, isBinary));
    });
    socket.on('pong', () => this.#answered());
    socket.on('ping', () => (this.#isHeard = true));
    socket.on('error', (error) => this.end(`${error.message}`));
    socket.on('close', (code, reason) =>
      turns.run(() => this.end(reason.length === 0 ? `it was closed (${code})` : printableReason(reason))),
    );
    this.#timer = setTimeout(() => this.end('the other side has not said what it takes'), times.hello);
    socket.send(packFrame(JSON.stringify([['hello', limits.messageBytes]]), []));
  }

  postMessage(batch: ChannelBatch): void {
    if (this.#isOver) return;
    if (this.#waiting !== undefined) this.#waiting.push(batch);
    else this.#post(batch);
  }

  /** The connection has no reason to go on. */
  close(): void {
    this.#shut(normal, '');
    this.end('it was closed');
  }

  /** What the other side has sent is against the protocol. */
  violated(reason: string): void {
    if (this.#isOver) return;
    this.#options.onViolation?.(reason);
    this.#shut(protocolError, reason);
    this.end(`the other side broke the protocol: ${reason}`);
  }

  /** It is over; the first reason counts. */
  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    const socket = this.#socket;
    if (socket !== undefined) setTimeout(() => socket.terminate(), this.#options.times.close).unref();
    this.#options.onEnd(reason);
    this.#onClose();
  }

  /** The connection is cut off, whatever is on its way. */
  destroy(): void {
    this.#socket?.terminate();
    this.end('it was cut off');
  }

  #shut(code: number, reason: string): void {
    if (!this.#isOver) this.#socket?.close(code, reason.slice(0, 100));
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return;
    try {
      if (!isBinary) throw new Violation('a message is text');
      const frame = new Frame(data);
      if (this.#waiting !== undefined) this.#greeted(frame);
      else this.#onMessage(readMessages(frame));
    } catch (error) {
      if (error instanceof Violation) this.violated(error.message);
      else this.end('a message could not be read');
    }
  }

  /** The first message says what the other side takes. */
  #greeted(frame: Frame): void {
    const list = new Fields(frame.json);
    const hello = list.list();
    hello.oneOf(['hello']);
    this.#peerBytes = hello.integer(smallestMessage, largestMessage);
    hello.end();
    list.end();
    frame.end();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    this.#timer = setInterval(() => this.#ask(), this.#options.times.silence);
    this.#timer.unref();
    this.#ask();
    for (const batch of waiting) this.#post(batch);
  }

  #ask(): void {
    if (!this.#isHeard) {
      this.#socket?.terminate();
      this.end('the other side is silent');
      return;
    }
    this.#isHeard = false;
    this.#asked = performance.now();
    this.#socket?.ping();
  }

  #answered(): void {
    this.#isHeard = true;
    if (this.#asked !== undefined) this.#options.onRoundTrip?.(performance.now() - this.#asked);
    this.#asked = undefined;
  }

  #post(batch: ChannelBatch): void {
    let frame = emptyFrame();
    for (const message of batch) {
      const writer = new MessageWriter(this.#options.sendsStacks);
      const text = JSON.stringify(writer.write(message));
      const refusal = this.#refusalOf(message, text, writer);
      if (refusal !== undefined) {
        this.#options.onUndelivered(message, refusal);
        continue;
      }
      const size = text.length + writer.attachedBytes;
      if (frame.size > 0 && frame.size + size > frameText) {
        this.#send(frame);
        frame = emptyFrame();
      }
      frame.texts.push(text);
      for (const buffer of writer.attached) frame.attached.push(buffer);
      frame.size += size;
      frame.isAnswer ||= isForPeer(message);
    }
    if (frame.size > 0) this.#send(frame);
  }

  #refusalOf(
    message: ChannelMessage,
    text: string,
    { attachedBytes }: MessageWriter,
  ): ErrorState | undefined {
    const bytes = frameBytes(text, attachedBytes) + 2;
    if (isDelicate(message) && !isReadable(text)) return notSendable;
    if (bytes > this.#peerBytes) return tooLarge(message.type === 'call' ? 'args' : 'result');
    if (!isForPeer(message) || bytes < 1024) return undefined;
    const most = unreadMessages * this.#options.limits.messageBytes;
    if (this.#unread <= most) return undefined;
    return makeHostError('RPC_LIMIT', { what: `${most} bytes of results were not read` });
  }

  #send({ texts, attached, isAnswer }: OutgoingFrame): void {
    const frame = packFrame(`[${texts.join(',')}]`, attached);
    if (!isAnswer) {
      this.#socket?.send(frame);
      return;
    }
    this.#unread += frame.byteLength;
    this.#socket?.send(frame, () => (this.#unread -= frame.byteLength));
    if (this.#unread > 2 * unreadMessages * this.#options.limits.messageBytes) this.destroy();
  }
}

/** Messages that are put together. */
interface OutgoingFrame {
  readonly texts: string[];
  readonly attached: ArrayBuffer[];
  size: number;
  /** There are answers among them. */
  isAnswer: boolean;
}

function emptyFrame(): OutgoingFrame {
  return { texts: [], attached: [], size: 0, isAnswer: false };
}

const notSendable = neutral.error(
  'domexception',
  'DataCloneError',
  'what is in there cannot be sent to another server',
  '',
  '',
);

/**
 * Whether there is something in a message that the other side is particular about. A worker that thinks up a URL, or a path of a thousand names,
 * must not cost its neighbours the connection.
 */
function isDelicate(message: ChannelMessage): boolean {
  switch (message.type) {
    case 'fetch':
    case 'reply':
    case 'socket-close':
      return true;
    case 'call':
      return message.path.length > 64 || hasSpecials(message.args);
    case 'return':
      return hasSpecials(message.payload);
    default:
      return false;
  }
}

function hasSpecials(payload: PayloadMessage | undefined): boolean {
  return payload?.kind === 'encoded' && payload.specials.length > 0;
}

/** Whether this side would take the message itself. */
function isReadable(text: string): boolean {
  try {
    readMessages(dryFrame(`[${text}]`));
    return true;
  } catch {
    return false;
  }
}

/** Whether the other side decides how many of these there are, and not whoever sends them. */
function isForPeer({ type }: ChannelMessage): boolean {
  return type === 'return' || type === 'reply' || type === 'failure';
}

function printableReason(reason: Buffer): string {
  return reason.toString('latin1').replace(/[^ -~]/gu, '?');
}
