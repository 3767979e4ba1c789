/** ErrorEvent and PromiseRejectionEvent. https://html.spec.whatwg.org/#runtime-script-errors */

import { TypeErrorCtor } from '../primordials.ts';
import {
  defineInterface,
  isObject,
  requireArguments,
  toDictionary,
  toDOMString,
  toOptional,
  toUnsigned,
  toUSVString,
} from '../webidl.ts';
import { Event } from './event.ts';

interface ErrorEventInit {
  message: unknown;
  filename: unknown;
  lineno: unknown;
  colno: unknown;
  error: unknown;
}

/** The five arguments of `onerror`, or undefined for what is no ErrorEvent of this realm. */
export let errorEventParts: (event: object) => [string, string, number, number, unknown] | undefined;

/** https://html.spec.whatwg.org/#errorevent */
export class ErrorEvent extends Event {
  readonly #message: string;
  readonly #filename: string;
  readonly #lineno: number;
  readonly #colno: number;
  readonly #error: unknown;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ErrorEvent constructor');
    super(type, init);
    const given = toDictionary<ErrorEventInit>(init, 'ErrorEvent constructor');
    // In the order of Web IDL, which is observable.
    this.#colno = toUnsigned(given?.colno ?? 0, 32);
    this.#error = given?.error;
    this.#filename = toOptional(given?.filename, toUSVString, '');
    this.#lineno = toUnsigned(given?.lineno ?? 0, 32);
    this.#message = toOptional(given?.message, toDOMString, '');
  }

  get message(): string {
    return this.#message;
  }

  get filename(): string {
    return this.#filename;
  }

  get lineno(): number {
    return this.#lineno;
  }

  get colno(): number {
    return this.#colno;
  }

  get error(): unknown {
    return this.#error;
  }

  static {
    errorEventParts = (event) => {
      if (!(#message in event)) return undefined;
      return [event.#message, event.#filename, event.#lineno, event.#colno, event.#error];
    };
  }
}

defineInterface(ErrorEvent, 'ErrorEvent');

interface PromiseRejectionEventInit {
  promise: unknown;
  reason: unknown;
}

/** https://html.spec.whatwg.org/#promiserejectionevent */
export class PromiseRejectionEvent extends Event {
  readonly #promise: object;
  readonly #reason: unknown;

  constructor(type: unknown, init: unknown) {
    const where = 'PromiseRejectionEvent constructor';
    requireArguments(arguments.length, 2, where);
    super(type, init);
    const given = toDictionary<PromiseRejectionEventInit>(init, where);
    const promise = given?.promise;
    if (!isObject(promise)) throw new TypeErrorCtor(`${where}: promise is not an object.`);
    this.#promise = promise;
    this.#reason = given?.reason;
  }

  get promise(): object {
    return this.#promise;
  }

  get reason(): unknown {
    return this.#reason;
  }
}

defineInterface(PromiseRejectionEvent, 'PromiseRejectionEvent');
