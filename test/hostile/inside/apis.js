/**
 * Every API of a realm, by the name of the global (or other thing) that it belongs to: calls that succeed and calls that fail. The walk, the
 * calls near stack overflow and those among patched prototypes all go through this table, so a new API needs an entry here and nothing
 * else; the walk fails for a global without one. Runs inside a realm.
 *
 * Each call returns what is to be looked at, or a promise of it; what it throws is looked at as well. Calls must work again and again.
 */

import sample from './sample.wasm';
import data from './sample.bin';
import * as sockets from 'cloudflare:sockets';
import * as workers from 'cloudflare:workers';

const { Response, Request, Headers, URL, URLSearchParams, URLPattern, Blob, File, FormData } = globalThis;
const { Event, EventTarget, AbortController, AbortSignal, DOMException } = globalThis;
const { ReadableStream, WritableStream, TransformStream, TextEncoder, TextDecoder, WebAssembly } = globalThis;
const { HTMLRewriter, Cache, CacheStorage, caches } = globalThis;

const html = 'http://test/path?query=1#hash';
const bytes = () => new Uint8Array([104, 105]);
const form = () => {
  const made = new FormData();
  made.append('text', 'a');
  made.append('file', new Blob(['b']), 'c.txt');
  return made;
};
const pulled = () => {
  let turn = 0;
  return new ReadableStream({
    pull: (controller) => (turn++ < 3 ? controller.enqueue(bytes()) : controller.close()),
  });
};
const byteStream = () =>
  new ReadableStream({
    type: 'bytes',
    pull: (controller) => controller.enqueue(bytes()),
    autoAllocateChunkSize: 16,
  });
const failing = () => new ReadableStream({ pull: () => Promise.reject(new Error('pull')) });
/** Of a worker to be loaded. */
const loadedCode = (main, more = {}) => ({
  compatibilityDate: '2026-01-01',
  mainModule: 'main.js',
  modules: {
    'main.js':
      main ??
      `import { WorkerEntrypoint } from 'cloudflare:workers';
       export class Named extends WorkerEntrypoint { hello(given) { return [given, this.env, this.ctx.props]; } }
       export default { fetch: (request, env) => new Response(JSON.stringify(Object.keys(env))) };`,
    'data.bin': { data: bytes() },
    'data.json': { json: [1] },
  },
  env: { text: 'a', list: [new Map([[1, bytes()]])], error: new RangeError('x'), ...more },
});
const transferred = () => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
};

const page = () => new Response('<!doctype html><!--c--><div class="a" id=b>x<b>y</b><br></div>z');

/** Calls `walk` with everything that handlers are given, `this` included. */
const rewriting = (use) => {
  const see = function (token) {
    use.walk(token, 'token');
    if (token.attributes !== undefined) {
      use.walk(token.attributes, 'attributes');
      use.walk([...token.attributes], 'attribute');
      use.walk(token.attributes.next(), 'attribute');
      token.onEndTag?.(() => {});
    }
    use.walk(this, 'this');
  };
  const element = function (token) {
    see.call(this, token);
    token.setAttribute('n', 'v').before('<').after('>', { html: true });
    use.walk(
      thrownBy(() => token.setAttribute('', '')),
      'error',
    );
    use.walk(
      thrownBy(() => (token.tagName = '1')),
      'error',
    );
    use.walk(
      thrownBy(() => token.before(Symbol('content'))),
      'error',
    );
    try {
      token.onEndTag(see);
    } catch (error) {
      use.walk(error, 'error');
    }
  };
  return new HTMLRewriter()
    .on('*', { element, comments: see, text: see })
    .onDocument({ doctype: see, comments: see, text: see, end: see });
};

/** Everything that a socket has and gives, as far as it comes. */
const socketOutcome = async (socket) => {
  const outcome = [
    socket,
    socket.readable,
    socket.writable,
    socket.opened,
    socket.closed,
    socket.secureTransport,
  ];
  const writer = socket.writable.getWriter();
  const reader = socket.readable.getReader();
  writer.write(bytes()).catch((error) => outcome.push(error));
  outcome.push(await socket.opened.catch((error) => error));
  outcome.push(await reader.read().catch((error) => error));
  outcome.push(await socket.close().catch((error) => error));
  outcome.push(await socket.closed.catch((error) => error));
  outcome.push(await writer.closed.catch((error) => error));
  return outcome;
};

const thrownBy = (call) => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};
const { subtle } = crypto;
const iv = new Uint8Array(12);
/** Keys of every type. */
const secretKey = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, [
  'encrypt',
  'decrypt',
  'wrapKey',
]);
const macKey = await subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, true, [
  'sign',
  'verify',
]);
const baseKey = await subtle.importKey('raw', new Uint8Array(16), 'HKDF', false, ['deriveBits', 'deriveKey']);
const signing = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const kem = await subtle.generateKey('ML-KEM-512', true, [
  'encapsulateBits',
  'encapsulateKey',
  'decapsulateBits',
  'decapsulateKey',
]);
const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: iv, info: iv };
const aes = { name: 'AES-GCM', length: 128 };
const encapsulated = (await subtle.encapsulateBits('ML-KEM-512', kem.publicKey)).ciphertext;
const wrapped = await subtle.wrapKey('jwk', macKey, secretKey, { name: 'AES-GCM', iv });
const unwrappingKey = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, ['unwrapKey']);

/** Everything that a Body has. */
const bodyCalls = (make) => [
  () => make(),
  () => make().body,
  () => make().text(),
  () => make().bytes(),
  () => make().arrayBuffer(),
  () => make().blob(),
  () => make().json(),
  () => make().formData(),
  () => make().clone(),
  () => [make().headers, make().headers.entries(), make().headers.keys(), make().headers.values()],
  () => {
    const used = make();
    return [used.text(), used.text()];
  },
  () => {
    const used = make();
    const { body } = used;
    return [body?.getReader().read(), used.text(), body];
  },
];

const readerCalls = (make) => [
  () => make(),
  () => make().getReader(),
  () => make().getReader().read(),
  () => make().getReader().closed,
  () => make().getReader().cancel(new Error('canceled')),
  () => make().cancel('reason'),
  () => make().tee(),
  () => make().values(),
  () => make().values().next(),
  () => make()[Symbol.asyncIterator]({ preventCancel: true }).return('x'),
  () => Array.fromAsync(make()),
  () => make().pipeTo(new WritableStream()),
  () => make().pipeThrough(new TransformStream()).getReader().read(),
  () => make().pipeTo(new WritableStream(), { signal: AbortSignal.abort('stop') }),
  () => {
    const stream = make();
    const reader = stream.getReader();
    const pending = reader.read();
    reader.releaseLock();
    return [pending, reader.closed, stream];
  },
  () => make().getReader({ mode: 'byob' }),
  () => make().getReader({ mode: 'byob' }).read(new Uint8Array(4)),
  () => make().getReader({ mode: 'byob' }).read(new Uint8Array(0)),
  () => make().getReader({ mode: 'nothing' }),
  () =>
    make()
      .getReader()
      .read()
      .then(({ value }) => value.buffer),
];

/** Both ends of a connection, accepted. */
const pair = () => {
  const made = new WebSocketPair();
  made[0].accept();
  made[1].accept();
  return made;
};

/** What the listeners of a socket are given, until it is closed. */
const heard = (socket) =>
  new Promise((resolve) => {
    const seen = [socket];
    for (const type of ['open', 'message', 'error', 'close']) {
      socket.addEventListener(type, function (...args) {
        seen.push(this, args, args[0].data);
        if (type === 'close') resolve(seen);
      });
    }
  });

/** What a stream's callbacks are given. */
const givenTo = (make) => () =>
  new Promise((resolve) => {
    const seen = [];
    make((...args) => seen.push(args) === 1 && setTimeout(() => resolve(seen), 1));
  });

/** Messages of all kinds. `make`: what posts, given a function for what arrives. */
const messageCalls = (make) => {
  const arrival = (...args) => new Promise((resolve) => make(resolve).postMessage(...args));
  return [
    () => make(() => {}),
    () => arrival('text'),
    () =>
      arrival({
        a: [
          1n,
          new Date(0),
          /x/g,
          new Map([[{}, new Set([1])]]),
          new RangeError('r'),
          bytes(),
          new Blob(['b']),
        ],
      }),
    () => make(() => {}).postMessage(() => {}),
    () => make(() => {}).postMessage(Symbol('message')),
    () => make(() => {}).postMessage(globalThis),
    () =>
      make(() => {}).postMessage({
        get a() {
          throw new Error('getter');
        },
      }),
    () => make(() => {}).postMessage(1, [Symbol('transfer')]),
    () =>
      make(() => {}).postMessage(1, {
        get transfer() {
          throw new Error('getter');
        },
      }),
    () => make(() => {}).postMessage(),
    () => [make(() => {}).onmessage, make(() => {}).onmessageerror],
    () => {
      const target = make(() => {});
      return [target.close(), target.postMessage(1), target];
    },
    () => {
      const target = make(() => {});
      return [Reflect.apply(target.postMessage, {}, [1]), target];
    },
  ];
};

/** What a bundle is given, and a classic script finds as a global: no module can name it. */
export const scopeCalls = (nanod) => [
  () => nanod,
  () => nanod('x'),
  () => nanod(Symbol('x')),
  () => nanod.meta,
  () => nanod.asset(0, 'data'),
  () => nanod.asset(0, 'wasm'),
  () => nanod.asset(99, 'data'),
  () => nanod.asset(99, 'wasm'),
  () => nanod.asset({ toString: () => 'constructor' }, 'data'),
  () => nanod.asset(Symbol('index'), 'wasm'),
  () => nanod.builtin('cloudflare:workers'),
  () => nanod.builtin('node:fs'),
  () => nanod.builtin(Symbol('x')),
  () => nanod.builtin('__proto__'),
  () => nanod.exports(),
  () => nanod.exports({ other: 1 }),
  () => new nanod('x'),
];

/** Calls by what they belong to. `use`: env, ctx and request of the worker that asks. */
export const apis = (use) => ({
  globalThis: [() => globalThis, () => self, () => Object.getOwnPropertyDescriptors(globalThis)],
  self: [() => self],

  URL: [
    () => new URL(html),
    () => new URL('relative'),
    () => new URL('x', html),
    () => new URL(Symbol('url')),
    () => URL.parse('/x', html),
    () => URL.parse('//'),
    () => URL.canParse('x:'),
    () => new URL(html).searchParams,
    () => Object.assign(new URL(html), { href: 'no' }),
    () => Object.assign(new URL(html), { host: 'a:1', search: 'b', hash: 'c', port: 'd', protocol: 'https' }),
    () => new URL(html).toJSON(),
    () => URL.prototype.href,
    () => URL(),
  ],
  URLSearchParams: [
    () => new URLSearchParams('a=1&b=2'),
    () => new URLSearchParams({ a: 1 }),
    () => new URLSearchParams([['a']]),
    () => new URLSearchParams([['a', 'b']]).entries().next(),
    () => [...new URLSearchParams('a=1')],
    () => new URLSearchParams('a=1').getAll('a'),
    () => new URLSearchParams('a=1').keys(),
    () => new URLSearchParams('a=1').values(),
    () => new URLSearchParams('a=1').forEach((...args) => use.walk(args, 'URLSearchParams.forEach')),
    () => new URLSearchParams('b=1&a=2').sort(),
    () => URLSearchParams.prototype.get.call({}, 'a'),
  ],
  URLPattern: [
    () => new URLPattern({ pathname: '/:id' }),
    () => new URLPattern({ pathname: '/:id' }).exec('http://a/b'),
    () => new URLPattern('https://*/x/:y(\\d+)', 'http://a/').test('http://a/'),
    () => new URLPattern('('),
    () => new URLPattern({ pathname: '/(' }),
  ],

  Headers: [
    () => new Headers({ a: 'b', 'set-cookie': 'c' }),
    () => new Headers([['a', 'b']]).entries(),
    () => new Headers([['a', 'b']]).entries().next(),
    () => [...new Headers({ a: 'b' })],
    () => new Headers({ a: 'b' }).keys(),
    () => new Headers({ a: 'b' }).values(),
    () => new Headers({ a: 'b' }).getSetCookie(),
    () => new Headers({ a: 'b' }).forEach((...args) => use.walk(args, 'Headers.forEach')),
    () => new Headers({ 'a b': 'c' }),
    () => new Headers({ a: 'b\nc: d' }),
    () => new Headers([['a']]),
    () => new Headers('x'),
    () => new Headers().append('a'),
    () => Headers.prototype.get.call({}, 'a'),
    () => new Response('').headers.set('a', 'ü'),
    () => use.request.headers.set('a', 'b'),
    () => Headers(),
  ],
  Request: [
    ...bodyCalls(() => new Request(html, { method: 'POST', body: 'text' })),
    ...bodyCalls(() => new Request(html, { method: 'POST', body: bytes() })),
    ...bodyCalls(() => new Request(html, { method: 'POST', body: form() })),
    ...bodyCalls(() => new Request(html, { method: 'POST', body: pulled(), duplex: 'half' })),
    ...bodyCalls(() => new Request(html)),
    () => new Request(html).signal,
    () => new Request(new Request(html, { headers: { a: 'b' } }), { method: 'PUT' }),
    () => new Request(html, { signal: AbortSignal.abort(new Error('reason')) }).signal.reason,
    () => new Request('relative'),
    () => new Request('http://user:password@host/'),
    () => new Request(html, { method: 'a b' }),
    () => new Request(html, { body: 'x' }),
    () => new Request(html, { cf: { a: 1n } }),
    () => new Request(html, { cf: { a: { b: [1] } } }),
    () => new Request(html, { signal: {} }),
    () => new Request(html, { mode: 'navigate' }),
    () => new Request(html, { method: 'POST', body: pulled() }),
    () => new Request(use.request.clone()),
    () => Request.prototype.url,
    () => Request(),
  ],
  Response: [
    ...bodyCalls(() => new Response('{"text":[1]}')),
    ...bodyCalls(() => new Response(bytes())),
    ...bodyCalls(() => new Response(form())),
    ...bodyCalls(() => new Response(new URLSearchParams('a=b'))),
    ...bodyCalls(() => new Response(new Blob(['b'], { type: 'text/css' }))),
    ...bodyCalls(() => new Response(pulled())),
    ...bodyCalls(() => new Response(byteStream())).slice(0, 2),
    ...bodyCalls(() => new Response(failing())),
    ...bodyCalls(() => new Response((async function* () {})())),
    ...bodyCalls(() => new Response(null, { status: 204 })),
    () => new Response('x', { status: 99 }),
    () => new Response('x', { status: 204 }),
    () => new Response('x', { statusText: '\n' }),
    () => new Response('x', { headers: { a: '\0' } }),
    () => new Response(Symbol('body')),
    () => new Response('x', 1),
    () => Response.json({ a: 1 }),
    () => Response.json(() => {}),
    () => Response.json(1n),
    () => Response.json({ a: 1 }).json(),
    () => Response.redirect(html, 301),
    () => Response.redirect('relative'),
    () => Response.redirect(html, 200),
    () => Response.error(),
    () => Response.error().clone(),
    () => Response.prototype.status,
    () => Response(),
  ],
  HTMLRewriter: [
    () => new HTMLRewriter(),
    () => new HTMLRewriter().on('a', {}).onDocument({}),
    () => new HTMLRewriter().transform(page()),
    () => rewriting(use).transform(page()).text(),
    () => rewriting(use).transform(page()).body,
    () => rewriting(use).transform(page()).body.getReader().read(),
    () => rewriting(use).transform(page()).body.cancel(new Error('canceled')),
    () => rewriting(use).transform(new Response(pulled())).arrayBuffer(),
    () => rewriting(use).transform(new Response(failing())).text(),
    () => rewriting(use).transform(new Response('<a>', { headers: { 'content-type': 'a/b; charset=x' } })),
    () =>
      rewriting(use)
        .transform(new Response('é<b c=é>', { headers: { 'content-type': 'a/b; charset=big5' } }))
        .text(),
    () =>
      new HTMLRewriter()
        .on('*', { element: () => Promise.reject(new RangeError('x')) })
        .transform(page())
        .text(),
    () =>
      new HTMLRewriter()
        .on('*', { element: () => Object.freeze({ then: (f) => f({}) }) })
        .transform(page())
        .text(),
    () =>
      new HTMLRewriter()
        .on('b', { element: (e) => e.replace(pulled()) })
        .transform(page())
        .text(),
    () =>
      new HTMLRewriter()
        .on('b', { element: (e) => e.append(failing()) })
        .transform(page())
        .text(),
    () =>
      new HTMLRewriter()
        .on('b', { element: (e) => e.after(new Response('é')).remove().after(e) })
        .transform(page())
        .text(),
    () => new HTMLRewriter().transform(new Response('<select><xmp>')).text(),
    () => new HTMLRewriter().on('a + b', {}),
    () => new HTMLRewriter().on('', {}),
    () => new HTMLRewriter().on(Symbol('selector'), {}),
    () => new HTMLRewriter().on('a', { element: 1 }),
    () => new HTMLRewriter().onDocument(1),
    () => new HTMLRewriter().transform({}),
    () => new HTMLRewriter().transform(Response.error()),
    () => HTMLRewriter.prototype.on.call({}, 'a', {}),
    () => HTMLRewriter(),
    // Objects that outlive their handlers, and their constructors.
    async () => {
      const kept = [];
      await rewriting({ walk: (value) => kept.push(value) })
        .transform(page())
        .text();
      return kept.flatMap((token) => [
        token,
        ...['text', 'tagName', 'attributes', 'name', 'removed'].map((name) => thrownBy(() => token[name])),
        thrownBy(() => token.next?.()),
        thrownBy(() => (token.before ?? token.append)?.call(token, 'x')),
        thrownBy(() => new token.constructor()),
        thrownBy(() => token.constructor.prototype.remove?.call({})),
      ]);
    },
  ],
  Cache: [
    () => caches.default,
    () => caches.default.put(html, new Response('kept', { headers: { etag: '"x"' } })),
    () => caches.default.put(html, new Response(pulled())),
    () => caches.default.put(html, new Response(failing())),
    () => caches.default.put(html, new Response('x', { headers: { vary: '*' } })),
    () => caches.default.put(html, new Response('x', { status: 206 })),
    () => caches.default.put(html, new Response(null, { status: 304 })),
    () => caches.default.put(html, {}),
    () => caches.default.put(html, Response.error()),
    () => caches.default.put('data:,x', new Response('x')),
    () => caches.default.put(new Request(html, { method: 'POST' }), new Response('x')),
    () => caches.default.put(html).catch((error) => error),
    () => caches.default.match(html),
    () => caches.default.match(html).then((response) => response?.text()),
    () => caches.default.match(html).then((response) => response?.bytes()),
    () => caches.default.match(html).then((response) => response?.headers.set('a', 'b')),
    () =>
      caches.default
        .match(new Request(html, { headers: { range: 'bytes=1-2' } }))
        .then((r) => r?.arrayBuffer()),
    () => caches.default.match(new Request(html, { headers: { range: 'bytes=9-' } })),
    () => caches.default.match(new Request(html, { headers: { 'if-none-match': '*' } })),
    () => caches.default.match('http://x/none'),
    () => caches.default.match(html, { ignoreSearch: true, ignoreMethod: true }),
    () => caches.default.match(Symbol('url')),
    () => caches.default.match('relative'),
    () => caches.default.match(html, 1),
    () => caches.default.matchAll(),
    () => caches.default.matchAll(html),
    () => caches.default.keys(),
    () => caches.default.keys(html, { ignoreSearch: true }),
    () => caches.default.delete(html),
    () => caches.default.delete(Symbol('url')),
    () => caches.default.add('data:,x'),
    () => caches.default.add(html),
    () => caches.default.addAll([html, html]),
    () => caches.default.addAll(['http://test/stream', 'http://test/throw']),
    () => caches.default.addAll(1),
    () => Cache.prototype.match.call({}, html),
    () => new Cache(),
    () => Cache(),
  ],
  CacheStorage: [
    () => caches.open('a'),
    () => caches.open('a').then((cache) => cache.put(html, new Response(bytes()))),
    () => caches.open('a').then((cache) => cache.matchAll()),
    () => caches.open('a'.repeat(2000)),
    () => caches.open(Symbol('name')),
    () => caches.open('__proto__').then((cache) => cache.match(html)),
    () => caches.has('a'),
    () => caches.has('constructor'),
    () => caches.keys(),
    () => caches.match(html),
    () => caches.match(html, { cacheName: 'a' }),
    () => caches.match(html, { cacheName: Symbol('name') }),
    () => caches.delete('a'),
    () => CacheStorage.prototype.open.call({}, 'a'),
    () => CacheStorage.prototype.default,
    () => new CacheStorage(),
    () => CacheStorage(),
  ],
  caches: [() => caches, () => Object.getPrototypeOf(caches)],

  fetch: [
    () => fetch('data:text/plain,hi'),
    () => fetch('data:,x').then((response) => response.text()),
    () => fetch('data:'),
    () => fetch('about:blank'),
    () => fetch(html),
    () => fetch(html, { method: 'POST', body: pulled(), duplex: 'half' }),
    () => fetch(html, { signal: AbortSignal.abort() }),
    () => fetch(html, { signal: AbortSignal.abort({ some: 'reason' }) }),
    () => fetch(),
    () => fetch(Symbol('url')),
    () => new fetch(),
  ],

  Blob: [
    () => new Blob(['a', bytes(), new Blob(['b'])], { type: 'Text/Plain' }),
    () => new Blob(['abc']).slice(1, 2, 'x'),
    () => new Blob(['abc']).text(),
    () => new Blob(['abc']).arrayBuffer(),
    () => new Blob(['abc']).bytes(),
    () => new Blob(['abc']).stream(),
    () => new Blob(['abc']).stream().getReader().read(),
    () => new Blob('abc'),
    () => new Blob([Symbol('part')]),
    () => new Blob([], { endings: 'odd' }),
    () => Blob.prototype.size,
  ],
  File: [
    () => new File(['a'], 'name', { lastModified: 1 }),
    () => new File(['a'], 'name').text(),
    () => new File(['a']),
    () => File.prototype.name,
  ],
  FormData: [
    () => form(),
    () => form().get('file'),
    () => form().getAll('file'),
    () => form().entries().next(),
    () => [...form()],
    () => form().forEach((...args) => use.walk(args, 'FormData.forEach')),
    () => new FormData({}),
    () => form().append('a', 'b', 'c'),
    () => form().set('file', new Blob([])),
    () => new Response('x', { headers: { 'content-type': 'multipart/form-data; boundary=y' } }).formData(),
    () =>
      new Response('a=%zz', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData(),
  ],

  TextEncoder: [
    () => new TextEncoder(),
    () => new TextEncoder().encode('ä'),
    () => new TextEncoder().encode('ä').buffer,
    () => new TextEncoder().encode('ä'.repeat(10_000)),
    () => new TextEncoder().encodeInto('ä', new Uint8Array(4)),
    () => new TextEncoder().encodeInto('ä', 4),
  ],
  TextDecoder: [
    () => new TextDecoder('shift_jis', { fatal: true }),
    () => new TextDecoder().decode(bytes()),
    () => new TextDecoder('big5').decode(bytes(), { stream: true }),
    () => new TextDecoder('no-such-encoding'),
    () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])),
    () => new TextDecoder().decode(transferred()),
    () => new TextDecoder().decode('x'),
  ],
  atob: [() => atob('YQ=='), () => atob('!'), () => atob(Symbol('text'))],
  btoa: [() => btoa('a'), () => btoa('€')],
  structuredClone: [
    () =>
      structuredClone({
        a: [1, new Map([[{}, new Set([1])]]), new Date(), /x/g, new Error('e'), 1n, Object(1n)],
      }),
    () => structuredClone(new RangeError('x', { cause: new TypeError('y') })),
    () => structuredClone(new DOMException('x', 'DataCloneError')),
    () => structuredClone(new Blob(['x'])),
    () => structuredClone(new Uint8Array(4)),
    () => structuredClone(new DataView(new ArrayBuffer(4, { maxByteLength: 8 }))),
    () => structuredClone(bytes(), { transfer: [new ArrayBuffer(2)] }),
    () => structuredClone(() => {}),
    () => structuredClone({ a: { b: Symbol('s') } }),
    () => structuredClone(new Proxy({}, {})),
    () => structuredClone(new WeakMap()),
    () => structuredClone(Promise.resolve()),
    () => structuredClone(sample),
    () => structuredClone({}, { transfer: [{}] }),
    ...[pulled, failing, byteStream].map((make) => () => {
      const stream = make();
      const moved = structuredClone(stream, { transfer: [stream] });
      return [stream, moved.getReader().read(), moved];
    }),
    () => {
      const stream = new WritableStream();
      const writer = structuredClone(stream, { transfer: [stream] }).getWriter();
      return [stream, writer.write({ a: [new Date(0)] }), writer.write(() => {}), writer.closed, writer];
    },
    () => {
      const stream = new TransformStream();
      const moved = structuredClone(stream, { transfer: [stream] });
      return [stream, moved.writable.getWriter().write(1), moved.readable.getReader().read(), moved];
    },
    () => structuredClone(new Response('')),
    () => structuredClone(),
  ],

  FileReader: [
    () => new FileReader(),
    ...['readAsText', 'readAsArrayBuffer', 'readAsDataURL', 'readAsBinaryString'].flatMap((method) => [
      () =>
        new Promise((resolve) => {
          const reader = new FileReader();
          const seen = [];
          reader.onloadstart = (event) => seen.push(event);
          reader.onload = (event) => resolve([event, reader.result, reader.error, seen, reader]);
          reader[method](new Blob(['text'], { type: 'text/plain;charset=utf-16' }));
        }),
      () => new FileReader()[method]({}),
      () => new FileReader()[method](),
    ]),
    () => {
      const reader = new FileReader();
      reader.readAsText(new Blob(['text']), 'big5');
      return [reader.abort(), reader.result, reader.readyState];
    },
    () => {
      const reader = new FileReader();
      reader.readAsText(new Blob(['text']));
      return reader.readAsText(new Blob(['text']));
    },
    () => FileReader(),
  ],
  BroadcastChannel: [
    ...messageCalls((seen) => {
      const [sender, receiver] = [new BroadcastChannel('table'), new BroadcastChannel('table')];
      receiver.onmessage = (event) => {
        seen(event);
        sender.close();
        receiver.close();
      };
      return sender;
    }),
    () => new BroadcastChannel('name').name,
    () => new BroadcastChannel('table').postMessage(new MessageChannel().port1),
    () => new BroadcastChannel('table').postMessage(new ReadableStream()),
    () => new BroadcastChannel(),
    () => new BroadcastChannel(Symbol('name')),
  ],
  MessageChannel: [
    () => new MessageChannel(),
    () => {
      const { port1, port2 } = new MessageChannel();
      return [port1, port2];
    },
    () => new MessageChannel(1, {}, Symbol('more')),
    () => MessageChannel(),
  ],
  MessagePort: [
    ...messageCalls((seen) => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = seen;
      port2.onclose = seen;
      return port1;
    }),
    () => structuredClone(new MessageChannel(), { transfer: [] }),
    () => {
      const { port1, port2 } = new MessageChannel();
      return [structuredClone({ port1 }, { transfer: [port1] }), port1, port2];
    },
    () => {
      const { port1, port2 } = new MessageChannel();
      return [port1.postMessage(1, [port2]), port1.close(), port2.close()];
    },
    () => new MessagePort(),
    () => new MessagePort({}, {}),
  ],

  Event: [
    () => new Event('a', { cancelable: true }),
    () => new Event(),
    () => new Event('a').composedPath(),
    () => Event.prototype.type,
  ],
  CustomEvent: [() => new CustomEvent('a', { detail: {} }), () => new CustomEvent(Symbol('type'))],
  ErrorEvent: [() => new ErrorEvent('error', { error: new Error('x') })],
  MessageEvent: [
    () => new MessageEvent('message', { data: {} }),
    () => new MessageEvent('message', { ports: [{}] }),
  ],
  CloseEvent: [() => new CloseEvent('close', { code: 1 })],
  ProgressEvent: [() => new ProgressEvent('progress', { loaded: 1 })],
  PromiseRejectionEvent: [
    () => new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: 1 }),
    () => new PromiseRejectionEvent('unhandledrejection', {}),
  ],
  ExtendableEvent: [
    () => new ExtendableEvent('x'),
    () => new ExtendableEvent('x').waitUntil(Promise.resolve()),
  ],
  FetchEvent: [
    () => new FetchEvent('fetch', { request: use.request }),
    () => new FetchEvent('fetch', { request: use.request }).respondWith(new Response('')),
    () => new FetchEvent('fetch', { request: use.request }).handled,
    () => new FetchEvent('fetch', {}),
  ],
  EventTarget: [
    () => {
      const target = new EventTarget();
      const outcome = [];
      target.addEventListener('x', (event) => outcome.push(event, event.composedPath()), { once: true });
      target.addEventListener('x', { handleEvent: (event) => outcome.push(event) });
      outcome.push(target.dispatchEvent(new Event('x')));
      return outcome;
    },
    () => new EventTarget().addEventListener('x', 1),
    () => new EventTarget().addEventListener('x', () => {}, { signal: {} }),
    () => new EventTarget().dispatchEvent({}),
    () => EventTarget.prototype.addEventListener.call({}, 'x', () => {}),
  ],
  WorkerGlobalScope: [() => new WorkerGlobalScope(), () => WorkerGlobalScope.prototype],
  ServiceWorkerGlobalScope: [() => new ServiceWorkerGlobalScope(), () => ServiceWorkerGlobalScope.prototype],
  addEventListener: [() => addEventListener('x', () => {}), () => addEventListener('x')],
  removeEventListener: [() => removeEventListener('x', () => {}), () => removeEventListener()],
  dispatchEvent: [() => dispatchEvent(new Event('x')), () => dispatchEvent(1)],
  reportError: [
    () => reportError(new Error('reported')),
    () => reportError(Object.create(null)),
    () => reportError(),
    () => {
      const seen = [];
      const listener = (event) => {
        seen.push(event, event.error);
        event.preventDefault();
      };
      addEventListener('error', listener);
      reportError({ a: 1 });
      reportError(new Error('heard'));
      removeEventListener('error', listener);
      return seen;
    },
  ],
  onerror: [() => onerror, () => (globalThis.onerror = null)],
  onunhandledrejection: [() => onunhandledrejection, () => (globalThis.onunhandledrejection = null)],
  onrejectionhandled: [() => onrejectionhandled, () => (globalThis.onrejectionhandled = null)],
  onfetch: [() => onfetch, () => (globalThis.onfetch = null)],
  AbortController: [
    () => new AbortController(),
    () => {
      const controller = new AbortController();
      const seen = [];
      controller.signal.addEventListener('abort', (event) => seen.push(event));
      controller.signal.onabort = (event) => seen.push(event, event.target);
      controller.abort();
      return [seen, controller.signal.reason];
    },
    () => AbortController.prototype.signal,
  ],
  AbortSignal: [
    () => AbortSignal.abort(),
    () => AbortSignal.timeout(1),
    () => AbortSignal.timeout(-1),
    () => AbortSignal.any([AbortSignal.abort(), new AbortController().signal]),
    () => AbortSignal.any([{}]),
    () => AbortSignal.abort().throwIfAborted(),
    () => new AbortSignal(),
    () =>
      new Promise((resolve) =>
        AbortSignal.timeout(0).addEventListener('abort', ({ target }) => resolve(target.reason)),
      ),
  ],
  DOMException: [
    () => new DOMException('m', 'NotFoundError'),
    () => new DOMException(Symbol('m')),
    () => DOMException.prototype.name,
    () => Reflect.construct(DOMException, [], class extends Array {}),
  ],
  QuotaExceededError: [
    () => new QuotaExceededError('m', { quota: 1, requested: 2 }),
    () => new QuotaExceededError('m', { quota: 2, requested: 1 }),
    () => new QuotaExceededError('m', { quota: -1 }),
  ],

  ReadableStream: [
    ...readerCalls(pulled),
    ...readerCalls(byteStream).filter(
      (call) => !String(call).includes('fromAsync') && !String(call).includes('pipeTo'),
    ),
    ...readerCalls(failing),
    ...readerCalls(() => new Response('text').body),
    ...readerCalls(() => new Response(bytes()).body),
    ...readerCalls(() => new Blob(['blob']).stream()),
    ...readerCalls(() => ReadableStream.from(['a', 'b'])),
    () => new ReadableStream({ type: 'odd' }),
    () => new ReadableStream({}, { highWaterMark: -1 }),
    () => new ReadableStream({ type: 'bytes' }, { size: () => 1 }),
    () => new ReadableStream({ start: () => Promise.reject(new Error('start')) }).getReader().read(),
    () => ReadableStream.from(1),
    givenTo((give) => new ReadableStream({ start: give, pull: give }).getReader().read()),
    givenTo((give) => new ReadableStream({ cancel: give }).cancel(new Error('x'))),
    givenTo((give) => new ReadableStream({ pull: give }, { size: give, highWaterMark: 1 })),
  ],
  ReadableStreamDefaultReader: [
    () => new ReadableStreamDefaultReader(pulled()),
    () => new ReadableStreamDefaultReader({}),
    () => ReadableStreamDefaultReader.prototype.closed,
    () => ReadableStreamDefaultReader.prototype.read.call({}),
  ],
  ReadableStreamBYOBReader: [
    () => new ReadableStreamBYOBReader(byteStream()),
    () => new ReadableStreamBYOBReader(byteStream()).read(new Uint16Array(8), { min: 2 }),
    () =>
      new ReadableStreamBYOBReader(byteStream())
        .read(new DataView(new ArrayBuffer(8)))
        .then(({ value }) => value.buffer),
    () => new ReadableStreamBYOBReader(byteStream()).read(new Uint8Array(transferred())),
    () => new ReadableStreamBYOBReader(pulled()),
  ],
  ReadableStreamBYOBRequest: [
    () => new ReadableStreamBYOBRequest(),
    givenTo(
      (give) =>
        void new ReadableStream({
          type: 'bytes',
          pull(controller) {
            const { byobRequest } = controller;
            give(byobRequest, byobRequest.view, byobRequest.view.buffer, controller);
            byobRequest.view[0] = 1;
            byobRequest.respond(1);
            give(byobRequest, byobRequest.view);
            use.call(() => byobRequest.respond(1), 'respond twice');
            use.call(() => byobRequest.respondWithNewView({}), 'respondWithNewView');
          },
        })
          .getReader({ mode: 'byob' })
          .read(new Uint8Array(4)),
    ),
  ],
  ReadableStreamDefaultController: [
    () => new ReadableStreamDefaultController(),
    givenTo(
      (give) =>
        new ReadableStream({
          start(controller) {
            give(controller, controller.desiredSize);
            controller.error(new Error('x'));
            use.call(() => controller.enqueue(1), 'enqueue after error');
            use.call(() => controller.close(), 'close after error');
          },
        }),
    ),
  ],
  ReadableByteStreamController: [
    () => new ReadableByteStreamController(),
    givenTo(
      (give) =>
        new ReadableStream({
          type: 'bytes',
          start(controller) {
            give(controller, controller.byobRequest, controller.desiredSize);
            use.call(() => controller.enqueue('text'), 'enqueue text');
            use.call(() => controller.enqueue(new Uint8Array(transferred())), 'enqueue detached');
            controller.close();
            use.call(() => controller.close(), 'close twice');
          },
        }),
    ),
  ],
  WritableStream: [
    () => new WritableStream(),
    () => new WritableStream().getWriter(),
    () => new WritableStream().abort(new Error('aborted')),
    () => new WritableStream().close(),
    () => new WritableStream({ type: 'x' }),
    () => new WritableStream({ write: () => Promise.reject(new Error('write')) }).getWriter().write('x'),
    givenTo((give) =>
      new WritableStream({ start: give, write: give, close: give, abort: give }).getWriter().write({}),
    ),
    givenTo((give) => new WritableStream({ abort: give }).abort('x')),
    givenTo((give) => new WritableStream({ close: give }).close()),
    () => new WritableStream({ start: (controller) => controller.error(new Error('x')) }).getWriter().closed,
  ],
  WritableStreamDefaultWriter: [
    () => new WritableStreamDefaultWriter(new WritableStream()),
    () => {
      const writer = new WritableStream().getWriter();
      return [
        writer.ready,
        writer.closed,
        writer.write('x'),
        writer.desiredSize,
        writer.close(),
        writer.close(),
      ];
    },
    () => {
      const writer = new WritableStream().getWriter();
      writer.releaseLock();
      return [writer.ready, writer.closed, writer.write('x'), writer.abort()];
    },
    () => WritableStreamDefaultWriter.prototype.ready,
  ],
  WritableStreamDefaultController: [
    () => new WritableStreamDefaultController(),
    givenTo((give) => new WritableStream({ start: (controller) => give(controller, controller.signal) })),
  ],
  TransformStream: [
    () => new TransformStream(),
    () => new TransformStream().readable,
    () => new TransformStream({ readableType: 'x' }),
    () =>
      pulled().pipeThrough(
        new TransformStream({ transform: (chunk, controller) => controller.enqueue(chunk) }),
      ),
    givenTo((give) =>
      new TransformStream({ start: give, transform: give, flush: give }).writable.getWriter().write(1),
    ),
    givenTo((give) => new TransformStream({ cancel: give }).readable.cancel('x')),
  ],
  TransformStreamDefaultController: [
    () => new TransformStreamDefaultController(),
    givenTo(
      (give) => new TransformStream({ start: (controller) => give(controller, controller.desiredSize) }),
    ),
    () =>
      new TransformStream({ start: (controller) => controller.terminate() }).writable.getWriter().write(1),
  ],
  CountQueuingStrategy: [
    () => new CountQueuingStrategy({ highWaterMark: 1 }),
    () => new CountQueuingStrategy({ highWaterMark: 1 }).size,
    () => new CountQueuingStrategy(),
  ],
  ByteLengthQueuingStrategy: [
    () => new ByteLengthQueuingStrategy({ highWaterMark: 1 }),
    () => new ByteLengthQueuingStrategy({ highWaterMark: 1 }).size({ byteLength: {} }),
    () => new ByteLengthQueuingStrategy({}),
  ],
  CompressionStream: [
    () => new CompressionStream('gzip'),
    () => new CompressionStream('odd'),
    () => new Response(pulled().pipeThrough(new CompressionStream('deflate-raw'))).bytes(),
    () => ReadableStream.from(['text']).pipeThrough(new CompressionStream('gzip')).getReader().read(),
  ],
  DecompressionStream: [
    () => new DecompressionStream('gzip'),
    () => new DecompressionStream(),
    () => pulled().pipeThrough(new DecompressionStream('gzip')).getReader().read(),
    () =>
      new Response(
        pulled().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')),
      ).text(),
  ],
  FixedLengthStream: [
    () => new FixedLengthStream(2),
    () => new FixedLengthStream(-1),
    () => new Response(ReadableStream.from([bytes()]).pipeThrough(new FixedLengthStream(2))).text(),
    () => new Response(ReadableStream.from([bytes()]).pipeThrough(new FixedLengthStream(1))).text(),
  ],
  IdentityTransformStream: [
    () => new IdentityTransformStream(),
    () => new Response(pulled().pipeThrough(new IdentityTransformStream())).text(),
    () => ReadableStream.from([1]).pipeThrough(new IdentityTransformStream()).getReader().read(),
  ],
  TextDecoderStream: [
    () => new TextDecoderStream('latin1'),
    () => new TextDecoderStream('odd'),
    () => pulled().pipeThrough(new TextDecoderStream()).getReader().read(),
    () =>
      ReadableStream.from([new Uint8Array([255])])
        .pipeThrough(new TextDecoderStream('utf-8', { fatal: true }))
        .getReader()
        .read(),
  ],
  TextEncoderStream: [
    () => new TextEncoderStream(),
    () => ReadableStream.from(['x']).pipeThrough(new TextEncoderStream()).getReader().read(),
    () =>
      ReadableStream.from([Symbol('x')])
        .pipeThrough(new TextEncoderStream())
        .getReader()
        .read(),
  ],

  Crypto: [() => new Crypto(), () => Crypto.prototype.randomUUID()],
  crypto: [
    () => crypto,
    () => crypto.randomUUID(),
    () => crypto.getRandomValues(new Uint8Array(4)).buffer,
    () => crypto.getRandomValues(new Float64Array(1)),
    () => crypto.getRandomValues({}),
    () => crypto.getRandomValues(new Uint8Array(70_000)),
    () => crypto.subtle,
    () => crypto.DigestStream,
    () => new crypto.DigestStream('SHA-256'),
    () => new crypto.DigestStream('none'),
    () => {
      const stream = new crypto.DigestStream({ name: 'md5' });
      const writer = stream.getWriter();
      return [writer.write('x'), writer.write(bytes()), writer.close(), stream.digest, stream.bytesWritten];
    },
    () => {
      const stream = new crypto.DigestStream('crc32');
      return [stream.getWriter().write(1), stream.digest];
    },
    () => {
      const stream = new crypto.DigestStream('SHA-1');
      stream[Symbol.dispose]();
      return [stream.digest, stream.abort(new Error('late'))];
    },
  ],

  CryptoKey: [
    () => new CryptoKey(),
    () => CryptoKey.prototype.algorithm,
    () => [secretKey, signing.publicKey, signing.privateKey],
    () => [secretKey.algorithm, secretKey.usages, secretKey.type, secretKey.extractable],
    () => structuredClone(signing.privateKey).algorithm,
    () => structuredClone([macKey, macKey]),
  ],
  SubtleCrypto: [
    () => new SubtleCrypto(),
    () => SubtleCrypto.prototype.digest(),
    () => SubtleCrypto.supports('encrypt', { name: 'AES-GCM', iv }),
    () => SubtleCrypto.supports('deriveKey', hkdf, aes),
    () => SubtleCrypto.supports('digest'),
    () => subtle.digest('SHA-256', bytes()),
    () => subtle.digest('SHA-256', new Uint8Array(20_000)),
    () => subtle.digest({ name: 'cSHAKE128', outputLength: 64 }, bytes()),
    () => subtle.digest('none', bytes()),
    () => subtle.digest('SHA-1', transferred()),
    () => subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytes() }, secretKey, bytes()),
    () => subtle.encrypt({ name: 'AES-GCM' }, secretKey, bytes()),
    () => subtle.decrypt({ name: 'AES-GCM', iv }, secretKey, bytes()),
    () => subtle.sign('HMAC', macKey, bytes()),
    () => subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, signing.privateKey, bytes()),
    () => subtle.sign('HMAC', secretKey, bytes()),
    () => subtle.verify({ name: 'ECDSA', hash: { name: 'SHA-256' } }, signing.publicKey, bytes(), bytes()),
    () => subtle.generateKey(aes, true, ['encrypt']),
    () => subtle.generateKey('Ed25519', false, ['sign', 'verify']),
    () => subtle.generateKey('Ed25519', false, []),
    () =>
      subtle.importKey(
        'jwk',
        { kty: 'oct', k: 'AAAA', key_ops: ['sign'] },
        { name: 'HMAC', hash: 'SHA-1' },
        true,
        ['sign'],
      ),
    () =>
      subtle.importKey('jwk', { kty: 'RSA', oth: [{ r: 'a' }] }, { name: 'RSA-PSS', hash: 'SHA-1' }, true, [
        'sign',
      ]),
    () => subtle.importKey('spki', bytes(), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']),
    () => subtle.exportKey('jwk', signing.privateKey),
    () => subtle.exportKey('pkcs8', signing.privateKey),
    () => subtle.exportKey('raw', baseKey),
    () => subtle.getPublicKey(signing.privateKey, ['verify']),
    () => subtle.deriveBits(hkdf, baseKey, 128),
    () => subtle.deriveBits(hkdf, baseKey, 7),
    () => subtle.deriveKey(hkdf, baseKey, aes, true, ['decrypt']),
    () => subtle.wrapKey('raw', macKey, secretKey, { name: 'AES-GCM', iv }),
    () =>
      subtle.unwrapKey(
        'jwk',
        wrapped,
        unwrappingKey,
        { name: 'AES-GCM', iv },
        { name: 'HMAC', hash: 'SHA-256' },
        true,
        ['sign'],
      ),
    () => subtle.encapsulateBits('ML-KEM-512', kem.publicKey),
    () => subtle.encapsulateKey('ML-KEM-512', kem.publicKey, 'HKDF', false, ['deriveBits']),
    () => subtle.decapsulateBits('ML-KEM-512', kem.privateKey, encapsulated),
    () => subtle.decapsulateKey('ML-KEM-512', kem.privateKey, encapsulated, aes, true, ['encrypt']),
    () => subtle.timingSafeEqual(bytes(), bytes()),
    () => subtle.timingSafeEqual(bytes(), iv),
  ],

  Navigator: [() => new Navigator(), () => Navigator.prototype.userAgent],
  navigator: [() => navigator, () => navigator.userAgent],
  Performance: [() => new Performance(), () => Performance.prototype.now()],
  PerformanceEntry: [() => new PerformanceEntry(), () => PerformanceEntry.prototype.name],
  PerformanceMark: [
    () => new PerformanceMark('a', { detail: { b: [1] } }),
    () => new PerformanceMark('a', { detail: () => {} }),
  ],
  PerformanceMeasure: [
    () => new PerformanceMeasure(),
    () => performance.measure('m', { start: 0, end: 1, detail: { a: 1 } }),
  ],
  PerformanceObserver: [
    () => new PerformanceObserver(() => {}),
    () => new PerformanceObserver(1),
    () => PerformanceObserver.supportedEntryTypes,
    givenTo((give) => {
      const observer = new PerformanceObserver((list, ...rest) => {
        observer.disconnect();
        give(list, list.getEntries(), ...rest);
      });
      observer.observe({ entryTypes: ['mark'] });
      performance.mark('seen', { detail: { a: 1 } });
    }),
    () => new PerformanceObserver(() => {}).observe({}),
    () => new PerformanceObserver(() => {}).takeRecords(),
  ],
  PerformanceObserverEntryList: [() => new PerformanceObserverEntryList()],
  performance: [
    () => performance,
    () => performance.now(),
    () => performance.mark('a'),
    () => performance.measure('b', 'no such mark'),
    () => performance.getEntries(),
    () => performance.getEntriesByName('a'),
    () => performance.getEntriesByType('mark'),
    () => performance.clearMarks(),
    () => performance.toJSON(),
  ],

  setTimeout: [
    () => setTimeout(() => {}, 0),
    () => setTimeout('import("node:fs")'),
    () => setTimeout(),
    () =>
      new Promise((resolve) =>
        setTimeout(
          function (...args) {
            resolve([this, args]);
          },
          0,
          'a',
          {},
        ),
      ),
    () => setTimeout(() => {}, Symbol('delay')),
  ],
  setInterval: [() => clearInterval(setInterval(() => {}, 1)), () => setInterval('code')],
  clearTimeout: [() => clearTimeout(1e9), () => clearTimeout(Symbol('id'))],
  clearInterval: [() => clearInterval(), () => clearInterval(1n)],
  queueMicrotask: [
    () =>
      new Promise((resolve) =>
        queueMicrotask(function (...args) {
          resolve([this, args]);
        }),
      ),
    () => queueMicrotask('code'),
  ],
  scheduler: [
    () => scheduler,
    () => scheduler.wait(0),
    () => scheduler.wait(10, { signal: AbortSignal.abort(new Error('x')) }),
    () => scheduler.wait(10, { signal: 1 }),
  ],

  WebSocket: [
    () => new WebSocket('ws://test/websocket'),
    () => heard(new WebSocket('ws://test/')),
    () => heard(new WebSocket('ws://test/websocket', ['a', 'b'])),
    () => {
      const socket = new WebSocket('wss://test/websocket');
      const outcome = heard(socket);
      socket.onopen = () => {
        socket.send('text');
        socket.send(bytes());
        socket.send(new Blob(['b']));
        socket.close(3000, 'over');
      };
      return [outcome, socket.onopen, socket.url, socket.bufferedAmount];
    },
    () => {
      const socket = new WebSocket('ws://test/websocket');
      const outcome = heard(socket);
      socket.close();
      return outcome;
    },
    () => new WebSocket('ws://test/websocket').send('x'),
    () => new WebSocket('ws://test/websocket').close(1),
    () => new WebSocket('ws://test/websocket').close(1000, 'x'.repeat(124)),
    () => new WebSocket('ws://test/websocket').accept(),
    () => new WebSocket('relative'),
    () => new WebSocket('ws://test/#hash'),
    () => new WebSocket('ftp://test/'),
    () => new WebSocket(html, 'not a token'),
    () => new WebSocket(html, ['a', 'a']),
    () => new WebSocket(html, [Symbol('protocol')]),
    () => new WebSocket(),
    () => WebSocket('ws://test/'),
    () => WebSocket.prototype.send.call({}, 'x'),
    () => WebSocket.prototype.readyState,
    () => Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage').get.call({}),
  ],
  EventSource: [
    () => {
      const source = new EventSource('http://test/events');
      const seen = [source];
      for (const type of ['open', 'message', 'own', 'error']) {
        source.addEventListener(type, function (...args) {
          seen.push(this, args, args[0].data);
        });
      }
      source.onmessage = () => source.close();
      return new Promise((resolve) => setTimeout(() => resolve([seen, source.close()]), 5));
    },
    () => {
      const source = new EventSource('http://test/', { fetcher: use.env.OTHER, withCredentials: true });
      return new Promise((resolve) => (source.onerror = (event) => resolve([event, event.target])));
    },
    () => {
      const source = EventSource.from(new Response('data: x\n\nevent: own\ndata: y\n\n').body);
      return new Promise((resolve) => (source.onmessage = (event) => resolve(event)));
    },
    () => EventSource.from(failing()),
    () => EventSource.from(1),
    () => new EventSource('relative'),
    () => new EventSource('http://test/', { fetcher: {} }),
    () => new EventSource('http://test/', 1),
    () => new EventSource(Symbol('url')),
    () => EventSource('http://test/'),
    () => EventSource.prototype.close.call({}),
    () => EventSource.prototype.url,
  ],
  WebSocketPair: [
    () => new WebSocketPair(),
    () => [...new WebSocketPair()],
    () => new WebSocketPair().entries().next(),
    () => WebSocketPair.prototype.entries.call({}),
    () => WebSocketPair(),
    () => {
      const [first, second] = pair();
      const outcome = [heard(first), heard(second)];
      first.send('text');
      second.send(bytes());
      first.send(new Blob(['b']));
      second.binaryType = 'blob';
      first.send(new DataView(new ArrayBuffer(4)));
      first.close(1001, 'over');
      return outcome;
    },
    () => {
      const [first, second] = new WebSocketPair();
      first.accept({ allowHalfOpen: true });
      second.accept();
      second.close();
      return heard(first);
    },
    () => {
      const [first] = pair();
      first.close();
      first.send('late');
    },
    () => new WebSocketPair()[0].send('early'),
    () => new WebSocketPair()[0].close(),
    () => pair()[0].send(Symbol('x')),
    () => pair()[0].send(transferred()),
    () => pair()[0].send(),
    () => pair()[0].close(1006),
    () => pair()[0].close(undefined, 'reason'),
    () => pair()[0].accept(1),
    () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }),
    () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }).webSocket,
    () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }).clone(),
    () => new Response(null, { status: 101, webSocket: {} }),
    () => new Response(null, { status: 101 }),
    () => new Response(null, { webSocket: new WebSocketPair()[0] }),
    () => new Response('x', { status: 101, webSocket: new WebSocketPair()[0] }),
  ],

  console: [
    () => console,
    ...Object.keys(console).flatMap((name) => [
      () =>
        console[name](
          '%s %o %O %d %c',
          'x',
          { a: [new Map([[1, new Set([2])]])] },
          new Error('e'),
          1n,
          'css',
        ),
      () =>
        console[name](
          new Proxy({}, {}),
          Symbol('s'),
          Object.create(null),
          use.request,
          use.env,
          new Response(''),
        ),
      () => console[name]('label'),
    ]),
  ],

  WebAssembly: [
    () => sample,
    () => new WebAssembly.Instance(sample, { m: { f: (x) => x } }),
    () => new WebAssembly.Instance(sample, { m: { f: (x) => x } }).exports,
    () => new WebAssembly.Instance(sample, { m: { f: (x) => x } }).exports.memory.buffer,
    () => new WebAssembly.Instance(sample, { m: { f: (x) => x } }).exports.trap(),
    () =>
      new WebAssembly.Instance(sample, {
        m: {
          f() {
            throw new Error('import');
          },
        },
      }).exports.call(1),
    () => WebAssembly.instantiate(sample, { m: { f: (x) => x } }),
    () => WebAssembly.instantiate(sample, {}),
    () => WebAssembly.instantiate(bytes()),
    () => WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
    () => new WebAssembly.Instance(sample),
    () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
    () => WebAssembly.Module.exports(sample),
    () => WebAssembly.Module.imports(sample),
    () => WebAssembly.Module.customSections(sample, 'note'),
    () => new WebAssembly.Memory({ initial: 1 }).buffer,
    () => new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }).buffer,
    () => new WebAssembly.Memory({ initial: 1 }).grow(100_000),
    () => new WebAssembly.Table({ initial: 1, element: 'anyfunc' }).get(0),
    () => new WebAssembly.Table({ initial: 1, element: 'externref' }, {}).get(0),
    () => new WebAssembly.Global({ value: 'externref' }, {}).value,
    () => new WebAssembly.Tag({ parameters: ['i32'] }),
    () => new WebAssembly.Exception(new WebAssembly.Tag({ parameters: ['i32'] }), [1], { traceStack: true }),
    () => new WebAssembly.Suspending(() => Promise.resolve(1)),
    () => WebAssembly.promising(new WebAssembly.Instance(sample, { m: { f: (x) => x } }).exports.call)(1),
    () => WebAssembly.promising(() => {}),
    () => WebAssembly.JSTag,
  ],

  // What is no global.
  assets: [() => data, () => sample],
  import: [
    () => import.meta,
    () => import.meta.url,
    () => import('./kit.js'),
    () => import(String('no such module')),
    () => import(Symbol('specifier')),
    () => workers,
    () => workers.env,
    () => workers.waitUntil(Promise.resolve()),
  ],
  env: [() => use.env, () => Object.values(use.env)],
  cryptoKey: [
    () => use.env.KEY,
    () => use.env.KEY.algorithm,
    () => use.env.KEY.usages,
    () => structuredClone(use.env.KEY),
    () => crypto.subtle.exportKey('raw', use.env.KEY),
    () => crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, use.env.KEY, bytes()),
  ],
  ratelimit: [
    () => use.env.LIMIT,
    () => use.env.LIMIT.limit({ key: 'a' }),
    () => use.env.LIMIT.limit({ key: Symbol('x') }),
    () => use.env.LIMIT.limit({}),
    () => use.env.LIMIT.limit(5),
    () => use.env.LIMIT.limit(),
    () => use.env.LIMIT.limit.call({}, { key: 'a' }),
    () => new use.env.LIMIT.constructor(),
  ],
  workerLoader: [
    () => use.env.LOADER,
    () => use.env.LOADER.get('one', () => loadedCode(undefined, { OTHER: use.env.OTHER })),
    () => use.env.LOADER.get('one', () => loadedCode()).getEntrypoint(),
    () =>
      use.env.LOADER.get('one', () => loadedCode())
        .getEntrypoint()
        .fetch('http://test/'),
    () =>
      use.env.LOADER.get('one', () => loadedCode())
        .getEntrypoint('Named', { props: { a: 1 } })
        .hello(bytes()),
    () => use.env.LOADER.load(loadedCode()).getEntrypoint().fetch('http://test/'),
    () =>
      use.env.LOADER.get('throws', () => Promise.reject(new Error('code')))
        .getEntrypoint()
        .hello(),
    () =>
      use.env.LOADER.get('wrong', () => 5)
        .getEntrypoint()
        .fetch('http://test/'),
    () =>
      use.env.LOADER.get('getter', () => ({
        get modules() {
          throw new Error('getter');
        },
      }))
        .getEntrypoint()
        .hello(),
    () =>
      use.env.LOADER.get('syntax', () => loadedCode('export default {'))
        .getEntrypoint()
        .fetch('http://test/'),
    () =>
      use.env.LOADER.get('top', () => loadedCode('throw { of: "another" }; export default 1'))
        .getEntrypoint()
        .hello(),
    () =>
      use.env.LOADER.get('nothing', () => ({ ...loadedCode(), env: { f() {} } }))
        .getEntrypoint()
        .hello(),
    () =>
      use.env.LOADER.load({ ...loadedCode(), globalOutbound: use.env.OTHER, limits: { subRequests: 1 } })
        .getEntrypoint()
        .fetch('http://test/'),
    () => use.env.LOADER.get(Symbol('x'), () => loadedCode()),
    () => use.env.LOADER.get('x'.repeat(2000), () => loadedCode()),
    () => use.env.LOADER.get('x', {}),
    () => use.env.LOADER.load(),
    () => use.env.LOADER.load(new Proxy({}, {})),
    () => use.env.LOADER.get.call({}, 'x', () => loadedCode()),
    () => use.env.LOADER.load(loadedCode()).getDurableObjectClass(),
    () => new use.env.LOADER.constructor(),
    () => new (use.env.LOADER.load(loadedCode()).constructor)(),
  ],
  memoryCache: [
    () => use.env.CACHE,
    () => use.env.CACHE.read('missing'),
    () =>
      use.env.CACHE.read('key', () => ({
        value: [new Map([[1, bytes()]]), new Date(0), new RangeError('x')],
      })),
    () => use.env.CACHE.read('key', async (key) => ({ value: key })),
    () => use.env.CACHE.read('large', () => ({ value: 'x'.repeat(5000), expiration: 1 })),
    () => use.env.CACHE.read('failing', () => Promise.reject(new Error('fallback'))),
    () => use.env.CACHE.read('failing', () => missing),
    () => use.env.CACHE.read('failing', () => 5),
    () => use.env.CACHE.read('failing', () => ({ value: () => {} })),
    () => use.env.CACHE.read('failing', () => ({ value: 1, expiration: NaN })),
    () =>
      use.env.CACHE.read('failing', () => ({
        get value() {
          throw new Error('getter');
        },
      })),
    () =>
      Promise.all([1, 2, 3].map(() => use.env.CACHE.read('shared', () => Promise.reject(new Error('all'))))),
    () => use.env.CACHE.read('k'.repeat(3000)),
    () => use.env.CACHE.read(Symbol('x')),
    () => use.env.CACHE.read('key', {}),
    () => use.env.CACHE.delete('key'),
    () => use.env.CACHE.delete(),
    () => use.env.CACHE.read.call({}, 'key'),
    () => use.env.CACHE.delete.call({}, 'key'),
    () => new use.env.CACHE.constructor(),
  ],
  ctx: [
    () => use.ctx,
    () => use.ctx.props,
    () => use.ctx.waitUntil(Promise.resolve()),
    () => use.ctx.waitUntil(),
    () => use.ctx.passThroughOnException(),
    () => new use.ctx.constructor(),
    () => Object.getPrototypeOf(use.ctx).waitUntil.call({}, 1),
  ],
  request: [() => use.request, () => use.request.signal, () => use.request.clone(), () => use.request.cf],
  fetcher: [
    () => use.env.OTHER,
    () => use.env.OTHER.fetch(html),
    () => use.env.OTHER.fetch(html).then((response) => response.text()),
    () =>
      use.env.OTHER.fetch(new Request(html, { method: 'POST', body: pulled(), duplex: 'half' })).then(
        (response) => response.body,
      ),
    () => use.env.OTHER.fetch('http://test/throw'),
    () => use.env.OTHER.fetch('http://test/stream').then((response) => response.body.getReader().read()),
    () => use.env.OTHER.fetch('http://test/broken').then((response) => response.text()),
    () => use.env.OTHER.fetch(html, { signal: AbortSignal.timeout(0) }),
    () => use.env.OTHER.fetch('http://test/websocket', { headers: { upgrade: 'websocket' } }),
    async () => {
      const init = { headers: { upgrade: 'websocket' } };
      const { webSocket } = await use.env.OTHER.fetch('http://test/websocket', init);
      const outcome = heard(webSocket);
      webSocket.accept();
      webSocket.send('text');
      webSocket.send(bytes());
      webSocket.close(4000, 'over');
      return outcome;
    },
    () => use.env.OTHER.fetch('http://test/websocket'),
    () => use.env.OTHER.fetch(),
    () => use.env.OTHER.fetch('relative'),
    () => use.env.OTHER.fetch.call({}, html),
    () => new use.env.OTHER.constructor(),
    () => use.env.MISSING.fetch(html),
    () => use.env.OTHER.connect('echo.test:80'),
    () => socketOutcome(use.env.OTHER.connect({ hostname: 'echo.test', port: 80 }, { allowHalfOpen: true })),
    () => socketOutcome(use.env.OTHER.connect('throw.test:80')),
    () => socketOutcome(use.env.NETWORK.connect('127.0.0.1:1', { secureTransport: 'on' })),
    () => socketOutcome(use.env.MISSING.connect('echo.test:80')),
    () => use.env.OTHER.connect(),
    () => use.env.OTHER.connect(Symbol('address')),
    () => use.env.OTHER.connect.call({}, 'echo.test:80'),
  ],
  sockets: [
    () => sockets,
    () => sockets.connect,
    () => socketOutcome(sockets.connect('echo.test:80')),
    () => sockets.connect('hang.test:80').readable.cancel(new Error('enough')),
    () => sockets.connect('hang.test:80').writable.abort(new Error('enough')),
    () => sockets.connect('echo.test:80').close(),
    () => sockets.connect('echo.test:80', { highWaterMark: 4 }).writable.getWriter().write(bytes()),
    () => sockets.connect('echo.test:80').writable.getWriter().write('text'),
    () => sockets.connect('echo.test:80').writable.getWriter().write(Symbol('chunk')),
    () => sockets.connect('echo.test:80').startTls(),
    () => sockets.connect('echo.test:80', { secureTransport: 'on' }).startTls(),
    () =>
      sockets
        .connect('echo.test:80', { secureTransport: 'starttls' })
        .startTls({ expectedServerHostname: 1 }),
    () => {
      const socket = sockets.connect('echo.test:80', { secureTransport: 'starttls' });
      const secure = socket.startTls();
      return [socket, secure, secure.opened.catch((error) => error), thrownBy(() => socket.startTls())];
    },
    () => new (sockets.connect('echo.test:80').constructor)(),
    () => Object.getPrototypeOf(sockets.connect('echo.test:80')).readable,
    () => Object.getPrototypeOf(sockets.connect('echo.test:80')).close.call({}),
    () => Object.getOwnPropertyDescriptors(Object.getPrototypeOf(sockets.connect('echo.test:80'))),
    () => sockets.connect(),
    () => sockets.connect('no address'),
    () => sockets.connect({ hostname: 'a', port: Symbol('port') }),
    () => sockets.connect('a:1', { secureTransport: Symbol('on') }),
    () => sockets.connect('a:1', 1),
    () => structuredClone(sockets.connect('echo.test:80')),
  ],

  // Errors that the engine makes.
  engine: [
    () => null.x,
    () => undefined(),
    () => missing,
    () => 'x'.repeat(-1),
    () => new Array(-1),
    () => 1n + 1,
    () => Symbol('x') + '',
    () => decodeURIComponent('%'),
    () => JSON.parse('{'),
    () => new RegExp('('),
    () => new Function('return this'),
    () => (async () => {}).constructor('return this'),
    () => function* () {}.constructor('yield'),
    () => async function* () {}.constructor(''),
    () => (0, eval)('1'),
    () => new Intl.NumberFormat('!'),
    () => new Intl.DateTimeFormat('en', { timeZone: 'Nowhere' }),
    () => new Date(NaN).toISOString(),
    () => Reflect.construct(1),
    () => new ArrayBuffer(2 ** 53),
    () => new Uint8Array(transferred()),
    () => Array.fromAsync(Symbol('x')),
    () => Promise.any([]),
    () => structuredClone.call(),
    () => new Proxy({}, null),
    () => new (class extends null {})(),
    () => Object.defineProperty(Object.freeze({}), 'a', { value: 1 }),
    () => Iterator.prototype.map.call(1),
    () => new FinalizationRegistry(1),
    () => new WeakRef(1),
    () => new DisposableStack().use(1),
  ],
});
