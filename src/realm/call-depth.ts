/** How deep calls are nested on this thread: numbers that every prelude of the thread counts (prelude/rpc/depth.ts). */

/** Element 0: the depth on the stack. Element 1: calls that are served and wait. */
export const callDepth = new Int32Array(2);
