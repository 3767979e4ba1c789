/** WebSocketPair, as Workers have it: two ends of one connection, one to keep and one to answer an upgrade request with. */

import { defineValue } from '../lazy.ts';
import { definePairIterator } from '../pair-iterator.ts';
import { SymbolIterator } from '../primordials.ts';
import { defineInterface, illegalInvocation } from '../webidl.ts';
import { newPair } from './end.ts';
import { newWebSocket, type WebSocket } from './web-socket.ts';

let socketsOf: (pair: WebSocketPair) => readonly unknown[];

/** Its ends are own properties: `const [client, server] = Object.values(new WebSocketPair())`. */
export class WebSocketPair {
  declare readonly 0: WebSocket;
  declare readonly 1: WebSocket;
  readonly #first: WebSocket;
  readonly #second: WebSocket;

  constructor() {
    const { first, second } = newPair();
    this.#first = newWebSocket(first, '');
    this.#second = newWebSocket(second, '');
    defineValue(this, '0', this.#first, true);
    defineValue(this, '1', this.#second, true);
  }

  /** The two ends. */
  entries(): IterableIterator<WebSocket> {
    if (!(#first in this)) throw illegalInvocation();
    return makeIterator(this, 'values');
  }

  static {
    socketsOf = (pair) => [0, pair.#first, 1, pair.#second];
  }
}

defineInterface(WebSocketPair, 'WebSocketPair');
const { entries } = WebSocketPair.prototype;
defineValue(WebSocketPair.prototype, SymbolIterator, entries);

const makeIterator = definePairIterator<WebSocketPair>('WebSocketPair', (pair) => socketsOf(pair));
