/** WebAssembly for tests. */

/** Base64 of a module that exports `f`, a function that returns 42. */
export const answerModule = 'AGFzbQEAAAABBQFgAAF/AwIBAAcFAQFmAAAKBgEEAEEqCw==';
