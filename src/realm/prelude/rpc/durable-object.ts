/**
 * The base class of Durable Objects, which have no storage in this version: a module that declares one can be evaluated and type-checked, and
 * its other entrypoints work. Whoever calls a Durable Object is told.
 */

import { ErrorCtor, ReflectGetPrototypeOf } from '../primordials.ts';
import { defineInterface, isObject } from '../webidl.ts';
import { isExecutionContext } from '../worker/context.ts';

export class DurableObject {
  ctx: unknown;
  env: unknown;

  /** Throws where nanod itself makes one, to serve a request with it. */
  constructor(ctx: unknown = undefined, env: unknown = undefined) {
    if (isObject(ctx) && isExecutionContext(ctx)) throw new ErrorCtor(unavailable);
    this.ctx = ctx;
    this.env = env;
  }
}
defineInterface(DurableObject, 'DurableObject');

/** What is said to whoever calls one. */
export const unavailable =
  'Durable Objects are not available in this version of nanod: a class that extends DurableObject cannot be called.';

/** Whether an export is a class that extends DurableObject. */
export function isDurableObjectClass(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  for (let link: object | null = value; link !== null; link = ReflectGetPrototypeOf(link))
    if (link === DurableObject) return true;
  return false;
}
