/** The third argument of a handler. */

import {
  JSONParse,
  ObjectCreate,
  ObjectFreeze,
  PromisePrototypeThen,
  PromiseResolve,
} from '../primordials.ts';
import { guarded } from '../host.ts';
import { links } from '../rpc/links.ts';
import { defineInterface, illegalConstructor, requireArguments } from '../webidl.ts';
import type { AbortSignal } from '../events/abort-signal.ts';
import { reportException } from '../errors/report.ts';

const host = guarded($host.realm);
const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

let abandon: (context: ExecutionContext) => void;

/** Whether nanod has made it for a handler. */
export let isExecutionContext: (value: object) => boolean;

/** Nobody waits for what is done in this context. */
export function abandonContext(context: ExecutionContext): void {
  abandon(context);
}

/** What a handler may ask of its invocation beside its arguments. */
export class ExecutionContext {
  #props: unknown;
  #signal: AbortSignal | undefined = undefined;
  #isAbandoned = false;

  constructor(token: unknown = undefined, props = '') {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#props = props;
  }

  /** What the caller's configuration says to this entrypoint; an empty object where it says nothing. */
  get props(): unknown {
    if (typeof this.#props === 'string') this.#props = JSONParse(this.#props === '' ? '{}' : this.#props);
    return this.#props;
  }

  /** Bindings to the worker's own entrypoints. */
  get exports(): object {
    void this.#props;
    return links.loopbackExports();
  }

  /** Aborted when the caller of a method no longer waits for its result. */
  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal;
    const { newAbortSignal } = require('../events/abort-signal.ts');
    const signal = (this.#signal = newAbortSignal());
    if (this.#isAbandoned) this.#abort(signal);
    return signal;
  }

  #abort(signal: AbortSignal): void {
    const { newDOMException } = require('../errors/dom-exception.ts');
    const reason = newDOMException('The caller no longer waits for the result.', 'AbortError');
    require('../events/abort-signal.ts').abortSignal(signal, reason);
  }

  static {
    isExecutionContext = (value) => #props in value;
    abandon = (context) => {
      context.#isAbandoned = true;
      if (context.#signal !== undefined) context.#abort(context.#signal);
    };
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
