/** Workers in service-worker syntax: `addEventListener('fetch', (event) => event.respondWith(...))`, bindings as globals. */

import { ReflectOwnKeys, ReflectGet, globalObject } from '../primordials.ts';
import { defineValue } from '../lazy.ts';
import type { Request } from '../fetch/request.ts';
import { type FetchHandler, MissingHandler } from './handlers.ts';
import { extendLifetime } from './context.ts';

/** The handler of a classic script, and what has to be there before the script runs. */
export function serviceWorkerHandler(env: object): { handler: FetchHandler; install: () => void } {
  return { handler: dispatch, install: () => installBindings(env) };
}

function installBindings(env: object): void {
  const names = ReflectOwnKeys(env);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    defineValue(globalObject, name, ReflectGet(env, name), true);
  }
}

function dispatch(request: Request, entrypoint: string): unknown {
  const { dispatchFetchEvent } = require('../events/fetch-event.ts');
  const { responded, response } = dispatchFetchEvent(request, extendLifetime);
  if (!responded) throw new MissingHandler(entrypoint);
  return response;
}
