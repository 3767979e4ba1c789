/** `inspect` for messages of errors: its code, which is most of what a small module would hold, is loaded when one is made. */

/** As util.inspect. */
export function inspect(value: unknown, options?: object): string {
  return require('./inspect.ts').inspect(value, options);
}
