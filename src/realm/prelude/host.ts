/**
 * Guards the host functions: an error of the host realm (only stack overflow can cause one) never gets past here, whatever the
 * worker was doing when it called (HARDENING R8).
 */

import {
  FunctionPrototypeBind,
  MapCtor,
  MapPrototypeGet,
  MapPrototypeSet,
  ObjectCreate,
  ObjectFreeze,
  RangeErrorCtor,
  ReflectOwnKeys,
} from './primordials.ts';

type Arg = never;
type HostFunction = (a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg, g: Arg) => unknown;

/** By area: many modules ask for the same ones, and every realm holds what was made for it (bench/realm.ts). */
const areas = new MapCtor<object, object>();

/**
 * The same functions, throwing a RangeError of this realm where the host's failed. Takes up to seven arguments. Call it once per area,
 * at the top of the module that uses it: `const clock = guarded($host.clock)`.
 */
export function guarded<Area extends object>(area: Area): Area {
  const known = MapPrototypeGet(areas, area);
  if (known !== undefined) return known as Area;
  const safe = ObjectCreate(null) as Record<PropertyKey, HostFunction>;
  const names = ReflectOwnKeys(area);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    safe[name] = FunctionPrototypeBind(call, (area as Record<string, HostFunction>)[name]) as HostFunction;
  }
  MapPrototypeSet(areas, area, ObjectFreeze(safe));
  return safe as Area;
}

/** Bound to a host function, which is its `this`: half of what a closure for each of them would cost every realm (bench/realm.ts). */
const { call } = {
  call(this: HostFunction, a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg, g: Arg): unknown {
    try {
      return this(a, b, c, d, e, f, g);
    } catch {
      throw new RangeErrorCtor('Maximum call stack size exceeded');
    }
  },
};
