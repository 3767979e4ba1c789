/** The types of bindings that are objects with methods, services aside. Types only. */

/** A `memoryCache` binding. */
export interface MemoryCache {
  /** What is kept under the key; `undefined` where nothing is. Keys have at most 2,048 bytes in UTF-8. */
  read(key: string): Promise<unknown>;
  /**
   * What is kept under the key, or else what `compute` gives, which is then kept. `expiration`: milliseconds since the epoch. Over all
   * threads one computation of a key is under way at a time.
   */
  read<Value>(
    key: string,
    compute: (key: string) => MemoryCacheResult<Value> | Promise<MemoryCacheResult<Value>>,
  ): Promise<Value>;
  delete(key: string): void;
}

/** A `ratelimit` binding. */
export interface RateLimit {
  /** Counts a call under the key, and says whether it is within the limit. */
  limit(options: { readonly key: string }): Promise<{ success: boolean }>;
}

/** A `versionMetadata` binding. */
export interface WorkerVersionMetadata {
  readonly id: string;
  readonly tag: string;
  /** ISO 8601. */
  readonly timestamp: string;
}

/** What a computation for a MemoryCache gives. */
export interface MemoryCacheResult<Value> {
  readonly value: Value;
  readonly expiration?: number | undefined;
}
