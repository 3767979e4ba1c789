/** The second argument of postMessage: a sequence of objects, or a dictionary that has one. */

import { SymbolIterator } from '../primordials.ts';
import { isObject, toDictionary, toSequence } from '../webidl.ts';

/** The objects to transfer. https://html.spec.whatwg.org/#structuredserializeoptions */
export function toTransferList(options: unknown, where: string): readonly unknown[] {
  if (isObject(options) && hasIterator(options)) return toSequence(options, `${where}: transfer`);
  const transfer = toDictionary<{ transfer: unknown }>(options, where)?.transfer;
  return transfer === undefined ? [] : toSequence(transfer, `${where}: transfer`);
}

function hasIterator(value: object): boolean {
  const method = (value as Partial<Iterable<unknown>>)[SymbolIterator] as unknown;
  return method !== undefined && method !== null;
}
