/**
 * Work that is done one piece at a time, and in turn for those who asked for it: whoever asks for much waits for himself, not the others for him.
 * Runs in a thread, in the host realm.
 */

type Task = () => Promise<void>;

export class FairQueue<Owner> {
  /** In the order of the turns. */
  readonly #waiting = new Map<Owner, Task[]>();
  #isBusy = false;

  /** Settles as `work` does, once it was its turn. Never, if the owner is dropped before. */
  run<T>(owner: Owner, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const tasks = this.#waiting.get(owner) ?? [];
      tasks.push(async () => {
        await work().then(resolve, reject);
      });
      this.#waiting.set(owner, tasks);
      void this.#go();
    });
  }

  /** Forgets what the owner waits for. What has begun goes on. */
  drop(owner: Owner): void {
    this.#waiting.delete(owner);
  }

  async #go(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let task = this.#take(); task !== undefined; task = this.#take()) await task();
    this.#isBusy = false;
  }

  #take(): Task | undefined {
    for (const [owner, tasks] of this.#waiting) {
      const task = tasks.shift();
      this.#waiting.delete(owner);
      if (tasks.length > 0) this.#waiting.set(owner, tasks);
      return task;
    }
    return undefined;
  }
}
