/**
 * Packages from npm, unmodified, inside workers, over HTTP through nanod: what people already have must work. One deployment serves them all, a
 * socket for each.
 */

import { fileURLToPath } from 'node:url';
import t from 'tap';
import { serve } from '../helpers/nanod.ts';

const workers = fileURLToPath(new URL('workers/', import.meta.url));
const names = [
  'hono',
  'itty-router',
  'zod',
  'ids',
  'graphql',
  'trpc',
  'kysely',
  'drizzle',
  'jose',
  'aws4fetch',
  'wasm',
];

const nanod = await serve(t, {
  config: {
    threads: 1,
    apps: names.map((name) => ({
      name,
      script: `${workers}${name}.js`,
      ...(name === 'hono' ? { bindings: { WASM: { service: 'wasm' } } } : {}),
    })),
    sockets: names.map((name) => ({ name, address: '127.0.0.1:0', service: name })),
  },
});

/** Calls one of the workers. */
function call(name: string, path: string, init?: RequestInit): Promise<Response> {
  return fetch(new URL(path, nanod.urls[names.indexOf(name)]), init);
}

function callJson(name: string, path: string, body: unknown, headers: object = {}): Promise<Response> {
  const init = { method: 'POST', body: JSON.stringify(body) };
  return call(name, path, { ...init, headers: { 'content-type': 'application/json', ...headers } });
}

async function textOf(response: Promise<Response>): Promise<readonly [number, string]> {
  const { status, ...rest } = await response.then(async (found) => ({
    status: found.status,
    text: await found.text(),
  }));
  return [status, rest.text];
}

async function jsonOf(response: Promise<Response>): Promise<readonly [number, unknown]> {
  const [status, text] = await textOf(response);
  return [status, JSON.parse(text)];
}

t.test('hono routes, with its middleware', async (t) => {
  const user = await call('hono', '/api/users/42?tag=a&tag=b', {
    headers: { origin: 'https://example.com' },
  });
  t.same(await user.json(), { id: 42, all: ['a', 'b'] });
  t.equal(user.headers.get('access-control-allow-origin'), 'https://example.com');
  const preflight = await call('hono', '/api/users/1', {
    method: 'OPTIONS',
    headers: { origin: 'https://example.com', 'access-control-request-method': 'PUT' },
  });
  t.match([preflight.status, preflight.headers.get('access-control-allow-methods')], [204, 'GET,PUT']);
  t.same(await textOf(call('hono', '/api/users/x')), [404, 'nothing at /api/users/x']);
  t.same(await textOf(call('hono', '/teapot')), [418, 'short and stout']);
  t.same(await textOf(call('hono', '/page?text=<b>')), [200, '<p>&lt;b&gt;</p>']);
  t.same(await textOf(call('hono', '/stream')), [200, 'one two three']);
  t.same(await jsonOf(call('hono', '/binding')), [
    200,
    { returned: 0x024d0127, reported: 0x024d0127, pages: 1 },
  ]);
});

t.test('hono reads bodies, cookies and passwords', async (t) => {
  const form = new FormData();
  form.append('name', 'ä');
  form.append('file', new File(['content'], 'file.txt', { type: 'text/plain' }));
  t.same(await jsonOf(call('hono', '/form', { method: 'POST', body: form })), [
    200,
    { name: 'ä', file: 'content', type: 'text/plain' },
  ]);
  t.same(await jsonOf(callJson('hono', '/checked', { size: 3 })), [201, { size: 3 }]);
  t.same(await jsonOf(callJson('hono', '/checked', {})), [422, { problem: 'size' }]);
  t.same(await textOf(call('hono', '/upload', { method: 'POST', body: 'sixteen letters.' })), [
    200,
    '16 bytes',
  ]);
  t.same(await textOf(call('hono', '/upload', { method: 'POST', body: 'seventeen letters' })), [
    413,
    'too large',
  ]);
  const visit = await call('hono', '/visits', { headers: { cookie: 'visits=2; other=x' } });
  t.equal(await visit.text(), 'visit 3');
  t.equal(visit.headers.get('set-cookie'), 'visits=3; Path=/; HttpOnly; SameSite=Lax');
  const authorization = (user: string): object => ({ headers: { authorization: `Basic ${btoa(user)}` } });
  t.same(await textOf(call('hono', '/admin/panel', authorization('ada:secret'))), [200, 'panel']);
  t.equal((await call('hono', '/admin/panel', authorization('ada:guess'))).status, 401);
});

t.test('itty-router routes', async (t) => {
  t.same(await textOf(call('itty-router', '/hello/Ada')), [200, '"Hello, Ada!"']);
  t.same(await textOf(call('itty-router', '/hello')), [200, '"Hello, world!"']);
  t.same(await jsonOf(call('itty-router', '/search?q=a&tag=1&tag=2')), [200, { q: 'a', tag: ['1', '2'] }]);
  t.same(await jsonOf(callJson('itty-router', '/echo', { a: [1] })), [200, { a: [1] }]);
  t.same(await jsonOf(call('itty-router', '/files/a/b.txt')), [200, { path: 'a/b.txt' }]);
  t.same(await jsonOf(call('itty-router', '/forbidden')), [403, { status: 403, error: 'not here' }]);
  t.match(await jsonOf(call('itty-router', '/broken')), [409, { status: 409, error: 'in conflict' }]);
  t.same(await jsonOf(call('itty-router', '/none')), [404, { status: 404, error: 'Not Found' }]);
});

t.test('zod checks and transforms', async (t) => {
  const order = {
    id: '0b9b8bbc-3a4f-4d2a-8f5e-0a4f6f1d2c3b',
    email: 'Ada@Example.com',
    at: '2026-01-01T00:00:00Z',
    shapes: [
      { kind: 'circle', radius: 1 },
      { kind: 'box', sides: [1, 2] },
    ],
    amount: '12345678901234567890',
  };
  t.same(await jsonOf(callJson('zod', '/', order)), [
    200,
    { ...order, email: 'ada@example.com', at: Date.UTC(2026, 0, 1) },
  ]);
  const bad = { ...order, email: 'x', shapes: [{ kind: 'circle', radius: -1 }], note: 'too long', extra: 1 };
  const [status, issues] = await jsonOf(callJson('zod', '/', bad));
  t.equal(status, 400);
  t.same((issues as string[]).toSorted(), [
    ': unrecognized_keys',
    'email: invalid_format',
    'note: too_big',
    'shapes.0.radius: too_small',
  ]);
});

t.test('ulid and nanoid find their random bytes', async (t) => {
  const [, found] = await jsonOf(call('ids', '/'));
  t.match(found, {
    ulid: /^[0-9A-HJKMNP-TV-Z]{26}$/,
    decoded: true,
    valid: true,
    monotonic: true,
    nanoid: /^[\w-]{21}$/,
    distinct: 1000,
    custom: /^[01]{24}$/,
  });
});

t.test('a GraphQL server answers queries, mutations and subscriptions', async (t) => {
  const ask = (query: string, variables?: object): Promise<readonly [number, unknown]> =>
    jsonOf(callJson('graphql', '/graphql', { query, variables }, { accept: 'application/json' }));
  t.same(await ask('{ books { title } }'), [200, { data: { books: [{ title: 'Analytical Engines' }] } }]);
  const added = await ask('mutation ($book: NewBook!) { add(book: $book) { id year } }', {
    book: { title: 'Sketches', year: 1851 },
  });
  t.same(added, [200, { data: { add: { id: '2', year: 1851 } } }]);
  t.same(
    await ask('query ($id: ID!) { book(id: $id) { ...parts } } fragment parts on Book { title year }', {
      id: 2,
    }),
    [200, { data: { book: { title: 'Sketches', year: 1851 } } }],
  );
  t.match(await ask('{ fails }'), [
    200,
    {
      data: { fails: null },
      errors: [{ message: 'it does', path: ['fails'], extensions: { code: 'ON_PURPOSE' } }],
    },
  ]);
  t.match(await ask('{ nothing }'), [200, { errors: [{ message: /Cannot query field "nothing"/ }] }]);
  t.match(await ask('{ __schema { queryType { name } } }'), [
    200,
    { data: { __schema: { queryType: { name: 'Query' } } } },
  ]);
  const get = await call('graphql', `/graphql?query=${encodeURIComponent('{ book(id: "1") { year } }')}`, {
    headers: { accept: 'application/graphql-response+json' },
  });
  t.same(await get.json(), { data: { book: { year: 1843 } } });
  const events = await callJson(
    'graphql',
    '/graphql',
    { query: 'subscription { count(to: 3) }' },
    { accept: 'text/event-stream' },
  );
  t.match(events.headers.get('content-type'), /^text\/event-stream/);
  const counts = [...(await events.text()).matchAll(/"count":(\d)/g)].map(([, count]) => count);
  t.same(counts, ['1', '2', '3']);
});

t.test('a tRPC server answers queries, mutations and batches', async (t) => {
  const input = (value: unknown): string => encodeURIComponent(JSON.stringify(value));
  t.same(await jsonOf(call('trpc', `/trpc/add?input=${input({ a: 1, b: 2 })}`)), [
    200,
    { result: { data: 3 } },
  ]);
  t.match(await jsonOf(call('trpc', `/trpc/add?input=${input({ a: 1 })}`)), [
    400,
    { error: { data: { code: 'BAD_REQUEST', path: 'add' } } },
  ]);
  t.same(await jsonOf(callJson('trpc', '/trpc/users.rename', 'Ada', { 'x-caller': 'me' })), [
    200,
    { result: { data: { name: 'Ada' } } },
  ]);
  t.match(await jsonOf(callJson('trpc', '/trpc/users.rename', 'Ada')), [
    401,
    { error: { data: { code: 'UNAUTHORIZED' } } },
  ]);
  const batch = call('trpc', `/trpc/add,caller?batch=1&input=${input({ 0: { a: 20, b: 22 } })}`, {
    headers: { 'x-caller': 'me' },
  });
  t.same(await jsonOf(batch), [200, [{ result: { data: 42 } }, { result: { data: 'me' } }]]);
  t.match(await jsonOf(call('trpc', '/trpc/none')), [404, { error: { data: { code: 'NOT_FOUND' } } }]);
});

t.test('kysely builds queries for every dialect', async (t) => {
  const [, sqlite] = await jsonOf(call('kysely', '/?dialect=sqlite&age=30'));
  t.same(sqlite, {
    text:
      'select "u"."name", count("o"."id") as "orders" from "user" as "u" inner join "order" as "o" on "o"."user_id" = "u"."id" ' +
      'where "u"."age" > ? and ("u"."name" like ? or "u"."name" in (?, ?)) group by "u"."name" order by "orders" desc limit ?',
    parameters: [30, 'A%', 'Bob', 'Cy', 5],
    raw: 'select ?::text as "value"',
    rows: [],
  });
  t.match(await jsonOf(call('kysely', '/?dialect=postgres&age=1')), [
    200,
    { text: / limit \$5$/, raw: /\$1::text/ },
  ]);
  t.match(await jsonOf(call('kysely', '/?dialect=mysql&age=1')), [200, { text: /^select `u`\.`name`/ }]);
});

t.test('drizzle builds queries for every dialect, and maps what a driver answers', async (t) => {
  const [, sqlite] = await jsonOf(call('drizzle', '/?dialect=sqlite&age=30'));
  t.same(sqlite, {
    text:
      'select "user"."name", count("order"."id") from "user" inner join "order" on "order"."user_id" = "user"."id" ' +
      'where ("user"."age" > ? and ("user"."name" like ? or "user"."name" in (?, ?))) ' +
      'group by "user"."name" order by count("order"."id") desc limit ?',
    params: [30, 'A%', 'Bob', 'Cy', 5],
    rows: [{ name: 'Ada', orders: 2 }],
  });
  t.match(await jsonOf(call('drizzle', '/?dialect=postgres&age=1')), [200, { text: / limit \$5$/ }]);
  t.match(await jsonOf(call('drizzle', '/?dialect=mysql&age=1')), [200, { text: /^select `user`\.`name`/ }]);
});

t.test('drizzle inserts, prepares statements and follows relations', async (t) => {
  const ada = { id: 7, name: 'Ada', age: 36 };
  t.same(await jsonOf(call('drizzle', '/')), [
    200,
    {
      inserted: [ada],
      found: [{ ...ada, orders: [{ id: 1 }, { id: 2 }] }],
      prepared: [ada],
      asked: [
        { method: 'all', parameters: ['Ada', 36] },
        { method: 'all', parameters: [] },
        { method: 'all', parameters: [7] },
        { method: 'run', parameters: [7] },
      ],
    },
  ]);
});

t.test('aws4fetch gives the signatures of AWS’s own examples', async (t) => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, and sigv4-query-string-auth.html
  t.match(await jsonOf(call('aws4fetch', '/')), [
    200,
    {
      authorization: /Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543$/,
      query: 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
      put: [true, 'PUT', '/a%20b.txt', 'content'],
    },
  ]);
});

for (const alg of ['RS256', 'PS384', 'ES256', 'ES512', 'EdDSA']) {
  t.test(`jose signs and verifies with ${alg}`, async (t) => {
    const signed = ['ada', 'nanod', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'];
    t.same(await jsonOf(call('jose', `/?alg=${alg}`)), [200, signed]);
  });
}

t.test('jose encrypts, derives keys and refuses', async (t) => {
  t.same(await jsonOf(call('jose', '/')), [
    200,
    {
      direct: 'ada',
      wrapped: 'ada',
      password: 'ada',
      errors: [true, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED', true],
      thumbprint: '7QcyLwp9QWbOeBExOb9FQz8JT0ndoanb5dkrKZJEKjY',
    },
  ]);
});

t.test('a WebAssembly module computes', async (t) => {
  t.same(await jsonOf(call('wasm', '/?text=Wikipedia')), [
    200,
    { returned: 0x11e60398, reported: 0x11e60398, pages: 1 },
  ]);
});

t.test('nothing of that was worth a line in the log', async (t) => {
  t.same(nanod.log(), []);
  await nanod.stop();
});
