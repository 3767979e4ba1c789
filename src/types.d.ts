/** `nanod/types`: the globals of a worker, and the types of its handlers and bindings. */
/// <reference path="./worker-globals.d.ts" />
/// <reference path="./workers-module.d.ts" />

export type * from './worker-types.js';
