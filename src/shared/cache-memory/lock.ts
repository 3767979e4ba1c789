/**
 * The lock of shared memory. It is held for microseconds, by code that nothing of a worker interrupts; yet a thread can end, or a turn be
 * cut off, in the middle (HARDENING R19). So nobody waits for it for ever, and what was left half done is thrown away by whoever notices.
 */

/** Attempts before the thread sleeps. */
const spins = 200;
/** How long it sleeps at a time, in milliseconds, and how often. */
const nap = 1;
const naps = 50;

/** One lock, from the view of one thread. */
export class SharedLock {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  /** Above 0. */
  readonly #thread: number;
  readonly #onCutOff: () => void;

  /** `onCutOff` is called, with the lock held, where the thread that held it before did not come to an end. */
  constructor(words: Int32Array<SharedArrayBuffer>, index: number, thread: number, onCutOff: () => void) {
    this.#words = words;
    this.#index = index;
    this.#thread = thread;
    this.#onCutOff = onCutOff;
  }

  /** Takes the lock, and gives it back after `run`. `undefined`, with nothing run, where another thread does not give it back. */
  within<T>(run: () => T): T | undefined {
    if (!this.#take()) return undefined;
    let isDone = false;
    try {
      const result = run();
      isDone = true;
      return result;
    } finally {
      if (!isDone) this.#onCutOff();
      this.#give();
    }
  }

  /** Frees the lock that a thread held when it ended. Nothing of that thread may run any more. */
  takeFrom(ended: number): void {
    if (Atomics.compareExchange(this.#words, this.#index, ended, this.#thread) !== ended) return;
    this.#onCutOff();
    this.#give();
  }

  #take(): boolean {
    for (let attempt = 0; attempt < spins + naps; attempt += 1) {
      const holder = Atomics.compareExchange(this.#words, this.#index, 0, this.#thread);
      if (holder === 0) return true;
      if (holder === this.#thread) {
        // Nothing that runs within takes the lock again: an earlier turn was cut off.
        this.#onCutOff();
        return true;
      }
      if (attempt >= spins) Atomics.wait(this.#words, this.#index, holder, nap);
    }
    return false;
  }

  #give(): void {
    Atomics.store(this.#words, this.#index, 0);
    Atomics.notify(this.#words, this.#index, 1);
  }
}
