/** What needs no copy. */

/** Whether the value is the same in every realm: a primitive, symbols excepted, which stay at home. */
export function isPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case 'object':
      return value === null;
    case 'function':
    case 'symbol':
      return false;
    default:
      return true;
  }
}
