/**
 * The built-in modules that worker code can import, and what they export. Data: the bundler makes a virtual module of each, and the prelude
 * provides the values at run time through `$nanod.builtin(specifier)`.
 */

import { isNodeSpecifier, nodeExports } from './node-modules.ts';

/** One export of a built-in module. */
export interface BuiltinExport {
  readonly name: string;
  /** Whether the prelude provides it. Importing another one is an error at bundle time. */
  readonly available: boolean;
}

function exportsOf({
  available,
  planned,
}: {
  available: string[];
  planned: string[];
}): readonly BuiltinExport[] {
  return Object.freeze([
    ...available.map((name) => Object.freeze({ name, available: true })),
    ...planned.map((name) => Object.freeze({ name, available: false })),
  ]);
}

/** By specifier. */
export const builtinModules: ReadonlyMap<string, readonly BuiltinExport[]> = new Map([
  [
    'cloudflare:workers',
    exportsOf({
      available: [
        'DurableObject',
        'RpcPromise',
        'RpcProperty',
        'RpcStub',
        'RpcTarget',
        'WorkerEntrypoint',
        'env',
        'exports',
        'waitUntil',
      ],
      planned: ['withEnv'],
    }),
  ],
  ['cloudflare:sockets', exportsOf({ available: ['connect'], planned: [] })],
]);

/** The prefixes of built-in specifiers. Modules of Node.js, which go without a prefix too, have a table of their own. */
export const builtinPrefixes = Object.freeze(['cloudflare', 'nanod', 'workerd']);

/** The names that a built-in module exports now. Empty for a module that is known and not available, or not known. */
export function availableExports(specifier: string): readonly string[] {
  if (isNodeSpecifier(specifier)) return nodeExports(specifier);
  return (builtinModules.get(specifier) ?? []).filter((each) => each.available).map((each) => each.name);
}

/** The built-in modules of which anything is available. */
export function availableModules(): readonly string[] {
  return [...builtinModules.keys()].filter((specifier) => availableExports(specifier).length > 0);
}
