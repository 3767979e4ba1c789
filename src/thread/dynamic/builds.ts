/** Asks the supervisor for bundles of code that is given at run time. Runs in a thread. */

import type { MessagePort } from 'node:worker_threads';
import type { BuildAnswer, BuildOutcome, BuildQuestion, DynamicCode } from '../../messages/builds.ts';

/** Questions that a thread has open: others wait their turn here, so that no thread keeps the rest from theirs. */
const mostOpen = 2;

/** Makes bundles of code that is given at run time. */
export interface Builder {
  /** The bundle, or what is wrong with the code. Never rejects. */
  build(code: DynamicCode): Promise<BuildOutcome>;
}

interface Waiting {
  readonly code: DynamicCode;
  readonly resolve: (outcome: BuildOutcome) => void;
}

export class Builds implements Builder {
  readonly #port: MessagePort;
  readonly #open = new Map<number, Waiting>();
  readonly #queue: Waiting[] = [];
  #last = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', ({ id, outcome }: BuildAnswer) => {
      this.#open.get(id)?.resolve(outcome);
      this.#open.delete(id);
      this.#askNext();
    });
    // A question keeps nobody alive: who waits for its answer does.
    port.unref();
  }

  build(code: DynamicCode): Promise<BuildOutcome> {
    return new Promise((resolve) => {
      this.#queue.push({ code, resolve });
      this.#askNext();
    });
  }

  #askNext(): void {
    if (this.#open.size >= mostOpen) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    const id = ++this.#last;
    this.#open.set(id, next);
    this.#port.postMessage({ id, code: next.code } satisfies BuildQuestion);
  }
}
