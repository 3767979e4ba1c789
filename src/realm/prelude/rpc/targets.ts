/** The classes that a worker extends to be called by others: what `cloudflare:workers` exports. */

import { ObjectFreeze, ObjectPrototype, ReflectGetPrototypeOf } from '../primordials.ts';
import { defineInterface, isObject } from '../webidl.ts';

let hasBrand: (value: object) => boolean;

/** An object that is passed by reference: whoever receives it gets a stub, and calls its methods through that. */
export class RpcTarget {
  #brand = true;

  static {
    hasBrand = (value) => #brand in value && value.#brand;
  }
}
defineInterface(RpcTarget, 'RpcTarget');

let isInstance: (value: object) => boolean;

/** The base class of entrypoints. Each call is served by a fresh instance. */
export class WorkerEntrypoint {
  #brand = true;
  ctx: unknown;
  env: unknown;

  constructor(ctx: unknown = undefined, env: unknown = undefined) {
    this.ctx = ctx;
    this.env = env;
  }

  static {
    isInstance = (value) => #brand in value && value.#brand;
  }
}
defineInterface(WorkerEntrypoint, 'WorkerEntrypoint');

const targetPrototype = RpcTarget.prototype as object;
const entrypointPrototype = WorkerEntrypoint.prototype as object;
ObjectFreeze(targetPrototype);
ObjectFreeze(entrypointPrototype);

/** Whether the value is passed by reference. */
export function isRpcTarget(value: object): boolean {
  return hasBrand(value);
}

export function isWorkerEntrypoint(value: unknown): value is WorkerEntrypoint {
  return isObject(value) && isInstance(value);
}

/** Whether an export is a class that extends WorkerEntrypoint. */
export function isEntrypointClass(value: unknown): value is new (ctx: unknown, env: unknown) => object {
  if (typeof value !== 'function') return false;
  for (let link: object | null = value; link !== null; link = ReflectGetPrototypeOf(link)) {
    if (link === WorkerEntrypoint) return true;
  }
  return false;
}

/** Whether the search for a method ends here: what these prototypes hold belongs to no worker's class. */
export function isBasePrototype(prototype: object): boolean {
  return prototype === targetPrototype || prototype === entrypointPrototype || prototype === ObjectPrototype;
}
