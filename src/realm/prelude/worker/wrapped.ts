/**
 * Wrapped bindings: what a function of an extension makes of inner bindings, which nothing else of the realm can reach. The bundle calls
 * `$nanod.wrap` once for each, before any code of the worker has run, in the order in which `env` was built (those within others first).
 */

import { newBareArray } from '../bare-array.ts';
import { defineValue } from '../lazy.ts';
import { ReflectApply, TypeErrorCtor } from '../primordials.ts';
import { toUnsigned } from '../webidl.ts';

interface Expected {
  readonly env: object;
  readonly name: string;
  readonly inner: object;
}

const expected = newBareArray<Expected | undefined>();

/** `env[name]` waits for its function, which is to be given `inner`. */
export function expectWrapped(env: object, name: string, inner: object): void {
  expected[expected.length] = { env, name, inner };
}

/** Calls the function of a binding, once. Throws what it throws. */
export function wrap(index: unknown, make: unknown): void {
  const at = toUnsigned(index, 32);
  const binding = expected[at];
  if (binding !== undefined) expected[at] = undefined;
  if (binding === undefined) throw new TypeErrorCtor('There is no wrapped binding to be made.');
  const { env, name, inner } = binding;
  if (typeof make !== 'function') {
    throw new TypeErrorCtor(
      `The wrapped binding "${name}" needs a function, which its module does not export.`,
    );
  }
  defineValue(env, name, ReflectApply(make as (env: object) => unknown, undefined, [inner]), true);
}
