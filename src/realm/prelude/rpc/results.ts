/** What happens to the stubs that come with a result: they go when the result is disposed, at the latest with the request. */

import { guarded } from '../host.ts';
import { ReflectDefineProperty, SymbolDispose } from '../primordials.ts';
import { isObject } from '../webidl.ts';
import type { Reception } from './receive.ts';
import { capOfStub } from './stub-brand.ts';

const realm = guarded($host.realm);

/** Makes the result disposable, and lets go of its stubs at the end of the request. `label`: what was called. */
export function attachStubs(result: unknown, reception: Reception, label: string): void {
  if (isObject(result) && capOfStub(result) === undefined) {
    ReflectDefineProperty(result, SymbolDispose, {
      __proto__: null,
      value: () => reception.release(),
      writable: true,
      enumerable: false,
      configurable: true,
    } as PropertyDescriptor);
  }
  realm.atRequestEnd(() => {
    if (reception.leftover()) realm.leak(label);
    reception.release();
  });
}
