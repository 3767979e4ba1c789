import { assertHeadroom } from '../../shared/headroom.ts';

/**
 * Runs tasks in turns of the event loop of their own. What a realm calls may run deep down its stack, and what a realm is told may run
 * its code; neither may happen with the HTTP client's parser on the stack, which all exchanges of the thread share and which an
 * overflow or an interrupted turn would leave in pieces. Runs in a thread.
 */
export class Turns {
  readonly #tasks: (() => void)[] = [];
  #isArmed = false;

  /** Runs the task soon, in the order of the calls. Tasks do not throw. Where this throws, for want of stack, the task never runs. */
  run(task: () => void): void {
    assertHeadroom(); // the immediates of Node.js are all the thread's
    this.#arm();
    this.#tasks.push(task);
  }

  #arm(): void {
    if (this.#isArmed) return;
    setImmediate(this.#drain);
    this.#isArmed = true;
  }

  readonly #drain = (): void => {
    this.#isArmed = false;
    for (let left = this.#tasks.length; left > 0; left--) {
      const task = this.#tasks.shift();
      // A task whose realm is interrupted ends this loop as well: the others have their turn then.
      if (left > 1) this.#arm();
      task?.();
    }
  };
}
