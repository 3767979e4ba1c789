/** The capabilities that two threads have passed each other: by id, with counts of how often each was passed and is still held. */

import type { BrokenMessage, ReleaseMessage, WatchMessage } from '../../../messages/channel.ts';
import { neutralRpc } from '../../../realm/neutral-rpc.ts';
import type { CapOps, CapState, OnBroken, Unwatch } from '../../../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState } from '../../../realm/prelude/state.ts';
import { receiveError, toErrorMessage } from '../error-message.ts';
import { type ChannelLimits, Violation } from '../trust.ts';

/** One capability of the other thread. */
export class Imported {
  readonly id: number;
  /** Times that it has arrived. */
  received = 0;
  /** Stubs that hold it. */
  holders = 0;
  readonly watchers = new Set<OnBroken>();
  /** It is gone for good. */
  failure: ErrorState | undefined;

  constructor(id: number) {
    this.id = id;
  }
}

/** One capability of this thread. */
interface Exported {
  readonly cap: CapState;
  /** Times that it was passed and not given back. */
  passed: number;
  /** Where the other thread wants to hear of its end. */
  unwatch: Unwatch | undefined;
}

type Message = ReleaseMessage | WatchMessage | BrokenMessage;

export class Capabilities {
  readonly #exported = new Map<number, Exported>();
  readonly #ids = new Map<CapState, number>();
  readonly #imported = new Map<number, WeakRef<CapState>>();
  readonly #send: (message: Message) => void;
  readonly #ops: CapOps;
  readonly #limits: Pick<ChannelLimits, 'capabilities' | 'imports'>;
  /** Nobody holds it any more, and nobody has said so. */
  readonly #lost = new FinalizationRegistry<Imported>((imported) => this.#release(imported));
  #nextId = 1;
  #failure: ErrorState | undefined;

  /**
   * `ops`: how capabilities of the other thread are called; what holds and drops them is added here. `limits`: how many each side may hold
   * of the other.
   */
  constructor(
    ops: Pick<CapOps, 'call' | 'get'>,
    send: (message: Message) => void,
    limits: Pick<ChannelLimits, 'capabilities' | 'imports'>,
  ) {
    this.#send = send;
    this.#limits = limits;
    this.#ops = neutralRpc.ops(
      ops.call,
      ops.get,
      (cap) => importedOf(cap).holders++,
      (cap) => this.#drop(cap),
      (cap, onBroken) => this.#watch(importedOf(cap), onBroken),
    );
  }

  get size(): number {
    return this.#exported.size;
  }

  /**
   * Passes a capability: the other thread's own by the id that it gave it (negative), any other by one of this thread. Undefined where the
   * other one holds too many already.
   */
  pass(cap: CapState): number | undefined {
    if (this.isImported(cap)) return -importedOf(cap).id;
    const known = this.#ids.get(cap);
    if (known === undefined && this.#exported.size >= this.#limits.capabilities) return undefined;
    const id = known ?? this.#nextId++;
    const exported = this.#exported.get(id);
    if (exported !== undefined) exported.passed++;
    else {
      cap.ops.hold(cap);
      this.#ids.set(cap, id);
      this.#exported.set(id, { cap, passed: 1, unwatch: undefined });
    }
    return id;
  }

  /** Takes what `pass` of the other thread gave. Undefined for one that is not there any more. */
  take(id: number): CapState | undefined {
    if (id < 0) return this.exported(-id);
    const known = this.#imported.get(id)?.deref();
    if (known !== undefined) {
      importedOf(known).received++;
      return known;
    }
    if (this.#imported.size >= this.#limits.imports) throw new Violation('too many capabilities are passed');
    const imported = new Imported(id);
    imported.failure = this.#failure;
    imported.received = 1;
    const cap = neutralRpc.cap(this.#ops, imported);
    this.#imported.set(id, new WeakRef(cap));
    this.#lost.register(cap, imported, cap);
    return cap;
  }

  /** Whether the other thread has passed it, over this channel. */
  isImported(cap: CapState): boolean {
    return cap.ops === this.#ops;
  }

  /** A capability that this thread has passed. */
  exported(id: number): CapState | undefined {
    return this.#exported.get(id)?.cap;
  }

  /** The other thread has let go. */
  released({ cap: id, count }: ReleaseMessage): void {
    const exported = this.#exported.get(id);
    if (exported === undefined) return;
    exported.passed -= count;
    if (exported.passed > 0) return;
    this.#exported.delete(id);
    this.#ids.delete(exported.cap);
    exported.unwatch?.();
    exported.cap.ops.drop(exported.cap);
  }

  /** The other thread wants to hear of its end. */
  watched({ cap: id }: WatchMessage): void {
    const exported = this.#exported.get(id);
    if (exported === undefined || exported.unwatch !== undefined) return;
    exported.unwatch = exported.cap.ops.watch(exported.cap, (error) =>
      this.#send({ type: 'broken', cap: id, error: toErrorMessage(error) }),
    );
  }

  /** One of the other thread is gone for good. */
  broken({ cap: id, error }: BrokenMessage): void {
    const cap = this.#imported.get(id)?.deref();
    if (cap !== undefined) breakImported(importedOf(cap), receiveError(error));
  }

  /** The channel is gone: what the other thread held is free, and what it gave is broken. */
  close(failure: ErrorState): void {
    this.#failure = failure;
    for (const { cap, unwatch } of this.#exported.values()) {
      unwatch?.();
      cap.ops.drop(cap);
    }
    this.#exported.clear();
    this.#ids.clear();
    for (const reference of this.#imported.values()) {
      const cap = reference.deref();
      if (cap !== undefined) breakImported(importedOf(cap), failure);
    }
    this.#imported.clear();
  }

  #watch(imported: Imported, onBroken: OnBroken): Unwatch {
    const { watchers, failure, id } = imported;
    if (failure !== undefined) {
      onBroken(failure);
      return () => {};
    }
    if (watchers.size === 0) this.#send({ type: 'watch', cap: id });
    watchers.add(onBroken);
    return () => watchers.delete(onBroken);
  }

  #drop(cap: CapState): void {
    const imported = importedOf(cap);
    imported.holders--;
    if (imported.holders > 0) return;
    this.#lost.unregister(cap);
    this.#release(imported);
  }

  #release(imported: Imported): void {
    const { id, received } = imported;
    if (received === 0) return;
    imported.received = 0;
    this.#imported.delete(id);
    this.#send({ type: 'release', cap: id, count: received });
  }
}

function breakImported(imported: Imported, failure: ErrorState): void {
  imported.failure = failure;
  const watchers = [...imported.watchers];
  imported.watchers.clear();
  for (const onBroken of watchers) onBroken(failure);
}

export function importedOf(cap: CapState): Imported {
  return cap.subject as Imported;
}
