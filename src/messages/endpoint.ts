/** A Node.js MessagePort as comlink sees one. Comlink ships its adapter without types, so this is its shape here. */

import type { MessagePort } from 'node:worker_threads';
import type { Endpoint } from 'comlink';

/** What comlink gives as a listener: a function, in all its versions so far. */
type Listener = (event: { data: unknown }) => void;

/** Comlink listens with DOM events; a Node.js port emits the bare message. */
export function nodeEndpoint(port: MessagePort): Endpoint {
  const listeners = new Map<unknown, (data: unknown) => void>();
  return {
    postMessage: (message, transfer) =>
      port.postMessage(message, transfer as Parameters<MessagePort['postMessage']>[1]),
    addEventListener(_type, listener) {
      const call = (data: unknown): void => (listener as unknown as Listener)({ data });
      listeners.set(listener, call);
      port.on('message', call);
    },
    removeEventListener(_type, listener) {
      const call = listeners.get(listener);
      listeners.delete(listener);
      if (call !== undefined) port.off('message', call);
    },
    start: () => port.start(),
  };
}
