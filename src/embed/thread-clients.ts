/** The ways from a program to the threads of each group: one for each thread, used in turn. A way that is lost is replaced when it is needed. */

import type { MessagePort } from 'node:worker_threads';
import { ThreadClient } from './thread-client.ts';

/** What gives ways to threads. */
export interface ThreadSource {
  /** How many threads the group has now. */
  threadsOf(group: string): number;
  /** A data channel to a thread of the group, to another one each time. Throws where there is none. */
  connect(group: string): MessagePort;
}

export class ThreadClients {
  readonly #source: ThreadSource;
  readonly #groups = new Map<string, Set<ThreadClient>>();

  constructor(source: ThreadSource) {
    this.#source = source;
  }

  next(group: string): ThreadClient {
    const clients = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, clients);
    const [first] = clients;
    if (first === undefined || clients.size < this.#source.threadsOf(group))
      return this.#connect(group, clients);
    // The one that was used last is the last in turn.
    clients.delete(first);
    clients.add(first);
    return first;
  }

  close(): void {
    for (const clients of this.#groups.values()) for (const client of clients) client.close();
  }

  #connect(group: string, clients: Set<ThreadClient>): ThreadClient {
    const client = new ThreadClient(this.#source.connect(group), () => clients.delete(client));
    clients.add(client);
    return client;
  }
}
