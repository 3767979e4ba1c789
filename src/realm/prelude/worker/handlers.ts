/** Brings a request to the worker's handler and its response back. */

import {
  PromisePrototype,
  PromisePrototypeThen,
  ReflectApply,
  ReflectGetPrototypeOf,
  StringPrototypeToLowerCase,
  TypeErrorCtor,
} from '../primordials.ts';
import { isReported, toErrorState } from '../errors/error-state.ts';
import { incomingRequest, type Request } from '../fetch/request.ts';
import { isResponse, responseState } from '../fetch/response.ts';
import { guarded } from '../host.ts';
import type { CallState, ErrorState, RequestState, WebSocketState } from '../state.ts';
import { isObject } from '../webidl.ts';
import { newExecutionContext } from './context.ts';
import type { WorkerExports } from './module-scope.ts';
import { enlist, unlist } from './pending-requests.ts';

const neutral = guarded($host.neutral);
const host = guarded($host.realm);

/** What a realm does with a request. May throw; may return a promise. */
export type FetchHandler = (request: Request, entrypoint: string, props: string) => unknown;

/** The handler of a module worker: `export default { fetch }`, a class of that shape, or a named export like these. */
export function moduleHandler(worker: WorkerExports, env: object): FetchHandler {
  const main = worker.getters['default'];
  return (request, entrypoint, props) => {
    const getter = entrypoint === 'default' ? main : worker.getters[entrypoint];
    const exported = getter === undefined ? undefined : getter();
    const context = newExecutionContext(props);
    const handlers: unknown =
      typeof exported === 'function'
        ? new (exported as new (context: unknown, env: unknown) => object)(context, env)
        : exported;
    const handler = isObject(handlers) ? (handlers as { fetch?: unknown }).fetch : undefined;
    if (typeof handler !== 'function') throw new MissingHandler(entrypoint);
    return ReflectApply(handler as (...args: unknown[]) => unknown, handlers, [request, env, context]);
  };
}

let missingEntrypoint: (error: unknown) => string | undefined;

/** There is nobody to answer. */
export class MissingHandler {
  #entrypoint: string;

  constructor(entrypoint: string) {
    this.#entrypoint = entrypoint;
  }

  static {
    missingEntrypoint = (error) => (isObject(error) && #entrypoint in error ? error.#entrypoint : undefined);
  }
}

/**
 * Runs the handler and settles the call, whatever happens. Throws near stack overflow, where there is no room to say so: the guard of
 * the caller, further up the stack, answers for this call then.
 */
export function answer(
  handler: FetchHandler,
  entrypoint: string,
  props: string,
  state: RequestState,
  call: CallState,
): void {
  let response;
  try {
    response = handler(incomingRequest(state, call), entrypoint, props);
  } catch (error) {
    fail(call, error);
    return;
  }
  if (isResponse(response)) {
    settleAtOnce(response, call);
    return;
  }
  enlist(call);
  try {
    if (isObject(response) && ReflectGetPrototypeOf(response) === PromisePrototype)
      settleLater(response as Promise<unknown>, call);
    else void settleWith(response, call);
  } catch (error) {
    if (unlist(call)) fail(call, error);
  }
}

/** A handler that waits for nothing costs no promise. */
function settleAtOnce(result: unknown, call: CallState): void {
  try {
    const response = responseState(result);
    if (response === undefined) throw new TypeErrorCtor('The fetch handler did not return a Response.');
    if (response.webSocket !== undefined) requireUpgrade(call.request, response.webSocket);
    call.settle(call, response, undefined);
  } catch (error) {
    fail(call, error);
  }
}

function settleLater(promise: Promise<unknown>, call: CallState): void {
  PromisePrototypeThen(
    promise,
    (result) => {
      if (unlist(call)) settleAtOnce(result, call);
    },
    (error) => {
      if (unlist(call)) fail(call, error);
    },
  );
}

/** Whatever else a handler returns: `await` knows what to do with it. What needed less stack than the handler had does not overflow. */
async function settleWith(result: unknown, call: CallState): Promise<void> {
  let answered: unknown;
  try {
    answered = await result;
  } catch (error) {
    if (unlist(call)) fail(call, error);
    return;
  }
  if (unlist(call)) settleAtOnce(answered, call);
}

/** Throws a TypeError where a WebSocket answers a request that asked for none. */
function requireUpgrade({ headers }: RequestState, webSocket: WebSocketState): void {
  if (
    StringPrototypeToLowerCase(require('../fetch/headers.ts').rawHeader(headers, 'upgrade') ?? '') ===
    'websocket'
  )
    return;
  webSocket.drop(1006, '');
  throw new TypeErrorCtor('A WebSocket answers only a request with the header "Upgrade: websocket".');
}

function fail(call: CallState, error: unknown): void {
  call.settle(call, undefined, failureOf(error, call));
}

/** The error for the caller; it is reported here, where it arose. */
function failureOf(error: unknown, call: CallState): ErrorState {
  const missing = missingEntrypoint(error);
  if (missing !== undefined) {
    const what = missing === 'default' ? 'a default export' : `an export "${missing}"`;
    const message = `The worker has no fetch handler: it needs ${what} with a fetch method.`;
    return neutral.error('error', 'Error', message, '', 'WORKER_NO_HANDLER');
  }
  const state = toErrorState(error);
  if (!isReported(error) && !isGivenUp(state, call))
    host.uncaught('fetch', state.name, state.message, state.stack);
  return state;
}

/** Whether the handler failed because the caller, or the client, had gone. */
function isGivenUp(state: ErrorState, { aborted }: CallState): boolean {
  if (state.code === 'CLIENT_GONE') return true;
  return aborted !== undefined && state.name === aborted.name && state.message === aborted.message;
}
