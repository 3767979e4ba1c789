/** A service that walks everything it is given, and answers with what is not its own. */

import { nameOf, Walker } from './walker.js';

/** What happened in calls that were aborted, until somebody asks. */
let late = '';

async function report(walker) {
  await walker.finish(5);
  return walker.problems;
}

export default {
  async fetch(request, env, ctx, ...more) {
    const walker = new Walker();
    const { pathname } = new URL(request.url);
    if (pathname === '/late') {
      const text = late;
      late = '';
      return new Response(text);
    }
    walker.add(request, 'request');
    walker.add(env, 'env');
    walker.add(ctx, 'ctx');
    walker.add(more, 'more');
    walker.add(this, 'this');
    if (pathname === '/wait') {
      request.signal.addEventListener('abort', async function (event) {
        walker.add([this, event, event.target.reason], 'abort');
        late += await report(walker);
      });
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    if (pathname === '/throw') throw Object.assign(new RangeError(await report(walker)), { extra: {} });
    try {
      if (pathname === '/read') {
        for await (const chunk of request.body ?? []) walker.add([chunk, chunk.buffer], 'chunk');
      } else walker.add(await request.text(), 'text');
    } catch (error) {
      walker.add(error, 'error of the body');
      if (!(error instanceof Error)) walker.problem(`the body failed with ${nameOf(String(error))}`);
    }
    return new Response(await report(walker));
  },
};
