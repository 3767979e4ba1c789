/**
 * How realms of one service hear each other, whatever thread they are on: Node's own BroadcastChannel, one for each realm that has
 * broadcast channels. It carries text and bytes that the prelude has made, and no object of a realm.
 */

import { BroadcastChannel } from 'node:worker_threads';
import { copyOfBytes } from '../shared/bytes.ts';
import { assertHeadroom } from '../shared/headroom.ts';

/** The functions throw a RangeError near stack overflow, with nothing begun. */
export interface RealmBroadcast {
  /** Begins to listen. Does nothing while it listens already, and after `stop`. */
  open(): void;
  /** Ends it. */
  close(): void;
  /** Sends to all other realms of the service; nothing while it does not listen. */
  post(name: string, text: string, buffer: ArrayBufferLike, byteOffset: number, byteLength: number): void;
  /** Closes for good. */
  stop(): void;
}

/** Receives what another realm has posted, with a fresh buffer. */
export type BroadcastSink = (name: string, text: string, buffer: ArrayBuffer) => void;

interface Posted {
  readonly name: string;
  readonly text: string;
  readonly bytes: ArrayBuffer;
}

export function makeRealmBroadcast(service: string, receive: BroadcastSink): RealmBroadcast {
  let channel: BroadcastChannel | undefined;
  let stopped = false;
  const close = (): void => {
    channel?.close();
    channel = undefined;
  };
  return {
    open() {
      assertHeadroom();
      if (stopped || channel !== undefined) return;
      channel = new BroadcastChannel(`nanod:${service}`);
      channel.unref();
      channel.onmessage = ({ data }: { data: unknown }) => {
        const { name, text, bytes } = data as Posted;
        receive(name, text, bytes);
      };
    },
    close() {
      assertHeadroom();
      close();
    },
    post(name, text, buffer, byteOffset, byteLength) {
      assertHeadroom();
      const bytes = copyOfBytes(new Uint8Array(buffer, byteOffset, byteLength));
      channel?.postMessage({ name, text, bytes } satisfies Posted);
    },
    stop() {
      stopped = true;
      close();
    },
  };
}
