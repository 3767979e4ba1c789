/** How deep calls are nested on the stack of this thread: one number that every prelude of the thread counts. */

/** Element 0 is the depth. */
export const callDepth = new Int32Array(1);
