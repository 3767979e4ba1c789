/** The third argument of a handler. */

import {
  JSONParse,
  ObjectCreate,
  ObjectFreeze,
  PromisePrototypeThen,
  PromiseResolve,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import { defineInterface, illegalConstructor, requireArguments } from '../webidl.ts';
import { reportException } from '../errors/report.ts';

const host = guarded($host.realm);
const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

/** What a handler may ask of its invocation beside its arguments. */
export class ExecutionContext {
  #props: unknown;

  constructor(token: unknown = undefined, props = '') {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#props = props;
  }

  /** What the caller's configuration says to this entrypoint; an empty object where it says nothing. */
  get props(): unknown {
    if (typeof this.#props === 'string') this.#props = JSONParse(this.#props === '' ? '{}' : this.#props);
    return this.#props;
  }

  /** Lets the promise outlive the response. A rejection is reported, and fails nothing. */
  waitUntil(promise: unknown): void {
    void this.#props;
    requireArguments(arguments.length, 1, 'ExecutionContext.waitUntil');
    extendLifetime(promise);
  }

  /** For compatibility: there is no origin to pass a failed request through to. */
  passThroughOnException(): void {
    void this.#props;
  }
}
defineInterface(ExecutionContext, 'ExecutionContext');

/** `props`: JSON, or ''. */
export function newExecutionContext(props: string): ExecutionContext {
  return new ExecutionContext(INTERNAL, props);
}

/** Keeps the worker alive until the promise settles. */
export function extendLifetime(promise: unknown): void {
  host.pending(1);
  PromisePrototypeThen(
    PromiseResolve(promise),
    () => host.pending(-1),
    (reason) => {
      host.pending(-1);
      reportException(reason, 'waitUntil');
    },
  );
}
