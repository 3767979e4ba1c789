/** Host functions made to fail: what is thrown is the realm's, and says nothing of the host. */

import { attacker } from './kit.js';

const long = 'x'.repeat(2 ** 22);

/** A text that does something when it is read. */
const active = (action, text = 'text') => ({
  toString() {
    action();
    return text;
  },
});

function detach(buffer) {
  structuredClone(buffer, { transfer: [buffer] });
}

export default attacker({
  async 'buffers change while arguments are converted'(t) {
    const make = () => new ArrayBuffer(64, { maxByteLength: 128 });
    const changes = {
      detached: detach,
      shrunk: (buffer) => buffer.resize(1),
      emptied: (buffer) => buffer.resize(0),
      grown: (buffer) => buffer.resize(128),
    };
    for (const [name, change] of Object.entries(changes)) {
      for (const view of [
        (buffer) => new Uint8Array(buffer),
        (buffer) => new Uint8Array(buffer, 8, 32),
        (buffer) => new DataView(buffer, 4),
      ]) {
        const attempts = {
          encodeInto: (buffer, bytes) =>
            new TextEncoder().encodeInto(
              active(() => change(buffer)),
              bytes,
            ),
          decode: (buffer, bytes) =>
            new TextDecoder().decode(bytes, {
              get stream() {
                change(buffer);
                return true;
              },
            }),
          blob: (buffer, bytes) => new Blob([bytes, active(() => change(buffer)), bytes]).arrayBuffer(),
          'blob options': (buffer, bytes) =>
            new Blob([bytes], {
              get type() {
                change(buffer);
                return 'a/b';
              },
            }).bytes(),
          response: (buffer, bytes) =>
            new Response(bytes, {
              get status() {
                change(buffer);
                return 200;
              },
            }).bytes(),
          request: (buffer, bytes) =>
            new Request('http://x/', {
              method: 'POST',
              get body() {
                change(buffer);
                return bytes;
              },
            }).bytes(),
          clone: (buffer, bytes) =>
            structuredClone([
              {
                get a() {
                  change(buffer);
                  return 1;
                },
              },
              bytes,
            ]),
          byob: (buffer, bytes) =>
            new ReadableStream({ type: 'bytes', pull: () => change(buffer) })
              .getReader({ mode: 'byob' })
              .read(bytes, {
                get min() {
                  change(buffer);
                  return 1;
                },
              }),
          respond: (buffer, bytes) =>
            new ReadableStream({
              type: 'bytes',
              pull(controller) {
                const { view: given } = controller.byobRequest;
                detach(given.buffer);
                controller.byobRequest.respond(active(() => {}, '1'));
              },
            })
              .getReader({ mode: 'byob' })
              .read(bytes),
          form: (buffer, bytes) => {
            const form = new FormData();
            form.append(
              'a',
              new Blob([bytes]),
              active(() => change(buffer)),
            );
            return new Response(form).text();
          },
        };
        for (const [what, attempt] of Object.entries(attempts)) {
          const buffer = make();
          await t.settle(
            () => Promise.race([attempt(buffer, view(buffer)), new Promise((r) => setTimeout(r, 1))]),
            `${what}, ${name}`,
          );
        }
      }
    }
  },

  async 'inputs of great size'(t) {
    const attempts = {
      url: () => new URL(`http://test/${long}`),
      'url of a host': () => new URL(`http://${'a'.repeat(2 ** 18)}/`),
      parse: () => URL.parse(long, 'http://x/'),
      atob: () => atob(`${long}!`),
      btoa: () => btoa(`${long}\u0100`),
      decode: () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(2 ** 20).fill(255)),
      label: () => new TextDecoder(long),
      random: () => crypto.getRandomValues(new Uint8Array(2 ** 20)),
      header: () => new Headers({ a: `${long}\n` }),
      log: () => console.log(long),
      error: () => reportError(new Error(long)),
      pattern: () => new URLPattern({ pathname: `/${'('.repeat(10_000)}` }),
      format: () => new CompressionStream(long),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      const { error } = await t.settle(attempt, name);
      if (error !== undefined)
        t.ok(!/node:|nanod|file:/.test(String(error.stack)), `${name}: ${error.stack}`);
    }
  },

  async 'numbers that no clock, timer or index knows'(t) {
    const numbers = [
      NaN,
      Infinity,
      -Infinity,
      -0,
      -1,
      2 ** 31,
      2 ** 53,
      1e308,
      0.1,
      active(() => {}, '1e3'),
      1n,
      Symbol('n'),
    ];
    for (const [i, number] of numbers.entries()) {
      await t.settle(() => clearTimeout(setTimeout(() => {}, number)), `setTimeout ${i}`);
      await t.settle(() => clearInterval(setInterval(() => {}, number)), `setInterval ${i}`);
      await t.settle(() => clearTimeout(number), `clearTimeout ${i}`);
      await t.settle(() => AbortSignal.timeout(number), `timeout ${i}`);
      await t.settle(() => new Response('x', { status: number }), `status ${i}`);
      await t.settle(() => performance.measure('m', { start: number, duration: number }), `measure ${i}`);
      await t.settle(() => new FixedLengthStream(number), `length ${i}`);
      await t.settle(() => new CountQueuingStrategy({ highWaterMark: number }), `mark ${i}`);
      await t.settle(
        () => new ReadableStream({ type: 'bytes', autoAllocateChunkSize: number }).getReader(),
        `size ${i}`,
      );
      await t.settle(() => new Blob(['x']).slice(number, number), `slice ${i}`);
    }
  },

  async 'errors of the host leave no trace in errors of the realm'(t) {
    const attempts = [
      () => new URL('http://x:y:z/'),
      () => atob('*'),
      () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])),
      () =>
        new Response(
          ReadableStream.from([new Uint8Array([1])]).pipeThrough(new DecompressionStream('gzip')),
        ).text(),
      () => t.env.NETWORK.fetch('http://127.0.0.1:1/'),
      () => t.env.MISSING.fetch('http://x/'),
    ];
    for (const [i, attempt] of attempts.entries()) {
      const { error } = await t.settle(attempt, `attempt ${i}`);
      const text = `${error.name} ${error.message} ${error.code} ${error.stack} ${error.cause}`;
      t.ok(!/node:|nanod:|file:|ERR_|\/src\//.test(text), text);
      t.same(
        Object.getOwnPropertyNames(error)
          .filter((name) => !['stack', 'message', 'code', 'name'].includes(name))
          .join(),
        '',
        'own properties',
      );
    }
  },
});
