/**
 * A promise attribute (`reader.closed`, `writer.closed`, `writer.ready`) that costs nothing until it is asked for: the state is kept,
 * and the promise made from it.
 */

import { PromiseResolve } from '../primordials.ts';
import { Deferred, markHandled } from './promises.ts';

/** One such attribute. Its rejections count as handled, as the standard asks. */
export class LazyPromise {
  #status: 'pending' | 'fulfilled' | 'rejected' | 'released' = 'pending';
  /** Status 'rejected': the reason. */
  #reason: unknown = undefined;
  /** Status 'released': makes the reason. */
  #makeReason: (() => unknown) | undefined = undefined;
  #promise: Promise<undefined> | undefined = undefined;
  /** Of the pending promise that somebody holds. */
  #deferred: Deferred<undefined> | undefined = undefined;

  /** Replaces a settled promise by a pending one. */
  reset(): void {
    this.#status = 'pending';
    this.#promise = undefined;
    this.#reason = undefined;
  }

  /** Fulfills it, if it is pending. */
  fulfill(): void {
    if (this.#status !== 'pending') return;
    this.#status = 'fulfilled';
    const deferred = this.#deferred;
    if (deferred === undefined) return;
    this.#deferred = undefined;
    deferred.resolve(undefined);
  }

  /** Rejects it if it is pending, or else replaces it by a rejected one. */
  reject(reason: unknown): void {
    this.#status = 'rejected';
    this.#reason = reason;
    this.#rejectPending();
  }

  /** The same, with a reason that is made when it is needed: an error's stack costs more than a whole short stream. */
  release(makeReason: () => unknown): void {
    this.#status = 'released';
    this.#makeReason = makeReason;
    this.#rejectPending();
  }

  #rejectPending(): void {
    const deferred = this.#deferred;
    this.#deferred = undefined;
    if (deferred === undefined) this.#promise = undefined;
    else rejectHandled(deferred, this.#takeReason());
  }

  #takeReason(): unknown {
    return this.#makeReason === undefined ? this.#reason : this.#makeReason();
  }

  /** The promise; the same one until it is replaced. */
  get promise(): Promise<undefined> {
    return (this.#promise ??= this.#make());
  }

  #make(): Promise<undefined> {
    if (this.#status === 'fulfilled') return PromiseResolve(undefined);
    const deferred = new Deferred<undefined>();
    if (this.#status === 'pending') this.#deferred = deferred;
    else rejectHandled(deferred, this.#takeReason());
    return deferred.promise;
  }
}

function rejectHandled(deferred: Deferred<undefined>, reason: unknown): void {
  markHandled(deferred.promise);
  deferred.reject(reason);
}
