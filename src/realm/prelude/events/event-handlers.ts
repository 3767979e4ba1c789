/** Event handler attributes: `onabort`, `onmessage`, ... https://html.spec.whatwg.org/#event-handler-idl-attributes */

import { ReflectDefineProperty, ReflectGetOwnPropertyDescriptor } from '../primordials.ts';
import { illegalInvocation } from '../webidl.ts';
import { handlerOf, setHandler } from './event-target.ts';

/**
 * Defines one attribute on a prototype: `defineEventHandler(AbortSignal.prototype, 'abort', isAbortSignal)`. `isReceiver` is the
 * brand check of the interface; `onSet` is called after the attribute was set.
 */
export function defineEventHandler(
  prototype: object,
  type: string,
  isReceiver: (value: unknown) => boolean,
  onSet: ((target: object) => void) | undefined = undefined,
): void {
  const name = `on${type}`;
  const accessor = {
    get [name](): unknown {
      if (!isReceiver(this)) throw illegalInvocation();
      return handlerOf(this, type);
    },
    set [name](value: unknown) {
      if (!isReceiver(this)) throw illegalInvocation();
      setHandler(this, type, value);
      onSet?.(this);
    },
  };
  const descriptor = ReflectGetOwnPropertyDescriptor(accessor, name) as PropertyDescriptor;
  ReflectDefineProperty(prototype, name, { __proto__: null, ...descriptor } as PropertyDescriptor);
}
