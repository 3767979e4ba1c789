/** Tests that a worker exports: `export default { async test(controller, env, ctx) { … } }`, and named exports like it. */

import { toErrorState } from '../errors/error-state.ts';
import { ObjectCreate, ObjectFreeze, ReflectApply } from '../primordials.ts';
import type { Loaded } from '../realm-entry.ts';
import { defineInterface, illegalConstructor, isObject } from '../webidl.ts';
import { newExecutionContext } from './context.ts';
import type { LoadedWorker } from './loader.ts';

const INTERNAL = ObjectFreeze(ObjectCreate(null) as object);

/** The first argument of a test. As in workerd, nothing can be asked of it yet. */
export class TestController {
  constructor(token: unknown = undefined) {
    if (token !== INTERNAL) throw illegalConstructor();
  }
}
defineInterface(TestController, 'TestController');

type Handler = (...args: unknown[]) => unknown;
type HandlerClass = new (context: unknown, env: unknown) => object;

/** Says the name of each export that has a test, the default one first. An export that cannot be read has none. */
export function eachTest({ exports }: LoadedWorker, found: (entrypoint: string) => void): void {
  if (exports === undefined) return; // a classic script has no exports
  const { getters, names } = exports;
  if (isTest(getters['default'])) found('default');
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (name !== 'default' && isTest(getters[name])) found(name);
  }
}

/** Runs the test of an export; `done` hears of its end once. The caller has an outer catch. */
export async function runTest(
  { exports, env }: LoadedWorker,
  entrypoint: string,
  done: Loaded,
): Promise<void> {
  try {
    const exported = exports?.getters[entrypoint]?.();
    const context = newExecutionContext('');
    const handlers: unknown =
      typeof exported === 'function' ? new (exported as HandlerClass)(context, env) : exported;
    const { test } = handlers as { readonly test: Handler };
    await ReflectApply(test, handlers, [new TestController(INTERNAL), env, context]);
  } catch (error) {
    done(toErrorState(error));
    return;
  }
  done(undefined);
}

function isTest(getter: (() => unknown) | undefined): boolean {
  try {
    const exported = getter?.();
    const handlers: unknown =
      typeof exported === 'function' ? (exported as { prototype?: unknown }).prototype : exported;
    return isObject(handlers) && typeof (handlers as { test?: unknown }).test === 'function';
  } catch {
    return false;
  }
}
