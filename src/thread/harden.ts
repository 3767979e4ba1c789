/** Hardens a pool thread before any realm exists (HARDENING R16 to R18, R21). R15 is a flag of the whole process. */

import process from 'node:process';
import { freezeIntrinsics } from './freeze-intrinsics.ts';

/** What a thread does with an error that nobody caught. */
export interface UncaughtHooks {
  readonly onUncaughtException: () => void;
  /** Must hand both on to the realm that they belong to, and look at neither. */
  readonly onUnhandledRejection: (promise: object, reason: unknown) => void;
  /** A promise of the function above was handled after all. The same holds for it. */
  readonly onRejectionHandled: (promise: object) => void;
}

export function hardenThread(hooks: UncaughtHooks): void {
  // The handlers never look at their arguments: an inspected value could run a worker's code with host objects in its hands (R17).
  process.on('uncaughtException', () => hooks.onUncaughtException());
  process.on('unhandledRejection', (reason, promise) => hooks.onUnhandledRejection(promise, reason));
  process.on('rejectionHandled', (promise) => hooks.onRejectionHandled(promise));
  removeAmbientPowers();
  freezeIntrinsics();
}

/** What leaked code could do the most harm with. Everything the thread itself needs was imported before. */
function removeAmbientPowers(): void {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  const powers = ['getBuiltinModule', 'binding', '_linkedBinding', 'dlopen', 'kill', 'abort', 'reallyExit'];
  for (const name of powers) {
    if (!Reflect.deleteProperty(process, name)) throw new Error(`process.${name} cannot be removed`);
  }
}
