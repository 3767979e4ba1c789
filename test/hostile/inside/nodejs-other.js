/** A service with asynchronous contexts of its own: it does what it can to those of its callers. */

import { AsyncLocalStorage } from 'node:async_hooks';

const als = new AsyncLocalStorage();

export default {
  fetch(request, env) {
    const seen = als.getStore();
    const { pathname } = new URL(request.url);
    // In the same turn as the caller.
    als.enterWith('other');
    if (pathname === '/inner') return env.ATTACKER.fetch('http://x/');
    if (pathname === '/stream') {
      const body = new ReadableStream({
        pull(controller) {
          als.enterWith('pulled');
          controller.enqueue(new TextEncoder().encode(`${seen},${als.getStore()}`));
          controller.close();
        },
      });
      return new Response(body);
    }
    request.signal.addEventListener('abort', () => als.enterWith('aborted'));
    return pathname === '/wait' ? new Promise(() => {}) : new Response(`${seen},${als.getStore()}`);
  },
};
