/** Socket: a connection in the hands of a worker. https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/ */

import { ObjectCreate, ObjectFreeze, PromiseReject } from '../primordials.ts';
import type { ReadableStream } from '../streams/readable-stream.ts';
import type { WritableStream } from '../streams/writable-stream.ts';
import { defineInterface, illegalConstructor, illegalInvocation } from '../webidl.ts';
import type { Link, SecureTransport, SocketInfo } from './link.ts';

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

/** Encrypts a connection: gives the link of the new one. Throws a TypeError where that cannot be. */
export type StartTls = (link: Link, options: unknown) => Link;

export class Socket {
  readonly #link: Link;
  readonly #startTls: StartTls;

  constructor(token: unknown = undefined, link: unknown = undefined, startTls: unknown = undefined) {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#link = link as Link;
    this.#startTls = startTls as StartTls;
  }

  get readable(): ReadableStream {
    return this.#link.readable;
  }

  get writable(): WritableStream {
    return this.#link.writable;
  }

  get opened(): Promise<SocketInfo> {
    return #link in this ? this.#link.opened.promise : PromiseReject(illegalInvocation());
  }

  get closed(): Promise<undefined> {
    return #link in this ? this.#link.closed.promise : PromiseReject(illegalInvocation());
  }

  get upgraded(): boolean {
    return this.#link.isUpgraded;
  }

  get secureTransport(): SecureTransport {
    return this.#link.options.secureTransport;
  }

  close(): Promise<undefined> {
    return #link in this ? this.#link.close() : PromiseReject(illegalInvocation());
  }

  startTls(options: unknown = undefined): Socket {
    return newSocket(this.#startTls(this.#link, options), this.#startTls);
  }
}
defineInterface(Socket, 'Socket');

export function newSocket(link: Link, startTls: StartTls): Socket {
  return new Socket(INTERNAL, link, startTls);
}
