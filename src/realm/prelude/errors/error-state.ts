/** Errors across a boundary: a thrown value becomes text in its own realm, and an error of the receiving realm from that text. */

import {
  ErrorCaptureStackTrace,
  ErrorCtor,
  EvalErrorCtor,
  RangeErrorCtor,
  ReferenceErrorCtor,
  ReflectDefineProperty,
  SyntaxErrorCtor,
  TypeErrorCtor,
  URIErrorCtor,
  WeakMapCtor,
  WeakMapPrototypeGet,
  WeakMapPrototypeHas,
  WeakMapPrototypeSet,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import type { ErrorState } from '../state.ts';
import { describeError } from './describe.ts';
import { isDOMException, newDOMException } from './dom-exception.ts';

const neutral = guarded($host.neutral);

/** Text of any value that was thrown. Never throws and never runs the worker's code past this call. */
export function toErrorState(value: unknown): ErrorState {
  const { name, message, stack } = describeError(value);
  const state = neutral.error(isDOMException(value) ? 'domexception' : 'error', name, message, stack, '');
  WeakMapPrototypeSet(origins, state, value);
  return state;
}

/** What this realm's states were made of: an error that comes back is the one that left, to the realm that it left. */
const origins = new WeakMapCtor<ErrorState, unknown>();

/** An error of this realm. Its stack is the remote one: the place where the error arose. */
export function fromErrorState(state: ErrorState): unknown {
  if (WeakMapPrototypeHas(origins, state)) return WeakMapPrototypeGet(origins, state);
  if (state.kind === 'domexception') return newDOMException(state.message, state.name);
  const ctor = constructorFor(state.name);
  const error = new ctor(state.message);
  if (ctor === ErrorCtor && state.name !== 'Error') defineHidden(error, 'name', state.name);
  if (state.code !== '') defineHidden(error, 'code', state.code);
  if (state.stack !== '') defineHidden(error, 'stack', state.stack);
  else ErrorCaptureStackTrace(error, fromErrorState);
  return error;
}

function constructorFor(name: string): ErrorConstructor {
  switch (name) {
    case 'TypeError':
      return TypeErrorCtor;
    case 'RangeError':
      return RangeErrorCtor;
    case 'SyntaxError':
      return SyntaxErrorCtor;
    case 'ReferenceError':
      return ReferenceErrorCtor;
    case 'EvalError':
      return EvalErrorCtor;
    case 'URIError':
      return URIErrorCtor;
    default:
      return ErrorCtor;
  }
}

function defineHidden(target: object, key: string, value: unknown): void {
  ReflectDefineProperty(target, key, {
    __proto__: null,
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  } as PropertyDescriptor);
}
