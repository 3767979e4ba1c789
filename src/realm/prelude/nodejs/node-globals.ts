/** The globals of Node.js, for workers with the flag. Each loads its module at its first use. */

import { defineLazyGlobal, defineValue } from '../lazy.ts';
import { globalObject } from '../primordials.ts';
import type { RealmConfig } from '../worker/config.ts';

/** Defines them. */
export function installNodeGlobals(config: RealmConfig): void {
  const load = (name: string): Record<string, unknown> =>
    require('./node-modules.ts').nodeModule(name, config) as Record<string, unknown>;
  defineValue(globalObject, 'global', globalObject);
  defineLazyGlobal('Buffer', () => load('buffer')['Buffer']);
  defineLazyGlobal('process', () => load('process'));
  defineLazyGlobal('setImmediate', () => load('timers')['setImmediate'], true);
  defineLazyGlobal('clearImmediate', () => load('timers')['clearImmediate'], true);
}
