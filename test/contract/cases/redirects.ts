/** The caller follows redirects, or not, as its request says. */

import type { Case } from '../case.ts';

/** Answers `/<status>` with that status and a Location, and anything else with what it was sent. */
const redirecting: Case['callee'] = async (request) => {
  const { pathname } = new URL(request.url);
  const status = Number(pathname.split('/')[2]);
  if (status >= 300)
    return new Response('moved', {
      status,
      headers: { location: `../${pathname.split('/')[1]}/end?from=${status}` },
    });
  const names = ['content-type', 'content-length', 'x-kept'].filter((name) => request.headers.has(name));
  return Response.json({ method: request.method, body: await request.text(), names });
};

export const redirects: readonly Case[] = [
  {
    name: '301 and 302 turn POST into GET, 303 turns everything but HEAD into GET; 307 and 308 send the body again',
    callee: redirecting,
    caller: async ({ callee, url }) => {
      const send = async (method: string, status: number): Promise<unknown> => {
        const init = { method, body: 'sent', headers: { 'x-kept': '1', 'content-type': 'text/x-test' } };
        const response = await callee.fetch(url + status, init);
        const seen = (await response.json()) as { method: string; body: string; names: string[] };
        return `${method} ${status}: ${seen.method} ${seen.body} ${seen.names.join()}`;
      };
      const outcomes: unknown[] = [];
      for (const status of [301, 302, 303, 307, 308]) {
        for (const method of ['POST', 'PUT']) outcomes.push(await send(method, status));
      }
      return outcomes;
    },
    expected: [
      'POST 301: GET  x-kept',
      'PUT 301: PUT sent content-type,x-kept',
      'POST 302: GET  x-kept',
      'PUT 302: PUT sent content-type,x-kept',
      'POST 303: GET  x-kept',
      'PUT 303: GET  x-kept',
      'POST 307: POST sent content-type,x-kept',
      'PUT 307: PUT sent content-type,x-kept',
      'POST 308: POST sent content-type,x-kept',
      'PUT 308: PUT sent content-type,x-kept',
    ],
  },
  {
    name: 'a response that was reached by a redirect says so, and where it is from',
    callee: redirecting,
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(`${url}302`);
      const straight = await callee.fetch(`${url}end`);
      return [
        response.redirected,
        response.url === `${url}end?from=302`,
        straight.redirected,
        straight.url === `${url}end`,
      ];
    },
    expected: [true, true, false, true],
  },
  {
    name: 'bytes are sent again as well',
    callee: redirecting,
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(`${url}307`, {
        method: 'POST',
        body: new TextEncoder().encode('bytes'),
      });
      return ((await response.json()) as { body: string }).body;
    },
    expected: 'bytes',
  },
  {
    name: 'a streamed body cannot be sent again, and need not be for 303',
    callee: redirecting,
    caller: async ({ callee, url }) => {
      const send = (status: number): Promise<unknown> => {
        const body = ReadableStream.from(['part']).pipeThrough(new TextEncoderStream());
        const sent = callee.fetch(url + status, { method: 'POST', body, duplex: 'half' });
        return sent.then(
          (response) => response.status,
          (error: unknown) => error instanceof TypeError,
        );
      };
      return [await send(307), await send(308), await send(303)];
    },
    expected: [true, true, 200],
  },
  {
    name: 'redirect: manual gives the redirect itself',
    callee: redirecting,
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(`${url}302`, { redirect: 'manual' });
      return [
        response.status,
        response.headers.get('location')?.endsWith('/end?from=302'),
        await response.text(),
        response.redirected,
      ];
    },
    expected: [302, true, 'moved', false],
  },
  {
    name: 'redirect: error fails with a TypeError',
    callee: redirecting,
    caller: async ({ callee, url }) => {
      const error = await callee.fetch(`${url}302`, { redirect: 'error' }).catch((reason: unknown) => reason);
      const straight = await callee.fetch(`${url}end`, { redirect: 'error' });
      return [error instanceof TypeError, straight.status];
    },
    expected: [true, 200],
  },
  {
    name: 'a redirect without a Location is a response like others',
    callee: () => new Response('stays', { status: 302 }),
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(url);
      return [response.status, await response.text()];
    },
    expected: [302, 'stays'],
  },
  {
    name: 'a Location that is no URL, or none to go to, fails with a TypeError',
    callee: (request) =>
      new Response(null, { status: 302, headers: { location: request.headers.get('x-to') ?? '' } }),
    caller: async ({ callee, url }) => {
      const outcomes = ['http://', 'data:,x', 'javascript:1'].map(async (to) => {
        const error = await callee.fetch(url, { headers: { 'x-to': to } }).catch((reason: unknown) => reason);
        return error instanceof TypeError;
      });
      return Promise.all(outcomes);
    },
    expected: [true, true, true],
  },
  {
    name: 'twenty redirects are followed, and not one more',
    callee: (request) => {
      const left = Number(new URL(request.url).searchParams.get('left'));
      return left === 0
        ? new Response('there')
        : Response.redirect(request.url.replace(/left=\d+/, `left=${left - 1}`));
    },
    caller: async ({ callee, url }) => {
      const there = await (await callee.fetch(`${url}?left=20`)).text();
      const error = await callee.fetch(`${url}?left=21`).catch((reason: unknown) => reason);
      return [there, error instanceof TypeError];
    },
    expected: ['there', true],
  },
  {
    name: 'a fragment survives a redirect that has none',
    callee: redirecting,
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(`${url}302#part`);
      return response.url === `${url}end?from=302`;
    },
    expected: true,
  },
  {
    name: 'an abort between two hops is heard at the second',
    callee: async (request, { notes }) => {
      if (request.url.endsWith('302')) return Response.redirect(request.url.replace('302', 'second'));
      notes.set('second', true);
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      notes.set('aborted', (request.signal.reason as Error).message);
      return new Response('');
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const called = callee
        .fetch(`${url}302`, { signal: controller.signal })
        .catch((reason: unknown) => reason);
      await note('second');
      const reason = new Error('on the way');
      controller.abort(reason);
      return [(await called) === reason, await note('aborted')];
    },
    expected: [true, 'on the way'],
  },
];
