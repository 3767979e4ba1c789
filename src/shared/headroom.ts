/**
 * Whether the stack has room. What a worker calls may run at the very end of the stack and be cut short in the middle, and what it had
 * begun on structures that all services of a thread share would stay half done: so whoever changes such a structure asks first.
 */

const { apply } = Reflect;

/** As arguments of a call they take 16 KB of stack, which V8 looks for before it makes the call. */
const arguments16k: readonly undefined[] = Object.freeze(new Array<undefined>(2048).fill(undefined));

/** The same for 128 KB. */
const arguments128k: readonly undefined[] = Object.freeze(new Array<undefined>(16_384).fill(undefined));

function nothing(): void {}

/** Throws a RangeError where less than 16 KB of stack are left. Takes about a microsecond: too long for a call from realm to realm. */
export function assertHeadroom(): void {
  apply(nothing, undefined, arguments16k);
}

/** Throws a RangeError where less than 128 KB of stack are left: for code that is evaluated once, and could not be again. */
export function assertWideHeadroom(): void {
  apply(nothing, undefined, arguments128k);
}
