/**
 * The operations that the host has under way for this realm, by number: the host holds no promise and no function of a worker
 * (HARDENING R11). When the realm goes they are forgotten, and nothing of a worker runs for them any more.
 */

import {
  MapCtor,
  MapPrototypeClear,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
} from '../primordials.ts';

/** Takes what the host gives, except for the number. Must not throw. */
export type Settle = (error: string, text: string, first: unknown, second: unknown) => void;

let operations: Map<number, Settle> | undefined;
let onForget: (() => void) | undefined;
let lastId = 0;

/** Gives an operation its number. */
export function addInFlight(settle: Settle): number {
  const id = ++lastId;
  MapPrototypeSet((operations ??= new MapCtor<number, Settle>()), id, settle);
  return id;
}

/** The operation of that number, which is over; undefined where it was forgotten. */
export function takeInFlight(id: number): Settle | undefined {
  if (operations === undefined) return undefined;
  const settle = MapPrototypeGet(operations, id);
  MapPrototypeDelete(operations, id);
  return settle;
}

/** `callback` tells the host. */
export function whenForgotten(callback: () => void): void {
  onForget = callback;
}

/** Forgets everything. */
export function forgetInFlight(): void {
  onForget?.();
  if (operations !== undefined) MapPrototypeClear(operations);
}
