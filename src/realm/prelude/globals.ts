/**
 * The globals of a realm. Each is loaded at its first use: `require` is the bundler's, and runs the module then. A module that is
 * needed before worker code runs is imported statically instead.
 */

import { defineLazyGlobal } from './lazy.ts';

/** Defines every lazy global of the realm. */
export function installGlobals(): void {
  // Keep these in the order of the folders; one line per global.
}
export { defineLazyGlobal };
