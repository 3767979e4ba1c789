/** Streams through a network service: pace, cancellation, content coding. */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import t from 'tap';
import type { ErrorState } from '../../src/realm/prelude/state.ts';
import type { NetworkService } from '../../src/services/network.ts';
import {
  fetchError,
  fetchState,
  headerLines,
  httpServer,
  networkService,
  pulledBody,
  readBody,
  readStep,
  readText,
  sourceOf,
  startCall,
} from '../helpers/exchange.ts';

const loopback = { allow: ['local'] };
/** Long enough for megabytes to arrive, if anybody took them: a number of other exchanges one after the other. */
async function timePasses(service: NetworkService, url: string): Promise<void> {
  for (let i = 0; i < 100; i++) await readBody((await fetchState(service, `${url}/other`)).body);
}

const unread = { kind: 'error', name: 'Error', message: 'not wanted', stack: '', code: '' } as const;

t.test('a response is received no faster than it is read', async (t) => {
  let sent = 0;
  const piece = Buffer.alloc(256 * 1024, 1);
  const total = 64 * 1024 * 1024;
  const { url } = await httpServer(t, (request, response) => {
    const push = (): void => {
      while (sent < total) {
        sent += piece.length;
        if (!response.write(piece)) {
          response.once('drain', push);
          return;
        }
      }
      response.end();
    };
    if (request.url === '/') push();
    else response.end();
  });
  const service = networkService(t, loopback);
  const response = await fetchState(service, url);
  await timePasses(service, url);
  t.ok(sent < total / 2, `the server came to a halt after ${sent} bytes`);
  t.equal((await readBody(response.body)).length, total, 'and all of it arrives in the end');
});

t.test('each chunk comes in a buffer of its own and of its exact size', async (t) => {
  const { url } = await httpServer(t, (_request, response) => response.end('chunk'));
  const response = await fetchState(networkService(t, loopback), url);
  const buffer = await new Promise<ArrayBuffer | undefined>((resolve) => {
    sourceOf(response.body).read((_step, chunk) => resolve(chunk));
  });
  t.equal(buffer?.byteLength, 5);
  t.equal(buffer?.transfer().byteLength, 5);
});

t.test('a canceled body ends the exchange, but a short one leaves its connection in order', async (t) => {
  const ports: (number | undefined)[] = [];
  const rest = Promise.withResolvers<void>();
  const { url } = await httpServer(t, (request, response) => {
    ports.push(request.socket.remotePort);
    if (request.url === '/next') response.end();
    else
      response
        .writeHead(200, { 'content-length': request.url === '/short' ? '7' : '10000000' })
        .write('begins');
    if (request.url === '/short') void rest.promise.then(() => response.end('!'));
  });
  const service = networkService(t, {
    ...loopback,
    limits: { discardedBytes: 1000, connectionsPerOrigin: 1 },
  });
  const cancelThenFetch = async (path: string): Promise<void> => {
    const { body } = await fetchState(service, url + path);
    sourceOf(body).cancel(unread);
    const next = fetchState(service, `${url}/next`);
    rest.resolve();
    await readBody((await next).body);
  };
  await cancelThenFetch('/short');
  t.equal(ports[1], ports[0], 'the rest is received, and the connection used again');
  await cancelThenFetch('/long');
  t.equal(ports[2], ports[1]);
  t.not(ports[3], ports[2], 'the rest is too long');
});

t.test('a canceled body without an end is cut, and its reader hears nothing more', async (t) => {
  const closed = Promise.withResolvers<void>();
  const { url } = await httpServer(t, (request, response) => {
    request.socket.once('close', closed.resolve);
    const pour = (): void => {
      while (response.writable && response.write(Buffer.alloc(1000)));
      if (response.writable) response.once('drain', pour);
    };
    pour();
  });
  const response = await fetchState(networkService(t, loopback), url);
  const source = sourceOf(response.body);
  source.read(() => t.fail('no sink is called after cancel'));
  source.cancel(unread);
  source.cancel(unread);
  source.read(() => t.fail('nor one that comes later'));
  await closed.promise;
});

t.test('a body that nobody refers to any more lets go of its connection', async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  let isClosed = false;
  const { url } = await httpServer(t, (request, response) => {
    if (request.url !== '/') {
      response.end();
      return;
    }
    request.socket.once('close', () => (isClosed = true));
    response.writeHead(200, { 'content-length': '100000000' });
    const pour = (): void => {
      while (!isClosed && response.write(Buffer.alloc(65536)));
      if (!isClosed) response.once('drain', pour);
    };
    pour();
  });
  const service = networkService(t, loopback);
  t.equal((await fetchState(service, url)).status, 200);
  for (let round = 0; round < 100 && !isClosed; round++) {
    gc();
    await readBody((await fetchState(service, `${url}/other`)).body);
  }
  t.equal(isClosed, true);
});

t.test('encoded bodies are decoded, and their headers say so no more', async (t) => {
  const text = 'The quick brown fox. '.repeat(5000);
  const bodies: Record<string, Buffer> = {
    gzip: gzipSync(text),
    'X-GZip': gzipSync(text),
    br: brotliCompressSync(text),
    zstd: zstdCompressSync(text),
    deflate: deflateSync(text),
    'deflate ': deflateRawSync(text),
    'deflate, gzip': gzipSync(deflateRawSync(text)),
    'br,identity, zstd': zstdCompressSync(brotliCompressSync(text)),
    identity: Buffer.from(text),
  };
  const { url } = await httpServer(t, (request, response) => {
    const coding = decodeURIComponent(request.url?.slice(1) ?? '');
    const body = bodies[coding] ?? Buffer.of();
    response
      .writeHead(200, { 'content-encoding': coding, 'content-length': body.length, etag: '"x"', date: '' })
      .end(body);
  });
  const service = networkService(t, loopback);
  for (const coding of Object.keys(bodies)) {
    const response = await fetchState(service, `${url}/${encodeURIComponent(coding)}`);
    t.equal(await readText(response.body), text, coding);
    if (coding === 'identity') continue;
    t.notMatch(response.headers, /content-(?:encoding|length)\n/u);
    t.equal(response.body?.length, -1);
  }
});

t.test('an unknown coding is handed on as it is', async (t) => {
  const { url } = await httpServer(t, (_request, response) => {
    response
      .writeHead(200, { 'content-encoding': 'gzip, compress', 'content-length': 3, date: '' })
      .end('abc');
  });
  const response = await fetchState(networkService(t, loopback), url);
  t.equal(await readText(response.body), 'abc');
  t.match(headerLines(response), ['content-encoding: gzip, compress', 'content-length: 3']);
});

t.test('an encoded body may be empty, or lack its end, but not be something else', async (t) => {
  const whole = gzipSync(
    'text that is long enough to be compressed, text that is long enough to be compressed',
  );
  const bodies: Record<string, Buffer> = {
    '/empty': Buffer.of(),
    '/cut': whole.subarray(0, -8),
    '/wrong': Buffer.from('this is no gzip at all'),
    '/broken': Buffer.concat([whole.subarray(0, 20), Buffer.alloc(40, 7)]),
  };
  const { url } = await httpServer(t, (request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bodies[request.url ?? '']);
  });
  const service = networkService(t, loopback);
  const body = async (path: string): Promise<string> =>
    readText((await fetchState(service, url + path)).body);
  t.equal(await body('/empty'), '');
  t.match(await body('/cut'), /^text that .+ compressed$/u);
  await t.rejects(body('/wrong'), { message: /NETWORK_ANSWER: .+ is not valid gzip/u });
  await t.rejects(body('/broken'), { message: /NETWORK_ANSWER: .+ is not valid gzip/u });
});

t.test('what a small body unpacks to is not held as a whole', async (t) => {
  const zeros = 256 * 1024 * 1024;
  const bomb = gzipSync(gzipSync(Buffer.alloc(zeros)));
  const { url } = await httpServer(t, (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip, gzip', 'content-length': bomb.length }).end(bomb);
  });
  const response = await fetchState(networkService(t, loopback), url);
  const source = sourceOf(response.body);
  let [most, sum] = [0, 0];
  for (let i = 0; i < 50; i++) {
    const { bytes } = await readStep(source);
    most = Math.max(most, bytes.length);
    sum += bytes.length;
  }
  t.ok(most <= 256 * 1024, `the largest chunk has ${most} bytes`);
  t.ok(sum < zeros / 4, `${sum} bytes have been unpacked for 50 reads`);
  source.cancel(unread);
});

t.test('a request body is pulled no faster than the server takes it', async (t) => {
  const arrived = Promise.withResolvers<IncomingMessage>();
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/') arrived.resolve(request);
    request.on('end', () => response.end());
    if (request.url !== '/') request.resume();
  });
  const [piece, pieces] = ['x'.repeat(256 * 1024), 200];
  let pulled = 0;
  const pull = (): string | undefined => (pulled < pieces ? (pulled++, piece) : undefined);
  const service = networkService(t, loopback);
  const started = startCall(service, url, { method: 'POST', body: pulledBody(pull) });
  const request = await arrived.promise;
  await timePasses(service, url);
  t.ok(pulled < pieces / 2, `${pulled} pieces were pulled while nobody read`);
  let received = 0;
  request.on('data', (chunk: Buffer) => (received += chunk.length));
  t.equal((await started.outcome).response?.status, 200);
  t.equal(received, piece.length * pieces);
});

t.test('a server may answer while the request is still being sent', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    response.writeHead(200);
    request.on('data', (chunk: Buffer) => response.write(chunk.toString().toUpperCase()));
    request.on('end', () => response.end());
  });
  const words = ['one', 'two'];
  const second = Promise.withResolvers<string>();
  const body = pulledBody(() =>
    words.length === 2 ? words.shift() : words.length === 1 ? second.promise : undefined,
  );
  const response = await fetchState(networkService(t, loopback), url, { method: 'POST', body });
  t.equal((await readStep(sourceOf(response.body))).bytes.toString(), 'ONE');
  second.resolve(words.pop() ?? '');
  t.equal(await readText(response.body), 'TWO');
});

t.test('the body of a request that is answered early is canceled', async (t) => {
  const canceled = Promise.withResolvers<ErrorState>();
  const { url } = await httpServer(t, (_request, response) => response.writeHead(413).end('too large'));
  let pulls = 0;
  const pull = (): Promise<string> | string =>
    pulls++ === 0 ? 'first' : new Promise<string>(() => undefined);
  const body = pulledBody(pull, { onCancel: canceled.resolve });
  const response = await fetchState(networkService(t, loopback), url, { method: 'POST', body });
  t.equal(response.status, 413);
  t.equal(await readText(response.body), 'too large');
  t.match(await canceled.promise, { message: /without reading/u });
});

t.test('the body of a request that fails or is aborted is canceled', async (t) => {
  const { url } = await httpServer(t, (request) => request.resume());
  const service = networkService(t, loopback);
  const hanging = (onCancel: (reason: ErrorState) => void): ReturnType<typeof pulledBody> => {
    let pulls = 0;
    return pulledBody(() => (pulls++ === 0 ? 'first' : new Promise<string>(() => undefined)), { onCancel });
  };
  const refused = Promise.withResolvers<ErrorState>();
  const internet = networkService(t, { allow: ['public'] });
  const error = await fetchError(internet, url, { method: 'POST', body: hanging(refused.resolve) });
  t.equal(error.code, 'NETWORK_REFUSED');
  t.equal((await refused.promise).code, 'NETWORK_REFUSED');
  const gone = Promise.withResolvers<ErrorState>();
  const { server, ...other } = await httpServer(t, () => undefined);
  const started = startCall(service, other.url, { method: 'POST', body: hanging(gone.resolve) });
  await once(server, 'request');
  started.abort();
  t.equal((await gone.promise).name, 'AbortError');
});

t.test('a request body that fails, fails the call', async (t) => {
  const { url } = await httpServer(t, (request) => request.resume().on('error', () => undefined));
  const service = networkService(t, loopback);
  const failing = (): string => {
    throw new Error('out of paper');
  };
  const error = await fetchError(service, url, { method: 'POST', body: pulledBody(failing) });
  t.match(error, {
    name: 'TypeError',
    code: 'NETWORK_REQUEST',
    message: /its body failed: RangeError: out of paper/u,
  });
  const words = ['longer than announced'];
  const wrong = pulledBody(() => words.shift(), { length: 5 });
  t.match(await fetchError(service, url, { method: 'POST', body: wrong }), {
    code: 'NETWORK_REQUEST',
    message: /not as long as/u,
  });
  const shorter = ['abc'];
  const short = pulledBody(() => shorter.shift(), { length: 5 });
  t.match(await fetchError(service, url, { method: 'POST', body: short }), {
    code: 'NETWORK_REQUEST',
    message: /not as long as/u,
  });
});
