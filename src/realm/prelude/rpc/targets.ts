/** The classes that a worker extends to be called by others: what `cloudflare:workers` exports. */

import { ObjectFreeze, ObjectPrototype, ReflectGetPrototypeOf } from '../primordials.ts';
import { guarded } from '../host.ts';
import { defineInterface, isObject } from '../webidl.ts';

const { isProxy } = guarded($host.values);

let hasBrand: (value: object) => boolean;

/** An object that is passed by reference: whoever receives it gets a stub, and calls its methods through that. */
export class RpcTarget {
  #brand = true;

  static {
    hasBrand = (value) => #brand in value && value.#brand;
  }
}
defineInterface(RpcTarget, 'RpcTarget');

/**
 * The base class of entrypoints. Each call is served by a fresh instance, which is why it has no private field: that would take longer than
 * all the rest of it (bench/rpc.ts).
 */
export class WorkerEntrypoint {
  declare ctx: unknown;
  declare env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
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
  return isObject(value) && !isProxy(value) && inherits(value, entrypointPrototype);
}

function inherits(value: object, ancestor: object): boolean {
  let link = ReflectGetPrototypeOf(value);
  while (link !== null && link !== ancestor && !isProxy(link)) link = ReflectGetPrototypeOf(link);
  return link === ancestor;
}

/** Whether an export is a class that extends WorkerEntrypoint. */
export function isEntrypointClass(value: unknown): value is new (ctx: unknown, env: unknown) => object {
  return typeof value === 'function' && (value === WorkerEntrypoint || inherits(value, WorkerEntrypoint));
}

/** Whether the search for a method ends here: what these prototypes hold belongs to no worker's class. */
export function isBasePrototype(prototype: object): boolean {
  return prototype === targetPrototype || prototype === entrypointPrototype || prototype === ObjectPrototype;
}
