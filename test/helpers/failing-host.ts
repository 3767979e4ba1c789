/** A prelude whose host functions throw an error of the host when the realm's code tells them to: `hostFails(n)`, from the nth call on. */

import vm, { type Context, type Script } from 'node:vm';
import type { HostApi } from '../../src/realm/prelude/host-api.ts';
import { alteredPrelude } from './altered-prelude.ts';

type AnyFunction = (...args: unknown[]) => unknown;

/** The switch is the realm's own, so that it is no escape itself. */
const installSwitch = `(() => {
  let left = Infinity;
  Object.defineProperty(globalThis, 'hostFails', { value: (count) => { left = count; }, configurable: true });
  return () => left-- <= 0;
})()`;

/** Host functions that give functions of the host, in a record. */
const records: ReadonlySet<string> = new Set([
  'compression.open',
  'html.open',
  'realm.loopback',
  'realm.target',
]);

export interface FailingHost {
  readonly prelude: Script;
  /** Functions that have failed, as `area.name`. */
  readonly failed: Set<string>;
}

export async function failingHost(): Promise<FailingHost> {
  const failed = new Set<string>();
  const switches = new WeakMap<Context, () => boolean>();
  const prelude = await alteredPrelude({
    before: (context) => switches.set(context, vm.runInContext(installSwitch, context) as () => boolean),
    host: (host, context) => failingApi(host, switches.get(context) ?? (() => false), failed),
  });
  return { prelude, failed };
}

function failingApi(host: HostApi, isFailing: () => boolean, failed: Set<string>): object {
  const wrap = (fn: AnyFunction, where: string): AnyFunction => {
    return (...args) => {
      if (isFailing()) {
        failed.add(where);
        throw new TypeError('an error of the host');
      }
      const result = fn(...args);
      return records.has(where) && typeof result === 'object' ? wrapAll(result as object, where) : result;
    };
  };
  const wrapValue = (value: unknown, where: string): unknown =>
    typeof value === 'function' ? wrap(value as AnyFunction, where) : value;
  const wrapAll = (area: object, where: string): object => {
    if (ArrayBuffer.isView(area)) return area; // the depth of calls: a number in memory of the host
    const entries = Object.entries(area as Record<string, unknown>);
    return Object.freeze({
      __proto__: null,
      ...Object.fromEntries(entries.map(([name, value]) => [name, wrapValue(value, `${where}.${name}`)])),
    });
  };
  const areas = Object.entries(host as unknown as Record<string, object>);
  return Object.freeze(Object.fromEntries(areas.map(([name, area]) => [name, wrapAll(area, name)])));
}

/** Every host function there is, as `area.name`. */
export function hostFunctions(host: object): string[] {
  return Object.entries(host as Record<string, object>)
    .filter(([, functions]) => !ArrayBuffer.isView(functions))
    .flatMap(([area, functions]) => Object.keys(functions).map((name) => `${area}.${name}`));
}
