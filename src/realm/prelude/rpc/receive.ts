/**
 * Values that come in, from another realm or from this one: the receiver copies them at once, and gets stubs in the place of what
 * crosses by reference.
 */

import { Copier } from '../clone/copier.ts';
import { isPrimitive } from '../clone/primitive.ts';
import type { CopySource } from '../clone/copy-source.ts';
import { makeError } from '../clone/copy-error.ts';
import { isDOMException, newDOMException } from '../errors/dom-exception.ts';
import { fromErrorState } from '../errors/error-state.ts';
import { ErrorCtor, StringCtor } from '../primordials.ts';
import { isObject } from '../webidl.ts';
import { links, type StubKeeper } from './links.ts';
import type { AnswerState, ValueSource } from './rpc-state.ts';

/** A stub that came with a value, and those before it. */
export interface Received {
  readonly dispose: () => void;
  readonly isDisposed: () => boolean;
  readonly next: Received | undefined;
}

/** One value, or list of arguments, on its way in. */
export class Reception implements CopySource, StubKeeper {
  readonly kindOf: CopySource['kindOf'];
  readonly wholeErrors = true;
  readonly source: ValueSource;
  /** The stubs that it brings. */
  stubs: Received | undefined = undefined;

  constructor(source: ValueSource) {
    this.source = source;
    this.kindOf = source.kindOf;
  }

  copyPlatform(value: object, kind: 'function' | 'platform'): object | undefined {
    const state = this.source.exportValue(value, kind);
    return state === undefined ? undefined : links.importValue(state, this);
  }

  keep(dispose: () => void, isDisposed: () => boolean): void {
    this.stubs = { dispose, isDisposed, next: this.stubs };
  }

  errorOf(error: object): object {
    const state = this.source.exportValue(error, 'error');
    if (state === undefined) return makeError(error, true);
    return links.importError(state);
  }

  /** Whether somebody still holds any of them. */
  leftover(): boolean {
    for (let stub = this.stubs; stub !== undefined; stub = stub.next) if (!stub.isDisposed()) return true;
    return false;
  }

  /** Lets go of what has come so far. */
  release(): void {
    for (let stub = this.stubs; stub !== undefined; stub = stub.next) stub.dispose();
    this.stubs = undefined;
  }
}

/** Whether all of them do. */
export function arePlain(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) {
    if (!isPrimitive(values[i])) return false;
  }
  return true;
}

/** Arguments as an array of this realm. They are all plain. */
export function receivePlain(args: readonly unknown[]): unknown[] {
  const own: unknown[] = [];
  for (let i = 0; i < args.length; i++) own[i] = args[i];
  return own;
}

/** Arguments as an array of this realm. Throws a DataCloneError of this realm for what cannot cross. */
export function receiveArguments(args: readonly unknown[], reception: Reception): unknown[] {
  try {
    const own: unknown[] = [];
    const copier = new Copier(reception, 'args');
    for (let i = 0; i < args.length; i++) {
      const value = args[i];
      own[i] = isPrimitive(value) ? value : copier.copyItem(value, i);
    }
    return own;
  } catch (error) {
    throw refusal('args', reception, error);
  }
}

/** The result of a call, in this realm. Throws as receiveArguments. */
export function receiveValue(value: unknown, reception: Reception): unknown {
  if (isPrimitive(value)) return value;
  try {
    return new Copier(reception, 'result').copyAll(value);
  } catch (error) {
    throw refusal('result', reception, error);
  }
}

/** Of what reading a value of another realm throws, nothing gets here. */
function refusal(root: string, reception: Reception, error: unknown): unknown {
  reception.release();
  if (isDOMException(error)) return error;
  return newDOMException(`${root}: reading the value failed`, 'DataCloneError');
}

/** What a call failed with, as an error of this realm. `label`: what was called. */
export function receiveFailure(answer: AnswerState, label: string): unknown {
  const { failure, value, source } = answer;
  if (failure !== undefined) return fromErrorState(failure);
  if (typeof value === 'function') return thrownValue('a function', label);
  if (source === undefined || !isObject(value)) return thrownValue(value, label);
  const reception = new Reception(source);
  try {
    const error = receiveValue(value, reception);
    return isObject(error) ? error : thrownValue(error, label);
  } catch (error) {
    return error;
  }
}

/** Something that is no error was thrown. */
function thrownValue(value: unknown, label: string): Error {
  return new ErrorCtor(`${label} threw what is no error: ${StringCtor(value)}`);
}
