/**
 * Which service a thread has entered last, in memory that outlives the thread: when it dies, that is a trace of why. The thread writes, the
 * supervisor reads.
 */

/** Bytes of a mark. */
const markBytes = 4;

/** Memory for the mark of one thread. */
export function makeMarkMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(markBytes);
}

/** The thread's half. */
export class RunningMark {
  readonly #cell: Int32Array;
  readonly #numbers = new Map<string, number>();

  constructor(memory: SharedArrayBuffer) {
    this.#cell = new Int32Array(memory);
  }

  /** The host is about to call into a service. */
  enter(service: string): void {
    let number = this.#numbers.get(service);
    if (number === undefined) {
      number = numberOf(service);
      this.#numbers.set(service, number);
    }
    this.#cell[0] = number;
  }
}

/** Which of these services is marked; undefined where none is, or where two of them have the same number. */
export function readMark(memory: SharedArrayBuffer, services: readonly string[]): string | undefined {
  const number = new Int32Array(memory)[0] ?? 0;
  const marked = services.filter((service) => numberOf(service) === number);
  return marked.length === 1 ? marked[0] : undefined;
}

/** FNV-1a; never 0. http://www.isthe.com/chongo/tech/comp/fnv/ */
function numberOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0 || 1;
}
