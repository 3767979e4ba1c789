/** Services and bindings as a program holds them. */

import type { Binding } from '../config/types.ts';
import type { Designator, ThreadClient } from './thread-client.ts';

/** Gives a way to a thread that has the service. */
export type FindThread = (service: string) => ThreadClient;

/** A service: `fetch`, and any other name is a method of it. */
export interface ServiceStub {
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  readonly [method: string]: (...args: never[]) => Promise<unknown>;
}

/** A stub is no promise, and no one looks for methods by symbols. */
export function makeStub(to: Designator, find: FindThread): object {
  const fetch: ServiceStub['fetch'] = (input, init) => fetchFrom(find(to.service), to, input, init);
  const methods = new Map<string, unknown>([['fetch', fetch]]);
  return new Proxy(Object.create(null) as object, {
    get(_target, key) {
      if (typeof key === 'symbol' || key === 'then') return undefined;
      const known = methods.get(key);
      if (known !== undefined) return known;
      const method = (...args: readonly unknown[]): Promise<unknown> => find(to.service).call(to, key, args);
      methods.set(key, method);
      return method;
    },
  });
}

/** `cf`: what the worker finds as `request.cf`. */
export function fetchFrom(
  thread: ThreadClient,
  to: Designator,
  input: string | URL | Request,
  init?: RequestInit & { readonly cf?: unknown },
): Promise<Response> {
  const { cf, ...rest } = init ?? {};
  const hasOwnBody = rest.body !== undefined && rest.body !== null;
  const isStream = rest.body instanceof ReadableStream || (input instanceof Request && !hasOwnBody);
  const request = new Request(input, isStream ? { ...rest, duplex: 'half' } : rest);
  return thread.fetch(to, request, cf === undefined ? '' : JSON.stringify(cf), !isStream);
}

/** The env of a worker, for a program. What only a realm can hold fails when it is read. */
export function makeEnv(bindings: readonly Binding[], find: FindThread): object {
  const env = {};
  for (const binding of bindings) {
    let known: { readonly value: unknown } | undefined;
    Object.defineProperty(env, binding.name, {
      enumerable: true,
      get: () => (known ??= { value: valueOf(binding, find) }).value,
    });
  }
  return env;
}

function valueOf(binding: Binding, find: FindThread): unknown {
  switch (binding.kind) {
    case 'text':
    case 'fromEnvironment':
      return binding.text;
    case 'json':
      return JSON.parse(binding.json);
    case 'data':
      return new Uint8Array(Buffer.from(binding.base64, 'base64')).buffer;
    case 'wasmModule':
      return new WebAssembly.Module(Buffer.from(binding.base64, 'base64'));
    case 'service': {
      const { service, entrypoint = 'default', props = '' } = binding;
      return makeStub({ service, entrypoint, props }, find);
    }
    default:
      throw new TypeError(
        `the binding "${binding.name}" is of the kind ${binding.kind}, which only its worker can use`,
      );
  }
}
