/** The ports that are packages of npm, and bring no types of their own or other ones than are needed here. */

declare module 'buffer/' {
  export const Buffer: import('./buffer.ts').BufferConstructor;
  export const INSPECT_MAX_BYTES: number;
}

declare module 'readable-stream/lib/stream.js' {
  const stream: import('./stream/types.ts').StreamModule;
  export default stream;
}

declare module 'path-browserify' {
  const path: Record<string, unknown>;
  export default path;
}

declare module 'assert/build/assert.js' {
  const assert: ((value: unknown, message?: unknown) => void) & Record<string, unknown>;
  export default assert;
}

declare module 'assert/build/internal/util/comparisons.js' {
  const comparisons: {
    readonly isDeepEqual: (a: unknown, b: unknown) => boolean;
    readonly isDeepStrictEqual: (a: unknown, b: unknown) => boolean;
  };
  export default comparisons;
}

declare module 'unenv/node/punycode' {
  const punycode: Record<string, unknown>;
  export default punycode;
}

declare module 'unenv/node/querystring' {
  export const decode: unknown;
  export const encode: unknown;
  export const escape: unknown;
  export const parse: unknown;
  export const stringify: unknown;
  export const unescape: unknown;
  export const unescapeBuffer: unknown;
}

declare module 'unenv/node/url' {
  export const Url: unknown;
  export const domainToUnicode: (domain: string) => string;
  export const fileURLToPath: unknown;
  export const format: unknown;
  export const parse: unknown;
  export const pathToFileURL: unknown;
  export const resolve: unknown;
  export const resolveObject: unknown;
  export const urlToHttpOptions: unknown;
}
