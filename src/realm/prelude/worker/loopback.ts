/** `ctx.exports`: bindings of a worker to its own entrypoints, which need no configuration. */

import { fetchTarget } from '../fetch/fetch-target.ts';
import { guarded } from '../host.ts';
import { defineValue } from '../lazy.ts';
import { JSONStringify, ObjectCreate, ProxyCtor, ReflectGet, TypeErrorCtor } from '../primordials.ts';
import { brandService } from '../rpc/stub-brand.ts';
import { isObject } from '../webidl.ts';
import { newFetcher } from './fetcher.ts';
import { loadedWorker, whenLoaded } from './loader.ts';

const host = guarded($host.realm);

let members: object | undefined;

/** One member for each export of the worker. */
export function loopbackExports(): object {
  if (members !== undefined) return members;
  const object = ObjectCreate(null) as object;
  members = object;
  whenLoaded(() => {
    const names = loadedWorker()?.exports?.names ?? [];
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      defineValue(object, name, newLoopback(name), true);
    }
  });
  return object;
}

/** A binding that can be called with `{ props }`, for one with props. */
function newLoopback(entrypoint: string): object {
  const target = host.loopback(entrypoint, '');
  const label = `exports.${entrypoint}`;
  const fetcher = newFetcher(target, label);
  const fetch = (input: unknown, init: unknown): Promise<unknown> => fetchTarget(target, input, init);
  const loopback = new ProxyCtor(() => undefined, {
    __proto__: null,
    get: (_target: object, key: string | symbol) =>
      key === 'fetch' ? fetch : (ReflectGet(fetcher, key) as unknown),
    apply: (_target: object, _self: unknown, args: unknown[]) =>
      newFetcher(host.loopback(entrypoint, propsOf(args[0])), label),
  } as ProxyHandler<() => undefined>);
  brandService(loopback, target);
  return loopback;
}

function propsOf(options: unknown): string {
  const props = isObject(options) ? (options as { props?: unknown }).props : undefined;
  if (props === undefined) return '';
  const json: unknown = JSONStringify(props);
  if (!isObject(props) || typeof json !== 'string')
    throw new TypeErrorCtor('ctx.exports: props is not an object that JSON can hold.');
  return json;
}
