/** A directory and a server in the hands of a worker that means no good. */

import { attacker } from './kit.js';
import { nearLimit, shiftsBy } from './near-limit.js';

const { setTimeout, Response, ReadableStream, TextEncoder } = globalThis;
const base = 'http://disk';

const streamed = (...texts) =>
  new ReadableStream({
    pull(controller) {
      if (texts.length === 0) controller.close();
      else controller.enqueue(new TextEncoder().encode(texts.shift()));
    },
  });

const failing = () => new ReadableStream({ pull: () => Promise.reject(new RangeError('dry')) });

/** Calls near the limit, each of which settles, with values of this realm; and the service answers afterwards. */
async function settles(t, what, make, after) {
  await make().catch(() => {}); // loads what calls need, where there is room
  let [made, settled] = [0, 0];
  const see = (outcome) => {
    settled++;
    t.walk(outcome, what);
  };
  for (const shift of shiftsBy(8)) {
    for (const outcome of nearLimit(make, shift, { frames: 600, enough: 10 })) {
      if (!(outcome instanceof Promise)) {
        t.walk(outcome, `${what}!`);
        continue;
      }
      made++;
      outcome.then(see, see);
    }
  }
  for (let i = 0; i < 2000 && settled < made; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  t.same(settled, made, `${what}: promises that have settled`);
  t.ok(made > 0, `${what}: a call was made`);
  t.same(await after(), 'inside', `${what}: a call with room, afterwards`);
}

const inside = (t) => () => t.env.DISK.fetch(`${base}/a.txt`).then((response) => response.text());

export default attacker({
  async 'what a directory gives belongs to the realm, refusals and failures included'(t) {
    const { DISK } = t.env;
    for (const path of ['/', '/a.txt', '/big', '/none', '/%2e%2e/x', '/pipe', '/out/secret.txt']) {
      const { value } = await t.settle(() => DISK.fetch(base + path), path);
      await t.settle(() => value.arrayBuffer(), `${path} body`);
    }
    for (const headers of [{ range: 'bytes=1-2' }, { range: 'bytes=99-' }, { 'if-none-match': '*' }])
      await t.settle(() => DISK.fetch(`${base}/a.txt`, { headers }), 'headers');
    for (const body of ['text', new Uint8Array([1, 2]), streamed('a', 'b'), failing(), null])
      await t.settle(() => DISK.fetch(`${base}/put`, { method: 'PUT', body, duplex: 'half' }), 'PUT');
    await t.settle(() => DISK.fetch(`${base}/put`, { method: 'DELETE' }), 'DELETE');
    await t.settle(
      () => DISK.fetch(`${base}/a.txt`, { method: 'POST', body: streamed('a'), duplex: 'half' }),
      'POST',
    );
    await t.settle(() => DISK.method(), 'method');
    await t.settle(async () => DISK.property, 'property');
    const controller = new AbortController();
    const { body } = await DISK.fetch(`${base}/big`, { signal: controller.signal });
    const reader = body.getReader();
    await t.settle(() => reader.read(), 'chunk');
    controller.abort();
    await t.settle(() => reader.read(), 'aborted');
  },

  async 'nothing outside of the directory is read or written'(t) {
    const { DISK } = t.env;
    const secret = 'outside/secret.txt';
    const ways = [
      '..',
      '%2e%2e',
      '.%2e',
      '..%2f..',
      '%252e%252e',
      '..%5c',
      '%c0%ae%c0%ae',
      'out',
      'up',
      'up/..',
      'a.txt/..',
    ];
    for (const way of ways) {
      for (const path of [
        `/${way}/${secret}`,
        `/${way}%2f${secret}`,
        `/${way}/secret.txt`,
        `//${way}/${secret}`,
      ]) {
        const response = await DISK.fetch(base + path);
        t.ok(!(await response.text()).includes('secret of the host'), path);
        await (await DISK.fetch(base + path, { method: 'PUT', body: 'pwned' })).text();
        await (await DISK.fetch(base + path, { method: 'DELETE' })).text();
      }
    }
    t.same(await inside(t)(), 'inside');
  },

  async 'a site gives what belongs to the realm, and nothing from outside of it'(t) {
    const { SITE } = t.env;
    const odd = [
      '/a.txt',
      '/big',
      '/none',
      '/to//evil.test',
      '/%0d%0ax',
      '/out/secret.txt',
      '/.env',
      '/..%2f.env',
    ];
    for (const path of odd) {
      const { value } = await t.settle(() => SITE.fetch(base + path, { redirect: 'manual' }), path);
      t.ok(!(await value.text()).includes('secret of the host'), path);
      for (const [, text] of value.headers) t.ok(!/[\r\n]/u.test(text), path);
    }
    for (const body of ['text', streamed('a', 'b'), failing()])
      await t.settle(() => SITE.fetch(`${base}/a.txt`, { method: 'POST', body, duplex: 'half' }), 'POST');
    await t.settle(() => SITE.method(), 'method');
    const controller = new AbortController();
    const { body } = await SITE.fetch(`${base}/big`, { signal: controller.signal });
    const reader = body.getReader();
    await t.settle(() => reader.read(), 'chunk');
    controller.abort();
    await t.settle(() => reader.read(), 'aborted');
  },

  async 'what a server gives belongs to the realm, and so does what it fails with'(t) {
    const { BACKEND, GONE, TCP } = t.env;
    const { value } = await t.settle(() => BACKEND.fetch('http://x/echo'), 'response');
    await t.settle(() => value.json(), 'json');
    for (const body of ['text', new Uint8Array([1]), streamed('a'), failing()])
      await t.settle(() => BACKEND.fetch('http://x/echo', { method: 'POST', body, duplex: 'half' }), 'POST');
    await t.settle(() => BACKEND.fetch('http://x/echo', { headers: { upgrade: 'websocket' } }), 'upgrade');
    for (const service of [GONE, TCP]) {
      await t.settle(
        () => service.fetch('http://x/', { method: 'POST', body: streamed('a'), duplex: 'half' }),
        'failure',
      );
      await t.settle(() => service.fetch('http://x/', { headers: { upgrade: 'websocket' } }), 'failure');
    }
    await t.settle(() => BACKEND.method(), 'method');
  },

  async 'a worker neither learns nor replaces what is injected, and reaches no other server'(t) {
    const { BACKEND } = t.env;
    const forged = {
      authorization: 'mine',
      AUTHORIZATION: 'mine',
      'cf-blob': '{"forged":1}',
      host: 'evil.test',
    };
    const response = await BACKEND.fetch('http://user.test:25/echo', { headers: forged });
    const { url, headers } = await response.json();
    t.same(url, '/echo');
    t.same(headers.authorization, 'the token of the host');
    t.same(headers['cf-blob'], undefined);
    t.same(headers.host, 'user.test:25');
    t.same(response.headers.get('x-internal'), null, 'removed on the way back');
    for (const url of ['http://127.0.0.1:1/echo', 'http://[::1]/echo', 'https://10.0.0.1/echo'])
      t.same((await BACKEND.fetch(url)).status, 200, url);
    const { value: error } = await t.env.GONE.fetch('http://x/').then(
      () => ({}),
      (value) => ({ value }),
    );
    t.ok(!/127\.0\.0\.1|:\d/u.test(error.message), `the address stays a secret: ${error.message}`);
  },

  'a small file, near the limit': (t) =>
    settles(t, 'small', () => t.env.DISK.fetch(`${base}/a.txt`), inside(t)),
  'a large file, near the limit': (t) =>
    settles(t, 'large', () => t.env.DISK.fetch(`${base}/big`).then((response) => response.text()), inside(t)),
  'a site, near the limit': (t) =>
    settles(
      t,
      'site',
      () => t.env.SITE.fetch(`${base}/a.txt`),
      () => t.env.SITE.fetch(`${base}/a.txt`).then((response) => response.text()),
    ),
  'writing, near the limit': (t) =>
    settles(
      t,
      'PUT',
      () => t.env.DISK.fetch(`${base}/put`, { method: 'PUT', body: streamed('a', 'b'), duplex: 'half' }),
      inside(t),
    ),
  'a server, near the limit': (t) =>
    settles(
      t,
      'server',
      () => t.env.BACKEND.fetch('http://x/echo', { method: 'POST', body: 'x' }),
      inside(t),
    ),
  'a server that takes no requests, near the limit': (t) =>
    settles(t, 'tcp', () => t.env.TCP.fetch('http://x/'), inside(t)),

  async 'reading a body near the limit gives all of it, in order'(t) {
    const { body } = await t.env.DISK.fetch(`${base}/big`);
    const reader = body.getReader();
    let length = 0;
    const pending = [];
    for (const outcome of nearLimit(() => reader.read(), [], { frames: 50, enough: 3 }))
      if (outcome instanceof Promise) pending.push(outcome);
    for (const promise of pending) {
      const { value } = await promise.catch(() => ({}));
      length += value?.byteLength ?? 0;
    }
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.byteLength;
    }
    t.ok(length <= 300_000, `${length} bytes`);
    t.same(
      await new Response(await t.env.DISK.fetch(`${base}/a.txt`).then(({ body }) => body)).text(),
      'inside',
    );
  },
});
