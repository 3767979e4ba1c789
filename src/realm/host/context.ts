/**
 * Asynchronous contexts for realms, on the host's AsyncLocalStorage: it follows through realms, promises and timers, and carries one token.
 * What a token stands for is known to the prelude that opened it alone (prelude/nodejs/async-context.ts). Runs in a thread.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextHost, ContextToken } from '../prelude/host-api.ts';

/** A record without properties, whose prototype leads nowhere. A class, because a literal without a prototype is slower to make. */
class Token implements ContextToken {}
delete (Token.prototype as { constructor?: unknown }).constructor;
Object.freeze(Object.setPrototypeOf(Token.prototype, null));

/** The context area; one serves all realms of a thread. */
export function makeContextHost(): ContextHost {
  const storage = new AsyncLocalStorage<ContextToken | undefined>();
  return Object.freeze<ContextHost>({
    open: () => new Token(),
    current: () => storage.getStore(),
    run: (token, enter) => storage.run(token, enter),
    enter: (token) => storage.enterWith(token),
  });
}
