/**
 * Compiled, never run (`npm run check -- cloudflare-types`): a worker written against @cloudflare/workers-types, whose types are global, with a
 * name or two of nanod's own beside them.
 */

import type { ExportedHandler as NanodHandler } from 'nanod';

interface Env {
  readonly OTHER: Fetcher;
  readonly NAME: string;
}

export default {
  async fetch(request, env, ctx) {
    ctx.waitUntil(scheduler.wait(5));
    const { readable, writable } = new FixedLengthStream(5);
    void request.body?.pipeTo(writable);
    const answer = await env.OTHER.fetch('http://other/', { method: 'POST', body: readable });
    return Response.json({ name: env.NAME, id: crypto.randomUUID(), answer: await answer.text() });
  },
} satisfies ExportedHandler<Env>;

/** The same shape is an entrypoint of nanod's types. */
export const Admin = {
  fetch: (request: Request, env: Env) => new Response(`${request.method} ${env.NAME}`),
} satisfies NanodHandler<Env>;
