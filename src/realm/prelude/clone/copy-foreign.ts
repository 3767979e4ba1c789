/**
 * Copies a value of another realm into this one. The other realm's prelude hands over the value with a `CopySource` of its own, made
 * of its intrinsics; this realm's prelude makes the copy, so that the receiver gets nothing but objects of its own (HARDENING R14).
 */

import { isDOMException, newDOMException } from '../errors/dom-exception.ts';
import { Copier } from './copier.ts';
import type { CopySource } from './copy-source.ts';

/**
 * The copy. Throws a DataCloneError of this realm in every case: for what cannot cross, with its path from `root` ('args[0]'), and for
 * whatever a getter or a proxy of the other realm throws, of which nothing is taken.
 */
export function copyForeign(value: unknown, source: CopySource, root: string): unknown {
  try {
    return new Copier(source, root).copyAll(value);
  } catch (error) {
    if (isDOMException(error)) throw error;
    throw newDOMException(`${root}: reading the value failed`, 'DataCloneError');
  }
}
