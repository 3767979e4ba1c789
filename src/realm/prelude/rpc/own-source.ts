/** What this realm lets others know about its values. */

import { Copier } from '../clone/copier.ts';
import { dataProperty } from '../clone/copy-error.ts';
import { stackOf } from '../errors/describe.ts';
import type { Kind } from '../clone/kinds.ts';
import { kindOf } from '../clone/kinds.ts';
import { toErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import {
  ArrayIsArray,
  ArrayPrototype,
  MapCtor,
  MapPrototypeGet,
  MapPrototypeSet,
  ObjectPrototype,
  ReflectGetPrototypeOf,
  StringCtor,
} from '../primordials.ts';
import type { ErrorState, TargetState } from '../state.ts';
import { links } from './links.ts';
import type { EncodedState, ExportState, MarkerState, ValueSource } from './rpc-state.ts';

const rpc = guarded($host.rpc);
const neutral = guarded($host.neutral);
/** Near stack overflow it throws an error of the host: whoever calls the functions of this module takes nothing from what they throw. */
const { isProxy } = $host.values;

/** A proxy has no copy, unless it is a stub; none of its traps is run. */
function kindHere(value: object): Kind {
  if (typeof value === 'function') return 'function';
  if (isProxy(value)) return 'exotic';
  // Most values are of these two kinds.
  const prototype = ReflectGetPrototypeOf(value);
  if (prototype === ObjectPrototype) return 'plain';
  return prototype === ArrayPrototype && ArrayIsArray(value) ? 'array' : kindOf(value);
}

function exportHere(value: object, kind: 'error' | 'function' | 'platform'): ExportState | undefined {
  if (kind === 'error') return undefined;
  try {
    return links.exportValue(value, kind);
  } catch {
    return undefined; // a body that was read, a stream that is locked: it cannot cross
  }
}

/** The source of all values of this realm. */
export const ownSource: ValueSource = rpc.source(kindHere, exportHere, encode);

/**
 * A copy of the value in this realm, which no worker ever sees, with markers for what is more than data. Errors are markers too: they
 * hold their fields.
 */
function encode(value: unknown, root: string): EncodedState | ErrorState {
  try {
    return encodeWith(value, root);
  } catch (error) {
    return toErrorState(error);
  }
}

/**
 * The same for a value that outlives what it belongs to: no streams, requests, stubs and the like, but services, each by the way that `serviceOf`
 * gives. Throws a DataCloneError.
 */
export function encodeLasting(
  value: unknown,
  root: string,
  serviceOf: (target: TargetState) => TargetState,
): EncodedState {
  return encodeWith(value, root, (state) => {
    if (state.kind === 'service')
      return rpc.exported('service', '', serviceOf(state.value as TargetState), '', undefined);
    return isLasting(state.kind) ? state : undefined;
  });
}

/** What the structured clone algorithm copies as well. */
function isLasting(kind: ExportState['kind']): boolean {
  return kind === 'blob' || kind === 'domexception' || kind === 'file';
}

function encodeWith(
  value: unknown,
  root: string,
  accept: (state: ExportState) => ExportState | undefined = (state) => state,
): EncodedState {
  const known = new MapCtor<object, ExportState>();
  let markers: MarkerState | undefined;
  const mark = (state: ExportState): object => {
    const marker = {};
    MapPrototypeSet(known, marker, state);
    markers = rpc.marker(marker, state, markers);
    return marker;
  };
  const copier = new Copier(
    {
      kindOf: kindHere,
      wholeErrors: true,
      openErrors: true,
      copyPlatform(object, kind) {
        const state = exportHere(object, kind);
        const accepted = state && accept(state);
        return accepted && mark(accepted);
      },
      errorOf: (error) => mark(rpc.exported('error', '', textsOf(error), '', undefined)),
    },
    root,
  );
  const copy = copier.copyAll(value);
  const source: ValueSource = rpc.source(
    (object) => {
      const state = MapPrototypeGet(known, object);
      if (state === undefined) return kindOf(object);
      return state.kind === 'error' ? 'error' : 'platform';
    },
    (object) => MapPrototypeGet(known, object),
    () => rpc.encoded(copy, source, markers), // nobody else has it: it is its own copy
  );
  return rpc.encoded(copy, source, markers);
}

/** Name, message and stack of an error that crosses with its fields. */
function textsOf(error: object): ErrorState {
  const name: unknown = (error as { name?: unknown }).name;
  const message = dataProperty(error, 'message');
  return neutral.error(
    'error',
    typeof name === 'string' ? name : 'Error',
    message === undefined ? '' : StringCtor(message.value),
    stackOf(error) ?? '',
    '',
  );
}
