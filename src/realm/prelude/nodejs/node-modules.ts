/**
 * The modules of Node.js in this realm. Their code (src/nodejs/) is a script of its own, which runs at the first use, with the rights of
 * worker code: it gets the functions below and nothing else, and each of them is safe in the hands of a worker.
 */

import {
  MapCtor,
  MapPrototypeGet,
  MapPrototypeSet,
  ObjectCreate,
  ObjectFreeze,
  ObjectPrototype,
} from '../primordials.ts';
import { reportException } from '../errors/report.ts';
import { guarded } from '../host.ts';
import { defineValue } from '../lazy.ts';
import type { BindingConfig, RealmConfig } from '../worker/config.ts';
import { currentFrame, enterFrame, runInFrame } from './async-context.ts';
import { hashingPowers } from './hashing.ts';

const realm = guarded($host.realm);
const values = guarded($host.values);

type Load = (name: string) => object | undefined;

let load: Load | undefined;
const loaded = new MapCtor<string, object>();

/**
 * What `require(name)` gives in Node.js: `name` is without `node:`. Undefined for what is not offered. Throws a RangeError near stack
 * overflow.
 */
export function nodeModule(name: string, config: RealmConfig): object | undefined {
  const known = MapPrototypeGet(loaded, name);
  if (known !== undefined) return known;
  // Asked every time, because it asks for headroom: a module that is cut short while it is evaluated is lost to the realm.
  const start = realm.nodeScript() as (powers: object) => Load;
  load ??= start(makePowers(config));
  const found = load(name);
  if (found !== undefined) MapPrototypeSet(loaded, name, found);
  return found;
}

function makePowers(config: RealmConfig): object {
  const powers = ObjectCreate(null) as object;
  defineValue(powers, 'version', config.nodejs);
  defineValue(powers, 'env', environment(config.bindings));
  defineValue(powers, 'currentFrame', () => currentFrame());
  defineValue(powers, 'runInFrame', runInFrame);
  defineValue(powers, 'enterFrame', enterFrame);
  defineValue(powers, 'hashing', hashingPowers());
  defineValue(powers, 'isProxy', (value: unknown) => values.isProxy(value));
  defineValue(powers, 'report', (error: unknown) => reportException(error, 'nextTick'));
  return ObjectFreeze(powers);
}

/** The bindings that are strings, for `process.env`. */
function environment(bindings: readonly BindingConfig[]): object {
  const env = ObjectCreate(ObjectPrototype) as object;
  for (let i = 0; i < bindings.length; i++) {
    const binding = bindings[i] as BindingConfig;
    if (binding.kind === 'text') defineValue(env, binding.name, binding.text, true);
  }
  return env;
}
