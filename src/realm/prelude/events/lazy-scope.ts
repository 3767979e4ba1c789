/** Stand-ins on the global object for what events/global-scope.ts defines, so that a worker without events never loads it. */

import { defineValue } from '../lazy.ts';
import { globalObject, ReflectDefineProperty, ReflectGetOwnPropertyDescriptor } from '../primordials.ts';

/** Defines the event half of the global scope. */
export function installGlobalScope(): void {
  defineValue(globalObject, 'self', globalObject, true);
  defineGlobalHandler('error');
  defineGlobalHandler('unhandledrejection');
  defineGlobalHandler('rejectionhandled');
  defineGlobalHandler('fetch');
}

function defineGlobalHandler(type: string): void {
  const name = `on${type}`;
  const accessor = {
    get [name](): unknown {
      return require('./global-scope.ts').globalHandler(type);
    },
    set [name](value: unknown) {
      require('./global-scope.ts').setGlobalHandler(type, value);
    },
  };
  const descriptor = ReflectGetOwnPropertyDescriptor(accessor, name) as PropertyDescriptor;
  ReflectDefineProperty(globalObject, name, { __proto__: null, ...descriptor } as PropertyDescriptor);
}
