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
  WeakSetCtor,
  WeakSetPrototypeAdd,
  WeakSetPrototypeHas,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import type { ErrorState } from '../state.ts';
import { describeError } from './describe.ts';
import { isObject } from '../webidl.ts';
import { isDOMException } from './dom-exception-brand.ts';

const neutral = guarded($host.neutral);

/** Text of any value that was thrown. Never throws and never runs the worker's code past this call. */
export function toErrorState(value: unknown): ErrorState {
  const { name, message, stack } = describeError(value);
  const kind = isDOMException(value) ? 'domexception' : 'error';
  const state = neutral.error(kind, name, message, stack, codeOf(value));
  WeakMapPrototypeSet(origins, state, value);
  return state;
}

/** What this realm's states were made of: an error that comes back is the one that left, to the realm that it left. */
const origins = new WeakMapCtor<ErrorState, unknown>();

/** Codes of the errors that came with one: nobody can forge them, and an error that is thrown on keeps its own. */
const codes = new WeakMapCtor<object, string>();
/** Errors of calls, which were reported where they arose. */
const reported = new WeakSetCtor<object>();

function codeOf(value: unknown): string {
  return (isObject(value) ? WeakMapPrototypeGet(codes, value) : undefined) ?? '';
}

/** The error of a call that failed. */
export function fromFailure(state: ErrorState): unknown {
  const error = fromErrorState(state);
  if (state.code === '' && isObject(error)) WeakSetPrototypeAdd(reported, error);
  return error;
}

/** Whether the value came out of a call, and the service that was called has reported it. */
export function isReported(value: unknown): boolean {
  return isObject(value) && WeakSetPrototypeHas(reported, value);
}

/** An error of this realm. Its stack is the remote one: the place where the error arose. */
export function fromErrorState(state: ErrorState): unknown {
  if (WeakMapPrototypeHas(origins, state)) return WeakMapPrototypeGet(origins, state);
  if (state.kind === 'domexception')
    return require('./dom-exception.ts').newDOMException(state.message, state.name);
  const ctor = constructorFor(state.name);
  const error = new ctor(state.message);
  if (ctor === ErrorCtor && state.name !== 'Error') defineHidden(error, 'name', state.name);
  if (state.code !== '') {
    defineHidden(error, 'code', state.code);
    WeakMapPrototypeSet(codes, error, state.code);
  }
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
