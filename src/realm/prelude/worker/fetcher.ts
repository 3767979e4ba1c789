/**
 * The object behind a service binding: `env.SERVICE`. It has `fetch`, and any other name is a method of the service. A method that has been
 * looked up is kept on an object between the binding and its class, where the engine finds it as fast as any method.
 */

import { fetchTarget } from '../fetch/fetch-target.ts';
import type { Response } from '../fetch/response.ts';
import { defineValue } from '../lazy.ts';
import {
  ObjectCreate,
  ObjectFreeze,
  PromiseReject,
  ProxyCtor,
  ReflectGet,
  ReflectGetPrototypeOf,
  ReflectHas,
  ReflectSetPrototypeOf,
} from '../primordials.ts';
import { brandService } from '../rpc/stub-brand.ts';
import type { Socket } from '../sockets/socket.ts';
import type { TargetState } from '../state.ts';
import { defineInterface, illegalConstructor, illegalInvocation, isObject } from '../webidl.ts';

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);
/** Methods that one binding remembers. */
const MOST_METHODS = 1000;

let lookUp: (fetcher: object, name: string) => unknown;

/** The service behind a binding; undefined for what is none. */
export let fetcherTarget: (value: unknown) => TargetState | undefined;

export class Fetcher {
  #target: TargetState;
  /** Its name, for messages. */
  #label: string;
  #methods = 0;

  constructor(token: unknown = undefined, target: TargetState | undefined = undefined, label = '') {
    if (token !== INTERNAL) throw illegalConstructor();
    this.#target = target as TargetState;
    this.#label = label;
  }

  /** Calls the service. https://fetch.spec.whatwg.org/#fetch-method */
  fetch(input: unknown, init: unknown = undefined): Promise<Response> {
    return #target in this ? fetchTarget(this.#target, input, init) : PromiseReject(illegalInvocation());
  }

  /** Opens a connection to the service. https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/ */
  connect(address: unknown, options: unknown = undefined): Socket {
    return require('../sockets/connect.ts').connectTo(this.#target, address, options);
  }

  static {
    lookUp = (fetcher, name) => {
      if (!(#target in fetcher)) return undefined;
      const { Called } = require('../rpc/called.ts');
      const { newProperty } = require('../rpc/caller.ts');
      const { counts } = fetcher.#target;
      const property = newProperty(new Called(fetcher.#target, name, `${fetcher.#label}.${name}`, counts));
      if (fetcher.#methods++ < MOST_METHODS)
        defineValue(ReflectGetPrototypeOf(fetcher) as object, name, property);
      return property;
    };
    fetcherTarget = (value) => (isObject(value) && #target in value ? value.#target : undefined);
  }
}
defineInterface(Fetcher, 'Fetcher');

const { fetch } = Fetcher.prototype;

/** A binding is no promise, so it has no `then`. */
const anyMethod = new ProxyCtor(
  ObjectCreate(Fetcher.prototype) as object,
  {
    __proto__: null,
    get(target: object, key: string | symbol, receiver: unknown): unknown {
      if (typeof key === 'symbol' || key === 'then' || ReflectHas(target, key))
        return ReflectGet(target, key, receiver);
      return isObject(receiver) ? lookUp(receiver, key) : undefined;
    },
  } as ProxyHandler<object>,
);

/** A binding to a service. `label`: its name, for messages. */
export function newFetcher(target: TargetState, label = 'service'): Fetcher {
  const fetcher = new Fetcher(INTERNAL, target, label);
  const methods = ObjectCreate(anyMethod) as object;
  defineValue(methods, 'fetch', fetch);
  ReflectSetPrototypeOf(fetcher, methods);
  brandService(fetcher, target);
  return fetcher;
}
