/** What these modules get from the realm (src/realm/prelude/nodejs/node-modules.ts): the one free variable of the script. */
declare const $powers: import('./powers.ts').Powers;

/** The bundler's lazy import: evaluates the module at the call. */
declare function require(path: './inspect.ts'): typeof import('./util/inspect.ts');
declare function require(path: string): { readonly default: object };
