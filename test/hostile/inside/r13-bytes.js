/** Bytes: each buffer that arrives is the realm's, exact, and nobody else's. */

import data from './sample.bin';
import { attacker } from './kit.js';

const url = 'http://test/';
const text = 'x'.repeat(100);
const stream = (...chunks) => ReadableStream.from(chunks);

/** Every way to get bytes from somewhere else. */
const sources = (t) => ({
  'an asset': () => data,
  encode: () => new TextEncoder().encode(text),
  'a small text': () => new TextEncoder().encode('x'),
  'no text': () => new TextEncoder().encode(''),
  'a digest': () => crypto.subtle.digest('SHA-256', new Uint8Array(8)),
  'a digest of much': () => crypto.subtle.digest('SHA-512', new Uint8Array(100_000)),
  'a digest of a stream': () => {
    const digester = new crypto.DigestStream('md5');
    digester.close();
    return digester.digest;
  },
  'a generated key': async () => {
    const { publicKey } = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    return crypto.subtle.exportKey('raw', publicKey);
  },
  'an exponent': async () => {
    const rsa = { name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 512, publicExponent: new Uint8Array([3]) };
    return (await crypto.subtle.generateKey(rsa, false, ['sign'])).publicKey.algorithm.publicExponent;
  },
  random: () => crypto.getRandomValues(new Uint8Array(8)),
  'bytes of a text': () => new Response(text).bytes(),
  'a buffer of a text': () => new Response(text).arrayBuffer(),
  'bytes of a Blob': () => new Blob([text]).bytes(),
  'a buffer of a Blob': () => new Blob([text]).arrayBuffer(),
  'a stream of a Blob': async () => (await new Blob([text]).stream().getReader().read()).value,
  'a stream of a text': async () => (await new Response(text).body.getReader().read()).value,
  'a BYOB read': async () =>
    (await new Response(text).body.getReader({ mode: 'byob' }).read(new Uint8Array(8))).value,
  'a compressed stream': async () =>
    (await stream(new Uint8Array(8)).pipeThrough(new CompressionStream('gzip')).getReader().read()).value,
  'bytes from there': () => t.env.OTHER.fetch(`${url}bytes`).then((response) => response.bytes()),
  'a buffer from there': () => t.env.OTHER.fetch(`${url}bytes`).then((response) => response.arrayBuffer()),
  'bytes there and back': () =>
    t.env.OTHER.fetch(`${url}echo`, { method: 'POST', body: new Uint8Array(8) }).then((response) =>
      response.bytes(),
    ),
  'text from there': () =>
    t.env.OTHER.fetch(url, { method: 'POST', body: text }).then((response) => response.arrayBuffer()),
  'a stream from there': () =>
    t.env.OTHER.fetch(`${url}stream`)
      .then((response) => response.body.getReader().read())
      .then(({ value }) => value),
  'a whole stream from there': () => t.env.OTHER.fetch(`${url}stream`).then((response) => response.bytes()),
  'a message of a WebSocket here': () => {
    const [here, there] = new WebSocketPair();
    here.accept();
    there.accept();
    there.send(new Uint8Array(8));
    return new Promise((resolve) => here.addEventListener('message', ({ data }) => resolve(data)));
  },
  'a message of a WebSocket from there': async () => {
    const init = { headers: { upgrade: 'websocket' } };
    const { webSocket } = await t.env.OTHER.fetch(`${url}websocket`, init);
    webSocket.accept();
    webSocket.send(new Uint8Array(new ArrayBuffer(100), 4, 8));
    return new Promise((resolve) => webSocket.addEventListener('message', ({ data }) => resolve(data)));
  },
  'bytes of a global binding': () => t.env.DATA,
  'a data URL': () => fetch('data:,x').then((response) => response.bytes()),
  'a clone': () => structuredClone(new Uint8Array(8)),
  'a file of a form': async () => {
    const form = new FormData();
    form.append('a', new Blob([text]));
    return (await new Response(form).formData()).get('a').bytes();
  },
});

function detachedView() {
  const view = new Uint8Array(8);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

export default attacker({
  async 'buffers are of this realm, exact, and can be transferred'(t) {
    for (const [name, source] of Object.entries(sources(t))) {
      const { value } = await t.settle(source, name);
      const buffer = value.buffer ?? value;
      t.walk(buffer, name);
      t.same(Object.getPrototypeOf(buffer), ArrayBuffer.prototype, name);
      t.ok(buffer.byteLength <= 4096, `${name}: ${buffer.byteLength} bytes are behind it`);
      t.same(buffer.resizable, false, `${name} is resizable`);
      t.walk(buffer.slice(0, 0), `${name} sliced`);
      t.same(
        t.call(() => buffer.transfer(), name),
        undefined,
        `${name} cannot be transferred`,
      );
    }
  },

  async 'no two bodies share memory'(t) {
    for (const [name, source] of Object.entries(sources(t))) {
      if (name === 'an asset' || name.includes('binding')) continue;
      const [{ value: first }, { value: second }] = [
        await t.settle(source, name),
        await t.settle(source, name),
      ];
      t.ok((first.buffer ?? first) !== (second.buffer ?? second), `${name} is shared`);
    }
    const bytes = new Uint8Array([1, 2, 3]);
    const response = new Response(bytes);
    const clone = response.clone();
    const request = new Request(url, { method: 'POST', body: bytes });
    bytes.fill(9);
    const [first, second, third] = [await response.bytes(), await clone.bytes(), await request.bytes()];
    t.same(`${first} ${second} ${third}`, '1,2,3 1,2,3 1,2,3', 'what was given is copied');
    first.fill(7);
    t.same(`${second} ${third}`, '1,2,3 1,2,3', 'what was read is not shared');
    const blob = new Blob([bytes]);
    (await blob.bytes()).fill(1);
    (await new Response(blob).bytes()).fill(2);
    new Uint8Array(await blob.arrayBuffer()).fill(3);
    (await blob.stream().getReader().read()).value.fill(4);
    t.same(`${await blob.bytes()}`, '9,9,9', 'a Blob never changes');
    const [left, right] = new Response(bytes).body.tee();
    (await left.getReader().read()).value.fill(5);
    t.same(`${(await right.getReader().read()).value}`.includes('5'), false, 'a tee of a body');
  },

  async 'bytes are changed after they were sent'(t) {
    const bytes = new Uint8Array(16).fill(1);
    const answers = [
      t.env.OTHER.fetch(url, { method: 'POST', body: bytes }),
      t.env.OTHER.fetch(url, { method: 'POST', body: bytes.buffer }),
      t.env.OTHER.fetch(url, { method: 'POST', body: new DataView(bytes.buffer) }),
      t.env.OTHER.fetch(url, { method: 'POST', body: new Blob([bytes]) }),
      t.env.OTHER.fetch(url, { method: 'POST', body: stream(bytes), duplex: 'half' }),
    ];
    const kept = answers.slice(0, 4);
    bytes.fill(2);
    for (const [i, answer] of kept.entries())
      t.same(
        `${new Set(await (await answer).bytes()).size}${await (await t.env.OTHER.fetch(url)).text()}`,
        '1',
        `body ${i}`,
      );
    const all = await Promise.all(kept.map((answer) => answer.then((response) => response.bodyUsed)));
    t.same(all.join(), 'true,true,true,true', 'read');
    await t.settle(() => answers[4], 'the stream');
  },

  async 'chunks of a stream are kept, changed and detached by who gave them'(t) {
    const given = [];
    let turn = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (turn++ > 4) return controller.close();
        const chunk = new Uint8Array(8).fill(turn);
        given.push(chunk);
        controller.enqueue(chunk);
        if (turn % 2 === 0) structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
        else chunk.fill(99);
      },
    });
    const { value, error } = await t.settle(
      async () => (await t.env.OTHER.fetch(url, { method: 'POST', body, duplex: 'half' })).bytes(),
      'the echo',
    );
    t.walk(value ?? error, 'what came back');
    for (const chunk of given) if (chunk.length > 0) chunk.fill(77);
    if (value !== undefined) t.ok(!value.includes(77), 'what was sent is shared');
  },

  async 'odd chunks'(t) {
    const resizable = new ArrayBuffer(8, { maxByteLength: 16 });
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
    const memory = new WebAssembly.Memory({ initial: 1 }).buffer;
    const chunks = {
      text: 'text',
      number: 1,
      nothing: undefined,
      buffer: new ArrayBuffer(8),
      'a view of 16 bits': new Uint16Array(8),
      'a resizable view': new Uint8Array(resizable),
      'a shared view': new Uint8Array(shared, 0, 8),
      'a view of memory': new Uint8Array(memory, 0, 8),
      'a view without a prototype': Object.setPrototypeOf(new Uint8Array(8), null),
      'a subclass': new (class extends Uint8Array {
        get buffer() {
          return t.fail('a getter of a chunk was called');
        }
        get byteLength() {
          return t.fail('a getter of a chunk was called');
        }
      })(8),
      'a proxy': new Proxy(new Uint8Array(8), {}),
      'an empty view': new Uint8Array(0),
      'a detached view': detachedView(),
    };
    for (const [name, chunk] of Object.entries(chunks)) {
      const make = () =>
        new ReadableStream({ start: (controller) => (controller.enqueue(chunk), controller.close()) });
      const late = () =>
        new ReadableStream({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 0));
            controller.enqueue(chunk);
            controller.close();
          },
        });
      await t.settle(() => new Response(make()).bytes(), name);
      await t.settle(() => new Response(late()).bytes(), `${name}, late`);
      await t.settle(
        async () => (await t.env.OTHER.fetch(url, { method: 'POST', body: late(), duplex: 'half' })).bytes(),
        `${name} there, late`,
      );
      await t.settle(
        async () => (await t.env.OTHER.fetch(url, { method: 'POST', body: make(), duplex: 'half' })).bytes(),
        `${name} there`,
      );
      await t.settle(
        () => new Response(make().pipeThrough(new CompressionStream('gzip'))).bytes(),
        `${name} compressed`,
      );
      await t.settle(
        () => new Response(make().pipeThrough(new IdentityTransformStream())).bytes(),
        `${name} through`,
      );
    }
  },

  async 'random bytes are given out once'(t) {
    const seen = new Set();
    for (let i = 0; i < 2000; i++) seen.add(`${crypto.getRandomValues(new Uint8Array(16))}`);
    t.same(seen.size, 2000, 'different ones');
    const view = new Uint8Array(8);
    t.same(crypto.getRandomValues(view), view, 'the view');
    const uuids = new Set(Array.from({ length: 1000 }, () => crypto.randomUUID()));
    t.same(uuids.size, 1000, 'different ids');
  },
});
