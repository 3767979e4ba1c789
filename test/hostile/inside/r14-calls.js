/** Calls from realm to realm, by a caller that does what it can. `WALKING` answers with what it was given and is not its own. */

import { attacker } from './kit.js';

const url = 'http://test/';

/** What the other service found, or how the call failed. */
async function found(t, path, init, what) {
  const { value, error } = await t.settle(() => t.env.WALKING.fetch(`${url}${path}`, init), what);
  t.walk(value ?? error, what);
  if (value === undefined) return `failed: ${error?.name}`;
  const { value: text, error: problem } = await t.settle(() => value.text(), `${what}: body`);
  return text ?? `failed: ${problem?.name}`;
}

const throwingStream = (thrown) =>
  new ReadableStream({
    pull() {
      throw thrown;
    },
  });

const bodies = () => ({
  nothing: undefined,
  text: 'text',
  'lone surrogates': '\ud800\udc00\ud800',
  bytes: new Uint8Array(8),
  'a resizable view': new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 })),
  blob: new Blob(['x'], { type: 'a/b' }),
  form: (() => {
    const form = new FormData();
    form.append('__proto__', new File(['x'], 'constructor'));
    return form;
  })(),
  params: new URLSearchParams({ __proto__: 'x' }),
  stream: ReadableStream.from([new Uint8Array(3)]),
  'an empty stream': ReadableStream.from([]),
  'a stream of text': ReadableStream.from(['x']),
  'a stream of objects': ReadableStream.from([{ byteLength: 1 }]),
  'a stream that throws': throwingStream(new RangeError('mine')),
  'a stream that throws an odd value': throwingStream(Object.create(null)),
  'a stream that throws a symbol': throwingStream(Symbol('thrown')),
  'a stream that throws a proxy': throwingStream(
    new Proxy(new Error('x'), {
      get() {
        throw new Error('trap');
      },
      getPrototypeOf() {
        throw new Error('trap');
      },
    }),
  ),
  'an async generator': (async function* () {
    yield new Uint8Array(2);
    throw new Error('generator');
  })(),
  'an object with a text': { toString: () => 'text' },
});

export default attacker({
  async 'bodies of every kind'(t) {
    for (const path of ['', 'read', 'throw']) {
      for (const [name, body] of Object.entries(bodies())) {
        const init = { method: 'POST', body, duplex: 'half' };
        const text = await found(t, path, init, `${path} ${name}`);
        t.ok(text === '' || text.startsWith('failed: '), `${path} ${name}: ${text}`);
      }
    }
  },

  async 'headers, methods and URLs of every kind'(t) {
    const inits = {
      'many headers': { headers: Array.from({ length: 2000 }, (_, i) => [`h${i}`, 'x'.repeat(20)]) },
      'a header named __proto__': { headers: [['__proto__', 'x']] },
      'a method in lower case': { method: 'patch' },
      'an odd method': { method: '__proto__' },
      'a method with a line feed': { method: 'GET\nX' },
      'an odd cf': { cf: { __proto__: null, a: 1 } },
      'a cf of __proto__': { cf: JSON.parse('{"__proto__": {"polluted": 1}}') },
      'a cf with toJSON': { cf: { toJSON: () => ({ b: 1 }) } },
      'a cyclic cf': {
        get cf() {
          const cf = {};
          cf.cf = cf;
          return cf;
        },
      },
    };
    for (const [name, init] of Object.entries(inits)) {
      const text = await found(t, '', init, name);
      t.ok(text === '' || text === 'failed: TypeError', `${name}: ${text}`);
    }
    const urls = [
      '//',
      'http://user:pw@test/',
      'javascript:1',
      'data:,x',
      'file:///etc/passwd',
      'http://test/\ud800',
      'http://\u0000/',
    ];
    for (const odd of urls) await t.settle(() => t.env.WALKING.fetch(odd), odd);
  },

  async 'aborted at odd moments'(t) {
    const reasons = [
      undefined,
      null,
      'text',
      Symbol('reason'),
      {},
      () => {},
      new Proxy({}, {}),
      Object.create(null),
      new Error('mine'),
      1n,
    ];
    for (const [i, reason] of reasons.entries()) {
      const moments = {
        before: (controller) => controller.abort(reason),
        'in the same turn': (controller) => queueMicrotask(() => controller.abort(reason)),
        'in a later turn': (controller) => setTimeout(() => controller.abort(reason), 2),
        twice: (controller) => setTimeout(() => (controller.abort(reason), controller.abort('again')), 1),
        'from a listener': (controller) => {
          controller.signal.addEventListener('abort', () => controller.abort('inner'));
          setTimeout(() => controller.abort(reason), 1);
        },
      };
      for (const [moment, act] of Object.entries(moments)) {
        const controller = new AbortController();
        const promise = t.settle(
          () => t.env.WALKING.fetch(`${url}wait`, { signal: controller.signal }),
          moment,
        );
        act(controller);
        const { error, value } = await promise;
        t.same(value, undefined, `${moment}, ${i}: answered`);
        if (reason !== undefined) t.same(error, reason, `${moment}, ${i}: the reason`);
        else t.ok(error instanceof DOMException, `${moment}, ${i}: the default reason`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    t.same(await (await t.env.WALKING.fetch(`${url}late`)).text(), '', 'what the listeners there were given');
  },

  async 'aborted while the body is on its way, in both directions'(t) {
    for (const late of [0, 1, 3]) {
      const controller = new AbortController();
      let pulled = 0;
      let canceled;
      const body = new ReadableStream({
        async pull(source) {
          pulled++;
          await new Promise((resolve) => setTimeout(resolve, 1));
          source.enqueue(new Uint8Array(8));
        },
        cancel(reason) {
          canceled = reason;
        },
      });
      const init = { method: 'POST', body, duplex: 'half', signal: controller.signal };
      const promise = t.settle(() => t.env.WALKING.fetch(`${url}read`, init), 'upload');
      setTimeout(() => controller.abort(new Error('stop')), late);
      const { error } = await promise;
      t.same(error?.message, 'stop', 'the upload');
      await new Promise((resolve) => setTimeout(resolve, 10));
      const before = pulled;
      await new Promise((resolve) => setTimeout(resolve, 10));
      t.ok(pulled - before <= 1, 'the body is read on');
      t.walk(canceled, 'canceled');
    }
    const controller = new AbortController();
    const response = await t.env.OTHER.fetch(`${url}endless`, { signal: controller.signal });
    const reader = response.body.getReader();
    await reader.read();
    const pending = reader.read();
    controller.abort(new Error('stop'));
    await t.settle(() => pending, 'a pending read');
    await t.settle(() => reader.read(), 'a later read');
    await t.settle(() => reader.closed, 'closed');
  },

  async 'one body for two calls'(t) {
    const request = new Request(url, { method: 'POST', body: 'once' });
    const both = await Promise.allSettled([t.env.WALKING.fetch(request), t.env.WALKING.fetch(request)]);
    t.walk(both, 'both');
    t.same(both.filter(({ status }) => status === 'fulfilled').length, 1, 'calls that had the body');
    const stream = ReadableStream.from([new Uint8Array(2)]);
    const init = () => ({ method: 'POST', body: stream, duplex: 'half' });
    const two = await Promise.allSettled([
      t.env.WALKING.fetch(url, init()),
      t.env.WALKING.fetch(url, init()),
    ]);
    t.walk(two, 'two');
    t.same(two.filter(({ status }) => status === 'fulfilled').length, 1, 'calls that had the stream');
    const clone = new Request(url, { method: 'POST', body: 'x' });
    t.walk(
      await Promise.all([t.env.WALKING.fetch(clone.clone()), t.env.WALKING.fetch(clone)]),
      'a clone and its original',
    );
  },

  async 'a stream from there that is read twice at once'(t) {
    const response = await t.env.OTHER.fetch(`${url}stream`);
    const reader = response.body.getReader();
    const reads = await Promise.allSettled([reader.read(), reader.read(), reader.read(), reader.closed]);
    t.walk(reads, 'reads');
    t.same(reads[0].value.value.length, 3, 'the first chunk');
    t.same(reads[1].value.done && reads[2].value.done, true, 'the end');
    const again = await t.env.OTHER.fetch(`${url}stream`);
    const [left, right] = again.body.tee();
    const texts = await Promise.all([new Response(left).bytes(), new Response(right).bytes()]);
    t.same(texts.map((bytes) => bytes.join()).join(' '), '1,2,3 1,2,3', 'both branches');
    t.ok(texts[0].buffer !== texts[1].buffer, 'the branches share memory');
    const third = await t.env.OTHER.fetch(`${url}stream`);
    const outcome = await Promise.allSettled([third.text(), third.bytes(), third.body.cancel(), third.clone]);
    t.walk(outcome, 'used twice');
  },

  async 'a stream is passed on, back and forth'(t) {
    let { body } = await t.env.OTHER.fetch(`${url}stream`);
    for (let i = 0; i < 20; i++)
      ({ body } = await t.env.OTHER.fetch(url, { method: 'POST', body, duplex: 'half' }));
    const { value } = await t.settle(() => new Response(body).bytes(), 'the stream');
    t.same(value?.join(), '1,2,3', 'the bytes');
  },

  async 'calls that lead to themselves'(t) {
    const { value, error } = await t.settle(() => t.env.LOOP.fetch(url), 'loop');
    t.walk(value ?? error, 'loop');
    const { error: deep } = await t.settle(
      () =>
        Promise.all(
          Array.from({ length: 50 }, () => t.env.LOOP.fetch(url).then((response) => response.text())),
        ),
      'loops',
    );
    t.walk(deep, 'loops');
  },

  async 'stacks name only what the realm runs itself'(t) {
    const { value } = await t.settle(() => t.env.STACKS.fetch(url), 'stack');
    const there = await value.text();
    t.ok(there.includes('stacks.js') || there.includes('worker:stacks'), there);
    t.ok(
      !there.includes('attacker') &&
        !there.includes('nanod:') &&
        !there.includes('node:') &&
        !there.includes('file:'),
      there,
    );
  },

  async 'the error of a call is made of texts'(t) {
    const { error } = await t.settle(() => t.env.OTHER.fetch(`${url}throw`), 'throw');
    t.ok(error instanceof RangeError, 'the class');
    t.same(error.constructor, RangeError, 'the constructor');
    t.same(error.cause, undefined, 'the cause');
    t.same(error.extra, undefined, 'other properties');
    t.walk(error, 'error');
    const { error: missing } = await t.settle(() => t.env.MISSING.fetch(url), 'missing');
    t.walk(missing, 'missing');
  },
});
