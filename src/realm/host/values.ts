/**
 * Questions about a value that the language itself does not answer. Runs in a thread, in the host realm. The value passes through to
 * a native predicate, which reads nothing of it and keeps nothing.
 */

import { types } from 'node:util';
import type { ValuesHost } from '../prelude/host-api.ts';

const { isProxy } = types;

export function makeValuesHost(): ValuesHost {
  return Object.freeze({ isProxy: (value: unknown) => isProxy(value) });
}
