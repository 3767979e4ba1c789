/** Global `fetch` of a worker through a network service: redirects are followed inside the realm, and every hop is checked. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import type { NetworkOptions } from '../../src/services/network.ts';
import { makeTarget } from '../../src/services/service.ts';
import { httpServer, networkService } from '../helpers/exchange.ts';
import { evaluate, makeTestRealm } from '../helpers/realm.ts';

/** Runs worker code whose global fetch leaves through a network service. */
function run(t: Test, options: NetworkOptions, code: string): Promise<unknown> {
  const service = networkService(t, options);
  return evaluate(code, { targets: [makeTarget((request, call) => service.fetch(request, call))] });
}

const loopback = { allow: ['local'] };

t.test('a worker gets a response of its own realm', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(`${request.headers['content-type']} ${Buffer.concat(chunks).toString()}`));
    });
  });
  const outcome = await run(
    t,
    loopback,
    `
    const response = await fetch('${url}', { method: 'POST', body: new Uint8Array([104, 105]), headers: { 'content-type': 'x/y' } });
    const streamed = await fetch('${url}', { method: 'POST', body: new Response('streamed').body, duplex: 'half' });
    return {
      own: response instanceof Response && response.headers instanceof Headers,
      cookies: response.headers.getSetCookie(),
      text: await response.text(),
      encoding: response.headers.get('content-encoding'),
      streamed: await streamed.text(),
    };`,
  );
  t.strictSame(outcome, {
    own: true,
    cookies: ['a=1', 'b=2'],
    text: 'x/y hi',
    encoding: null,
    streamed: 'undefined streamed',
  });
});

t.test('a redirect is followed as far as it is permitted', async (t) => {
  const { url, port } = await httpServer(t, (request, response) => {
    if (request.url === '/inside') response.writeHead(302, { location: '/end' }).end();
    else if (request.url === '/outside')
      response.writeHead(302, { location: `http://0x7f.0.0.2:${port}/end` }).end();
    else response.end('arrived');
  });
  const outcome = await run(
    t,
    { allow: ['127.0.0.1/32'] },
    `
    const inside = await fetch('${url}/inside');
    const error = await fetch('${url}/outside').catch((error) => error);
    return [await inside.text(), inside.redirected, error instanceof TypeError, error.code, error.message];`,
  );
  const message = `fetch failed: the network service does not permit to reach "127.0.0.2:${port}": it is a loopback address`;
  t.strictSame(outcome, ['arrived', true, true, 'NETWORK_REFUSED', message]);
});

t.test('the internet has no loopback, however it is spelled', async (t) => {
  const { port } = await httpServer(t, () => t.fail('is not reached'));
  const outcome = await run(
    t,
    { allow: ['public'] },
    `
    const hosts = ['127.0.0.1', '0x7f.1', '017700000001', '2130706433', '[::ffff:127.0.0.1]', '[::1]', 'localhost', 'localhost.', '0'];
    const codes = [];
    for (const host of hosts) codes.push(await fetch('http://' + host + ':${port}/').catch((error) => error.code));
    return [...new Set(codes)];`,
  );
  t.strictSame(outcome, ['NETWORK_REFUSED']);
});

t.test('a signal ends a fetch, and the body of its response', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/body') response.write('some');
  });
  const outcome = await run(
    t,
    loopback,
    `
    const waiting = new AbortController();
    const first = fetch('${url}', { signal: waiting.signal }).catch((error) => error.name);
    waiting.abort();
    const reading = new AbortController();
    const response = await fetch('${url}/body', { signal: reading.signal });
    const text = response.text().catch((error) => error.name);
    reading.abort();
    return [await first, await text];`,
  );
  t.strictSame(outcome, ['AbortError', 'AbortError']);
});

t.test(
  'a response that the worker never reads lets go of its connection, while the realm lives on',
  async (t) => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    let open = 0;
    const { server, url } = await httpServer(t, (request, response) => {
      const pour = (): void => {
        while (response.writable && response.write(Buffer.alloc(65536)));
        if (response.writable) response.once('drain', pour);
      };
      if (request.url === '/small') response.end();
      else pour();
    });
    server.on('connection', (socket) => {
      open++;
      socket.once('close', () => open--);
    });
    const service = networkService(t, loopback);
    const worker = await makeTestRealm(
      `"use strict";($nanod) => { $nanod.exports({ default: () => ({ async fetch(request) {
      const { status } = await fetch(request.url, { method: 'POST', body: request.url, signal: new AbortController().signal });
      return new Response(String(status));
    } }) }); }`,
      { targets: [makeTarget((request, call) => service.fetch(request, call))] },
    );
    t.teardown(() => worker.realm.dispose());
    t.equal((await worker.fetch(url)).body, '200');
    t.equal((await worker.fetch(url)).body, '200');
    t.equal(open, 2);
    for (let round = 0; round < 200 && open > 1; round++) {
      gc();
      await worker.fetch(`${url}/small`);
    }
    t.equal(open, 1, 'only the connection of the small ones is left');
  },
);
