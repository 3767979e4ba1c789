/** structuredClone of the realm. https://html.spec.whatwg.org/#dom-structuredclone */

import { copyDOMException, type DOMException, isDOMException } from '../errors/dom-exception.ts';
import { guarded } from '../host.ts';
import { requireArguments, toDictionary, toSequence } from '../webidl.ts';
import { Copier } from './copier.ts';
import type { CopySource } from './copy-source.ts';
import { kindOf } from './kinds.ts';
import { cloneStepsOf, registerSerializable } from './registry.ts';
import { type ClonedMessage, cloneWithTransfer } from './transfer.ts';

const values = guarded($host.values);

/** Values of this realm. A proxy has no clone, and none of its traps is run. */
const thisRealm: CopySource = {
  kindOf: (value) => (values.isProxy(value) ? 'exotic' : kindOf(value)),
  copyPlatform: (value, kind) => (kind === 'platform' ? cloneStepsOf(value)?.(value) : undefined),
  wholeErrors: false,
};

registerSerializable(isDOMException, (source) => copyDOMException(source as DOMException));

/** Clones a value of this realm within it. Throws a DataCloneError that says where the value stands that cannot be cloned. */
export function structuredClone(value: unknown, options: unknown = undefined): unknown {
  requireArguments(arguments.length, 1, 'structuredClone');
  const transfer = toDictionary<{ transfer: unknown }>(options, 'structuredClone: options')?.transfer;
  return cloneValue(value, transfer === undefined ? [] : toSequence(transfer, 'structuredClone: transfer'));
}

/** The same for other modules: `list` holds the objects to transfer. */
export function cloneValue(value: unknown, list: readonly unknown[]): unknown {
  return cloneForPort(value, list).data;
}

/** The same for a message, with the objects that were transferred. */
export function cloneForPort(value: unknown, list: readonly unknown[]): ClonedMessage {
  if (list.length > 0) return cloneWithTransfer(value, list, thisRealm, 'value');
  return { data: new Copier(thisRealm, 'value').copyAll(value), moved: undefined };
}
