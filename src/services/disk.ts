/**
 * The `disk` kind: a directory over HTTP, as workerd's `DiskDirectory`. GET and HEAD give files and listings; where it is writable, PUT
 * replaces a file as a whole and DELETE removes one. Runs in a thread.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { neutral } from '../realm/neutral.ts';
import type { CallState, RequestState } from '../realm/prelude/state.ts';
import { Directory } from './disk/directory.ts';
import { DiskExchange, type DiskExchangeOptions } from './disk/exchange.ts';
import type { FileBody } from './disk/file-body.ts';
import { makeHostError } from './host-error.ts';
import { Turns } from './network/turns.ts';

export interface DiskOptions {
  /** Absolute. */
  readonly path: string;
  readonly writable: boolean;
  /** Whether names that begin with a dot are there for requests. */
  readonly allowDotfiles: boolean;
}

export interface DiskService {
  readonly kind: 'disk';
  /** Settles the call. Throws nothing but near stack overflow; takes over the request's body. */
  fetch(request: RequestState, call: CallState): void;
  /** Files that are open because somebody is reading them. */
  openFiles(): number;
  /** Ends what is being read. */
  close(): Promise<void>;
}

const tooDeep = makeHostError('DISK_FAILED', { reason: 'the call stack is full' });
const closed = neutral.error('error', 'Error', 'The service is closed.', '', '');

export function makeDiskService({ path, ...options }: DiskOptions): DiskService {
  const bodies = new Set<FileBody>();
  const shared = { ...options, directory: new Directory(path), turns: new Turns(), bodies };
  return {
    kind: 'disk',
    fetch(request, call) {
      try {
        begin(request, call, shared);
      } catch {
        // Only stack overflow gets here. Where it gets the better of this as well, the guard of the caller answers.
        call.settle(call, undefined, tooDeep);
      }
    },
    openFiles: () => bodies.size,
    close() {
      for (const body of bodies) body.abort(closed);
      return Promise.resolve();
    },
  };
}

function begin(request: RequestState, call: CallState, shared: Omit<DiskExchangeOptions, 'enter'>): void {
  const { turns } = shared;
  const exchange = new DiskExchange(request, call, { ...shared, enter: AsyncLocalStorage.snapshot() });
  const { aborted } = call;
  if (aborted !== undefined) {
    turns.run(() => exchange.abort(aborted));
    return;
  }
  const others = call.onAbort;
  call.onAbort = (reason) => {
    turns.run(() => exchange.abort(reason));
    others?.(reason);
  };
  turns.run(() => exchange.start());
}
