/** Built-in modules: what `import ... from 'cloudflare:workers'` gives. The bundler knows their export names (src/bundle). */

import { ObjectCreate } from '../primordials.ts';
import { defineValue } from '../lazy.ts';
import { extendLifetime } from './context.ts';

/** The exports of a built-in module, or undefined for what is none. */
export function builtinModule(specifier: string, env: object): object | undefined {
  return specifier === 'cloudflare:workers' || specifier === 'nanod:workers' ? workersModule(env) : undefined;
}

function workersModule(env: object): object {
  const exports = ObjectCreate(null) as object;
  defineValue(exports, 'env', env, true);
  defineValue(exports, 'waitUntil', (promise: unknown) => extendLifetime(promise), true);
  return exports;
}
