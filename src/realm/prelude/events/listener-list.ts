/**
 * The listeners of one event target: a linked list, so that adding and removing during a dispatch needs no copy and no array
 * method that a worker may have patched. https://dom.spec.whatwg.org/#concept-event-listener
 */

/** What a worker gave as a listener: a function, or an object that may have a handleEvent method when the event comes. */
export type Callback = object;

/** One event listener. */
export interface Listener {
  readonly type: string;
  callback: Callback;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  /** It stands for an event handler attribute (`onabort`). */
  readonly isHandler: boolean;
  removed: boolean;
  /** Grows along the list. */
  order: number;
  next: Listener | undefined;
}

export class ListenerList {
  #first: Listener | undefined;
  #last: Listener | undefined;
  #order = 0;
  #watch: (() => void) | undefined;

  get first(): Listener | undefined {
    return this.#first;
  }

  /** Listeners whose `order` is greater were added later. */
  get lastOrder(): number {
    return this.#order;
  }

  /** Calls `watch` after each change of the list. */
  watch(watch: () => void): void {
    this.#watch = watch;
  }

  append(listener: Listener): void {
    listener.order = ++this.#order;
    if (this.#last === undefined) this.#first = listener;
    else this.#last.next = listener;
    this.#last = listener;
    this.#watch?.();
  }

  /** A dispatch that stands at the listener goes on from it: it keeps its `next`. */
  remove(listener: Listener): void {
    if (listener.removed) return;
    listener.removed = true;
    let before: Listener | undefined;
    let link = this.#first;
    while (link !== undefined && link !== listener) {
      before = link;
      link = link.next;
    }
    if (before === undefined) this.#first = listener.next;
    else before.next = listener.next;
    if (this.#last === listener) this.#last = before;
    this.#watch?.();
  }

  find(type: string, callback: Callback, capture: boolean): Listener | undefined {
    for (let link = this.#first; link !== undefined; link = link.next) {
      if (link.callback === callback && link.capture === capture && link.type === type && !link.isHandler)
        return link;
    }
    return undefined;
  }

  findHandler(type: string): Listener | undefined {
    for (let link = this.#first; link !== undefined; link = link.next) {
      if (link.isHandler && link.type === type) return link;
    }
    return undefined;
  }

  count(type: string): number {
    let count = 0;
    for (let link = this.#first; link !== undefined; link = link.next) {
      if (link.type === type) count++;
    }
    return count;
  }
}
