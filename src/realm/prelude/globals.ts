/**
 * The globals of a realm. Each is loaded at its first use (load-global.ts). A module that is needed before worker code runs is imported
 * statically instead.
 */

import { installGlobalScope } from './events/lazy-scope.ts';
import { globalFetch } from './fetch/global-fetch.ts';
import { Request } from './fetch/request.ts';
import { Response } from './fetch/response.ts';
import { enumerableGlobals, hiddenGlobals, type LazyGlobal } from './global-names.ts';
import { defineLazyGlobals, defineValue } from './lazy.ts';
import { globalObject } from './primordials.ts';

/** Defines every global of the realm. */
export function installGlobals(): void {
  defineLazyGlobals(hiddenGlobals, load, false);
  defineLazyGlobals(enumerableGlobals, load, true);
  installGlobalScope();
  defineValue(globalObject, 'Request', Request);
  defineValue(globalObject, 'Response', Response);
  defineValue(globalObject, 'fetch', globalFetch, true);
}

function load(name: LazyGlobal): unknown {
  return require('./load-global.ts').loadGlobal(name);
}
