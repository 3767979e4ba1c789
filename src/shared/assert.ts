/** Ends an exhaustive `switch`: a value that the types rule out. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
