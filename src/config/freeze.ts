/** Deep freezing of plain data. Pure; runs in the supervisor. */

/** Freezes a tree of plain objects and arrays in place, and returns it. Its depth is bounded by whoever built it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
