/** Brings a connection to the worker's `connect` handler. The connection ends with the handler, which fails it by throwing. */

import {
  PromisePrototypeThen,
  PromiseResolve,
  ReflectApply,
  ReflectConstruct,
  StringPrototypeSlice,
  TypeErrorCtor,
} from '../primordials.ts';
import { isReported, toErrorState } from '../errors/error-state.ts';
import { rawHeader } from '../fetch/headers.ts';
import { guarded } from '../host.ts';
import type { CallState, RequestState } from '../state.ts';
import { isObject } from '../webidl.ts';
import { newExecutionContext } from '../worker/context.ts';
import { loadedWorker } from '../worker/loader.ts';
import { Link } from './link.ts';
import { newSocket } from './socket.ts';

const neutral = guarded($host.neutral);
const host = guarded($host.realm);

function noTls(): never {
  throw new TypeErrorCtor('startTls: the connection came from the other side.');
}

/** Settles the call, whatever happens; with what leaves as soon as the handler has begun. Throws near stack overflow only. */
export function answerConnection(
  entrypoint: string,
  props: string,
  state: RequestState,
  call: CallState,
): void {
  const { url, headers, body } = state;
  const arriving = typeof body === 'object' ? body.source : undefined;
  let link;
  let result;
  try {
    const run = findHandler(entrypoint, props);
    if (run === undefined || arriving === undefined) {
      const what = entrypoint === 'default' ? 'a default export' : `an export "${entrypoint}"`;
      const message = `The worker has no connect handler: it needs ${what} with a connect method.`;
      call.settle(call, undefined, neutral.error('error', 'Error', message, '', 'WORKER_NO_HANDLER'));
      return;
    }
    const secureTransport = rawHeader(headers, 'secure-transport') === 'on' ? 'on' : 'off';
    link = new Link({ secureTransport, allowHalfOpen: true, highWaterMark: undefined });
    link.open(arriving, {
      remoteAddress: rawHeader(headers, 'remote-address'),
      localAddress: rawHeader(headers, 'local-address') ?? StringPrototypeSlice(url, 6),
    });
    result = run(newSocket(link, noTls));
  } catch (error) {
    report(error);
    link?.abort(error);
    call.settle(call, undefined, toErrorState(error));
    return;
  }
  const answered = neutral.response(200, '', '', neutral.streamBody(link.leaving, -1));
  call.settle(call, answered, undefined);
  endWith(link, result);
}

/** Undefined where there is none. */
function findHandler(entrypoint: string, props: string): ((socket: object) => unknown) | undefined {
  const worker = loadedWorker();
  const getter = worker?.exports?.getters[entrypoint];
  const exported = getter === undefined ? undefined : getter();
  const env = worker?.env;
  const context = newExecutionContext(props);
  const handlers: unknown =
    typeof exported === 'function' ? ReflectConstruct(exported, [context, env]) : exported;
  const handler = isObject(handlers) ? (handlers as { connect?: unknown }).connect : undefined;
  if (typeof handler !== 'function') return undefined;
  return (socket) =>
    ReflectApply(handler as (...args: unknown[]) => unknown, handlers, [socket, env, context]);
}

function endWith(link: Link, result: unknown): void {
  const failed = (error: unknown): void => {
    report(error);
    link.abort(error);
  };
  try {
    PromisePrototypeThen(PromiseResolve(result), () => void link.close(), failed);
  } catch (error) {
    failed(error); // a getter of what was returned threw
  }
}

function report(error: unknown): void {
  if (isReported(error)) return;
  const { name, message, stack } = toErrorState(error);
  host.uncaught('connect', name, message, stack);
}
