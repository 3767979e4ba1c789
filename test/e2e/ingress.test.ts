/** HTTP as it is on the wire: what clients send, well or badly, and what they get. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import type { Test } from 'tap';
import { exchangeRaw, openRaw, parseRaw, valuesOf } from '../helpers/http.ts';
import { serve, single } from '../helpers/nanod.ts';

const run = promisify(execFile);

/** curl's own output, latin1, with the response's head in front of its body. */
async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(
    'curl',
    ['--silent', '--show-error', '--include', '--max-time', '20', ...args],
    {
      encoding: 'latin1',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return stdout;
}

const WORKER = `
const routes = {
  hello: () => new Response('hello'),
  bytes: () => new Response(new Uint8Array([104, 105]), { headers: { 'content-type': 'application/octet-stream' } }),
  umlaut: () => new Response('äöü€'),
  nothing: () => new Response(null, { headers: { 'content-length': '7' } }),
  204: () => new Response(null, { status: 204 }),
  304: () => new Response(null, { status: 304, headers: { etag: '"a"', 'content-length': '12' } }),
  205: () => new Response(null, { status: 205 }),
  teapot: () => new Response('short', { status: 418, statusText: 'Short and Stout' }),
  stream: () => new Response(ReadableStream.from(['one', 'two']).pipeThrough(new TextEncoderStream())),
  sized: () => new Response(ReadableStream.from(['one', 'two']).pipeThrough(new TextEncoderStream()), { headers: { 'content-length': '6' } }),
  short: () => new Response(ReadableStream.from(['one']).pipeThrough(new TextEncoderStream()), { headers: { 'content-length': '6' } }),
  long: () => new Response(ReadableStream.from(['one', 'two']).pipeThrough(new TextEncoderStream()), { headers: { 'content-length': '4' } }),
  lie: () => new Response('hello', { headers: { 'content-length': '3' } }),
  echo: (request) => new Response(request.body),
  collect: async (request) => new Response(String((await request.bytes()).length)),
  ignore: () => new Response('ignored'),
  method: (request) => new Response(request.method),
  url: (request) => new Response(request.url),
  headers: (request) => Response.json([...request.headers]),
  cookies() {
    const response = new Response('ok');
    response.headers.append('set-cookie', 'a=1; Path=/');
    response.headers.append('set-cookie', 'b=2');
    response.headers.append('x-list', '1');
    response.headers.append('x-list', '2');
    return response;
  },
  hop: () => new Response('hop', { headers: {
    connection: 'x-secret', 'keep-alive': 'timeout=1', 'proxy-authenticate': 'Basic', te: 'trailers', trailer: 'x-t',
    'transfer-encoding': 'gzip', upgrade: 'h2c', 'proxy-connection': 'close', 'x-secret': '1', 'x-kept': 'yes',
  } }),
  latin: () => new Response('', { headers: { 'x-latin': 'caf\\u00e9' } }),
  error: () => Response.error(),
  throw() { throw new RangeError('secret details'); },
  switch: () => new Response('', { status: 200 }),
  broken() {
    let pulls = 0;
    return new Response(new ReadableStream({
      pull(controller) {
        if (++pulls === 3) throw new RangeError('the source is dry');
        controller.enqueue(new TextEncoder().encode('part'));
      },
    }));
  },
  dry: () => new Response(new ReadableStream({ pull() { throw new RangeError('dry from the start'); } })),
  event() {
    return new Response(new ReadableStream({ start() {} }), { headers: { 'content-type': 'text/event-stream' } });
  },
  endless(request) {
    console.log('endless begun');
    request.signal.addEventListener('abort', () => console.log('aborted ' + request.signal.reason.name));
    let made = 0;
    return new Response(new ReadableStream({
      pull(controller) { made += 65536; controller.enqueue(new Uint8Array(65536)); },
      cancel() { console.log('cancelled after ' + made); },
    }));
  },
  waits(request) {
    console.log('wait begun');
    return new Promise((resolve) => request.signal.addEventListener('abort', () => {
      console.log('aborted ' + request.signal.reason.name);
      resolve(new Response(new ReadableStream({ cancel: () => console.log('let go') })));
    }));
  },
  async upload(request) {
    const reader = request.body.getReader();
    try {
      for (let first = true; ; first = false) {
        const { done } = await reader.read();
        if (done) break;
        if (first) console.log('upload begun');
      }
    } catch (error) {
      console.log('failed ' + error.code);
    }
    return new Response('');
  },
  async relay(request) {
    console.log('relay begun');
    await new Promise((resolve, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));
  },
  later(request, ctx) {
    const text = request.text().then((text) => 'read ' + text, (error) => 'not read: ' + error.code);
    ctx.waitUntil(text.then((outcome) => console.log(outcome)));
    return new Response('answered');
  },
  tiny: () => {
    const { readable, writable } = new TransformStream({}, { highWaterMark: Infinity }, { highWaterMark: Infinity });
    const writer = writable.getWriter();
    for (let i = 0; i < 50000; i++) writer.write(new Uint8Array([97]));
    writer.close();
    return new Response(readable);
  },
};

export default {
  fetch(request, env, ctx) {
    const name = new URL(request.url).pathname.slice(1);
    return routes[name]?.(request, ctx) ?? new Response('nobody', { status: 404 });
  },
};`;

const limits = {
  ingress: {
    headerBytes: 4096,
    bodyBytes: 100_000,
    headersTimeout: 400,
    requestTimeout: 800,
    checkInterval: 50,
  },
};

/** A request with a Host; `\n` stands for the line breaks of HTTP. */
function http(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return [first, 'host: test.example', ...rest].join('\r\n');
}

function statusOf(text: string): number {
  return Number(parseRaw(text).statusLine.split(' ')[1]);
}

t.test('a client', async (t) => {
  const nanod = await serve(t, single(WORKER));
  const { port, url } = nanod;
  /** The answer to one request on a connection of its own. */
  const ask = async (t: Test, text: string): Promise<ReturnType<typeof parseRaw>> =>
    parseRaw(await exchangeRaw(t, port, http(text)));
  const get = (t: Test, path: string, method = 'GET'): ReturnType<typeof ask> =>
    ask(t, `${method} /${path} HTTP/1.1\nconnection: close\n\n`);

  await t.test('gets text, bytes and characters with their length in bytes', async (t) => {
    for (const [path, body, length] of [
      ['hello', 'hello', '5'],
      ['bytes', 'hi', '2'],
      ['umlaut', Buffer.from('äöü€').toString('latin1'), '9'],
    ] as const) {
      const response = await get(t, path);
      t.match(response, { statusLine: 'HTTP/1.1 200 OK', body });
      t.strictSame(valuesOf(response, 'content-length'), [length]);
      t.strictSame(valuesOf(response, 'transfer-encoding'), []);
    }
    t.strictSame(valuesOf(await get(t, 'hello'), 'content-type'), ['text/plain;charset=UTF-8']);
    t.match(valuesOf(await get(t, 'hello'), 'date'), [/GMT$/]);
  });

  await t.test('gets no body and no wrong length with 204, 205 and 304', async (t) => {
    for (const status of [204, 205, 304]) {
      const response = await get(t, String(status));
      t.equal(Number(response.statusLine.split(' ')[1]), status);
      t.equal(response.body, '');
      t.strictSame(valuesOf(response, 'transfer-encoding'), []);
      t.strictSame(
        valuesOf(response, 'content-length'),
        status === 205 ? ['0'] : status === 304 ? ['12'] : [],
      );
    }
    t.strictSame(valuesOf(await get(t, '304'), 'etag'), ['"a"']);
  });

  await t.test('gets with HEAD the headers of GET and no body', async (t) => {
    for (const path of ['hello', 'bytes', 'sized', 'teapot']) {
      const full = await get(t, path);
      const head = await get(t, path, 'HEAD');
      t.equal(head.body, '', path);
      t.equal(head.statusLine, full.statusLine);
      t.strictSame(valuesOf(head, 'content-length'), valuesOf(full, 'content-length'));
      t.strictSame(valuesOf(head, 'content-type'), valuesOf(full, 'content-type'));
    }
    const { body } = await get(t, 'stream', 'HEAD');
    t.equal(body, '');
    t.strictSame(
      valuesOf(await get(t, 'nothing', 'HEAD'), 'content-length'),
      ['7'],
      'a length that the worker states',
    );
  });

  await t.test('gets a length of the body that is sent, whatever the worker states', async (t) => {
    const lie = await get(t, 'lie');
    t.strictSame([valuesOf(lie, 'content-length'), lie.body], [['5'], 'hello']);
    const nothing = await get(t, 'nothing');
    t.strictSame([valuesOf(nothing, 'content-length'), nothing.body], [['0'], '']);
  });

  await t.test('gets a stream in chunks, or with the length that the worker states', async (t) => {
    const stream = await get(t, 'stream');
    t.strictSame(valuesOf(stream, 'transfer-encoding'), ['chunked']);
    t.strictSame(valuesOf(stream, 'content-length'), []);
    t.match(stream.body, /^(3\r\none\r\n3\r\ntwo|6\r\nonetwo)\r\n0\r\n\r\n$/);
    const sized = await get(t, 'sized');
    t.strictSame(
      [valuesOf(sized, 'content-length'), valuesOf(sized, 'transfer-encoding'), sized.body],
      [['6'], [], 'onetwo'],
    );
  });

  await t.test('notices that a stream is shorter or longer than its stated length', async (t) => {
    await t.rejects(curl(`${url}short`), { message: /curl: \(18\)/ });
    const long = await get(t, 'long');
    t.ok(long.body.length <= 4, 'what does not fit is not sent as the next response');
    for (const length of ['4, and the body has at least 6', '6, and the body has only 3']) {
      await nanod.logged(({ msg }) => msg.includes(`the Content-Length is ${length} bytes`));
    }
  });

  await t.test('gets a status with its own text', async (t) => {
    t.equal((await get(t, 'teapot')).statusLine, 'HTTP/1.1 418 Short and Stout');
    t.equal((await get(t, 'elsewhere')).statusLine, 'HTTP/1.1 404 Not Found');
  });

  await t.test('gets every Set-Cookie header by itself, and latin1 as it is', async (t) => {
    const response = await get(t, 'cookies');
    t.strictSame(valuesOf(response, 'set-cookie'), ['a=1; Path=/', 'b=2']);
    t.strictSame(valuesOf(response, 'x-list').join(', '), '1, 2');
    t.strictSame(valuesOf(await get(t, 'latin'), 'x-latin'), ['caf\xe9']);
  });

  await t.test('sends headers that arrive in order, with latin1 as it is', async (t) => {
    const { body } = await ask(
      t,
      'GET /headers HTTP/1.1\nX-One: 1\nx-two:  caf\xe9 \nX-One: 2\nCookie: a=1\nCookie: b=2\nconnection: close\n\n',
    );
    t.strictSame(JSON.parse(Buffer.from(body, 'latin1').toString()), [
      ['cookie', 'a=1; b=2'],
      ['host', 'test.example'],
      ['x-one', '1, 2'],
      ['x-two', 'café'],
    ]);
  });

  await t.test('never passes on headers that belong to the connection, nor gets them', async (t) => {
    const hops =
      'connection: close, X-Named\nkeep-alive: 1\nproxy-authorization: x\nproxy-connection: x\nte: trailers\nx-named: secret\nupgrade: h2c';
    const { body } = await ask(t, `GET /headers HTTP/1.1\n${hops}\nx-kept: yes\n\n`);
    t.strictSame(JSON.parse(body), [
      ['host', 'test.example'],
      ['x-kept', 'yes'],
    ]);
    const response = await get(t, 'hop');
    for (const name of [
      'keep-alive',
      'proxy-authenticate',
      'te',
      'trailer',
      'upgrade',
      'proxy-connection',
      'x-secret',
    ]) {
      t.strictSame(valuesOf(response, name), [], name);
    }
    t.strictSame(
      [valuesOf(response, 'x-kept'), valuesOf(response, 'connection'), response.body],
      [['yes'], ['close'], 'hop'],
    );
  });

  await t.test('sends bodies with a length and in chunks', async (t) => {
    const sized = await ask(t, 'POST /echo HTTP/1.1\ncontent-length: 5\nconnection: close\n\nhello');
    t.strictSame(
      [valuesOf(sized, 'transfer-encoding'), sized.body],
      [['chunked'], '5\r\nhello\r\n0\r\n\r\n'],
    );
    const chunked = await ask(
      t,
      'POST /collect HTTP/1.1\ntransfer-encoding: chunked\nconnection: close\n\n5;ext=1\nhello\n1\n!\n0\nx-trailer: 1\n\n',
    );
    t.equal(chunked.body, '6');
    const empty = await ask(t, 'POST /collect HTTP/1.1\ncontent-length: 0\nconnection: close\n\n');
    t.equal(empty.body, '0');
  });

  await t.test('gets an answer while it is still sending', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('POST /echo HTTP/1.1\ntransfer-encoding: chunked\n\n4\none,\n'));
    await connection.until('4\r\none,\r\n');
    connection.send('4\r\ntwo.\r\n');
    await connection.until('4\r\ntwo.\r\n');
    connection.send('0\r\n\r\n');
    await connection.until('0\r\n\r\n');
    t.pass('the echo came piece by piece');
  });

  await t.test('hears of a response before its first chunk', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('GET /event HTTP/1.1\n\n'));
    t.match(await connection.until('\r\n\r\n'), /^HTTP\/1\.1 200 OK\r\n[^]*text\/event-stream/);
    connection.socket.destroy();
  });

  await t.test('gets fifty thousand chunks that are there at once', async (t) => {
    const body = await (await fetch(`${url}tiny`)).text();
    t.equal(body.length, 50_000);
  });

  await t.test('keeps its connection from request to request', async (t) => {
    const connection = await openRaw(t, port);
    for (const path of ['hello', 'teapot', '204', 'stream', 'hello']) {
      connection.received = '';
      connection.send(http(`GET /${path} HTTP/1.1\n\n`));
      await connection.until(path === 'stream' ? '0\r\n\r\n' : path === '204' ? '\r\n\r\n' : /\r\n\r\n\w+$/);
    }
    t.match(connection.received, /hello$/);
    connection.received = '';
    connection.send('GET /hello HTTP/1.0\r\n\r\n');
    await connection.closed;
    t.match(connection.received, /hello$/, 'an older client gets its answer, and the end of its connection');
  });

  await t.test('may send several requests at once, and gets the answers in their order', async (t) => {
    const connection = await openRaw(t, port);
    const post = http('POST /collect HTTP/1.1\ncontent-length: 3\n\nabc');
    const last = http('GET /method HTTP/1.1\nconnection: close\n\n');
    connection.send(http('GET /hello HTTP/1.1\n\n') + post + http('GET /teapot HTTP/1.1\n\n') + last);
    await connection.closed;
    const bodies = connection.received.split(/HTTP\/1\.1 \d+ .*\r\n(?:.+\r\n)*\r\n/).slice(1);
    t.strictSame(bodies, ['hello', '3', 'short', 'GET']);
  });

  await t.test('may go on after a request whose body the worker has not read', async (t) => {
    const connection = await openRaw(t, port);
    const body = 'x'.repeat(90_000);
    connection.send(http(`POST /ignore HTTP/1.1\ncontent-length: ${body.length}\n\n`));
    await connection.until('ignored');
    connection.received = '';
    connection.send(body + http('GET /hello HTTP/1.1\nconnection: close\n\n'));
    await connection.closed;
    t.match(connection.received, /hello$/);
    const chunked = await openRaw(t, port);
    chunked.send(http('POST /ignore HTTP/1.1\ntransfer-encoding: chunked\n\n3\nabc\n'));
    await chunked.until('ignored');
    chunked.received = '';
    chunked.send(`3\r\ndef\r\n0\r\n\r\n${http('GET /hello HTTP/1.1\nconnection: close\n\n')}`);
    await chunked.closed;
    t.match(chunked.received, /hello$/);
  });

  await t.test('may be answered before its body is read, if that has arrived', async (t) => {
    const complete = await ask(t, 'POST /later HTTP/1.1\ncontent-length: 5\nconnection: close\n\nhello');
    t.equal(complete.body, 'answered');
    await nanod.logged(({ msg }) => msg === 'read hello');
    const connection = await openRaw(t, port);
    connection.send(http('POST /later HTTP/1.1\ncontent-length: 5\n\nhel'));
    await connection.until('answered');
    await nanod.logged(({ msg }) => msg === 'not read: BODY_DISCARDED');
    connection.received = '';
    connection.send(`lo${http('GET /hello HTTP/1.1\nconnection: close\n\n')}`);
    await connection.closed;
    t.match(connection.received, /hello$/);
  });

  await t.test('that expects 100-continue gets it before the answer', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(
      http('POST /collect HTTP/1.1\ncontent-length: 5\nexpect: 100-continue\nconnection: close\n\n'),
    );
    t.equal(await connection.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
    connection.send('hello');
    await connection.closed;
    t.match(connection.received, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n5$/);
    t.equal(
      statusOf(
        await exchangeRaw(
          t,
          port,
          http('POST /collect HTTP/1.1\nexpect: tea\ncontent-length: 0\nconnection: close\n\n'),
        ),
      ),
      417,
    );
  });

  await t.test('names what it wants by path, or by a whole URL', async (t) => {
    const seen = async (target: string, host = 'test.example:8080'): Promise<string> =>
      parseRaw(
        await exchangeRaw(t, port, `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
      ).body;
    t.equal(await seen('/url'), 'http://test.example:8080/url');
    t.equal(await seen('/url?a=%2F&b=1#frag'), 'http://test.example:8080/url?a=%2F&b=1');
    t.equal(await seen('/a/../url'), 'http://test.example:8080/url');
    t.equal(await seen('/%2e/url'), 'http://test.example:8080/url');
    t.equal(await seen('http://other.example/url'), 'http://other.example/url');
    t.equal(await seen('HTTP://other.example:80/url?x'), 'http://other.example/url?x');
    t.equal(await seen('/url', 'TEST.example'), 'http://test.example/url');
    t.equal(await seen('/url', '[::1]:99'), 'http://[::1]:99/url');
    t.equal(await seen('/url', ''), 'http://localhost/url');
    t.equal(await seen('//evil.example/url'), 'nobody', 'two slashes are a path, and no host');
  });

  await t.test('that names nothing sensible is refused with 400', async (t) => {
    for (const target of ['url', 'ftp://x/url', 'http://', 'http://a:b:c/']) {
      t.equal(
        statusOf(
          await exchangeRaw(t, port, `GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`),
        ),
        400,
        target,
      );
    }
    for (const host of ['a b', 'a/b', 'a?b', 'user@host', 'a#b', 'a:port', 'a\\b', '[::1', 'a,b<']) {
      t.equal(
        statusOf(
          await exchangeRaw(t, port, `GET /url HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
        ),
        400,
        host,
      );
    }
    t.equal(
      statusOf(await exchangeRaw(t, port, 'GET /url HTTP/1.1\r\nconnection: close\r\n\r\n')),
      400,
      'no host',
    );
    t.equal(
      statusOf(
        await exchangeRaw(t, port, 'GET /url HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n'),
      ),
      400,
      'two hosts',
    );
  });

  await t.test('that speaks no HTTP is refused with 400, and so is one that smuggles', async (t) => {
    for (const text of [
      'hello\r\n\r\n',
      'GET /url\r\n\r\n',
      'GET /u rl HTTP/1.1\r\nhost: a\r\n\r\n',
      'GET /url HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n',
      'GET /url HTTP/1.1\r\nhost: a\r\nx\x00y: 1\r\n\r\n',
      'GET /url HTTP/1.1\r\nhost : a\r\n\r\n',
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n',
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n',
      'POST /collect HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
    ]) {
      const answer = await exchangeRaw(t, port, text);
      t.equal(statusOf(answer), 400, JSON.stringify(text));
    }
  });

  await t.test('gets any method through, but CONNECT and TRACE', async (t) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      t.equal((await get(t, 'method', method)).body, method);
    }
    for (const [method, status] of [
      ['CONNECT', 501],
      ['TRACE', 501],
      ['BREW', 400],
    ] as const) {
      const text = `${method} /method HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;
      t.equal(statusOf(await exchangeRaw(t, port, text)), status, method);
    }
  });

  await t.test('asks with OPTIONS for the whole server', async (t) => {
    const answer = await exchangeRaw(t, port, 'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    t.equal(statusOf(answer), 404, 'the worker answers');
  });

  await t.test('asks for an upgrade, and gets what it would get without', async (t) => {
    const upgrade = await ask(
      t,
      'GET /hello HTTP/1.1\nconnection: close, upgrade\nupgrade: h2c\nhttp2-settings: AAMAAABk\n\n',
    );
    t.match(upgrade, { statusLine: 'HTTP/1.1 200 OK', body: 'hello' });
    t.match(await curl('--http2', `${url}hello`), /^HTTP\/1\.1 200 OK[^]*hello$/);
  });

  await t.test('is a real curl', async (t) => {
    t.match(await curl(`${url}hello`), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/);
    t.match(await curl('--head', `${url}hello`), /^HTTP\/1\.1 200 OK\r\n[^]*content-length: 5\r\n/i);
    t.match(
      await curl('--data', 'x'.repeat(5000), '-H', 'expect: 100-continue', `${url}collect`),
      /100 Continue[^]*5000$/,
    );
    t.match(
      await curl('--data-binary', 'abc', '-H', 'transfer-encoding: chunked', `${url}echo`),
      /\r\n\r\nabc$/,
    );
    t.match(
      await curl('--http1.0', `${url}stream`),
      /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nonetwo$/,
      'no chunks for HTTP/1.0',
    );
    t.match(await curl(`${url}hello`, `${url}teapot`), /hello[^]*short$/);
  });

  await t.test('gets an error without internals when the worker throws', async (t) => {
    const response = await get(t, 'throw');
    t.equal(response.statusLine, 'HTTP/1.1 500 Internal Server Error');
    const [id = ''] = valuesOf(response, 'x-request-id');
    t.equal(response.body, `500 Internal Server Error (request ${id})\n`);
    t.notMatch(JSON.stringify(response), /secret|main\.js|RangeError/);
    const line = await nanod.logged(({ requestId }) => requestId === id);
    t.match(line, { err: { message: 'secret details', stack: /main\.js:\d+:\d+/ } });
  });

  await t.test('gets an error when the worker answers with one', async (t) => {
    t.equal((await get(t, 'error')).statusLine, 'HTTP/1.1 500 Internal Server Error');
  });

  await t.test('notices that a response has failed in the middle', async (t) => {
    const text = await exchangeRaw(t, port, http('GET /broken HTTP/1.1\n\n'));
    t.match(text, /^HTTP\/1\.1 200 OK[^]*part/);
    t.notMatch(text, /\r\n0\r\n\r\n$/, 'it does not look complete');
    await t.rejects(curl(`${url}broken`), 'curl says so');
    await nanod.logged(({ msg }) => msg.includes('the source is dry'));
  });

  await t.test('gets an answer where a response fails before anything of it was sent', async (t) => {
    const { statusLine, body } = await get(t, 'dry');
    t.equal(statusLine, 'HTTP/1.1 500 Internal Server Error');
    const id = /\(request (\S+)\)/.exec(body)?.[1];
    const line = await nanod.logged(({ msg }) => msg.includes('dry from the start'));
    t.match(line, { service: 'main', requestId: id, msg: /a response body failed/ });
  });

  await t.test('that goes away while it waits aborts the request', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('GET /waits HTTP/1.1\n\n'));
    const { requestId } = await nanod.logged(({ msg }) => msg === 'wait begun');
    connection.socket.destroy();
    await nanod.logged((line) => line.msg === 'aborted AbortError' && line.requestId === requestId);
    await nanod.logged((line) => line.msg === 'let go' && line.requestId === requestId);
    t.pass('and its late response is let go');
  });

  await t.test('that goes away is no error of a worker that goes with it', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('GET /relay HTTP/1.1\n\n'));
    const { requestId } = await nanod.logged(({ msg }) => msg === 'relay begun');
    connection.socket.destroy();
    await (await fetch(`${url}hello`)).text();
    t.strictSame(nanod.log().filter((line) => line.requestId === requestId).length, 1);
  });

  await t.test(
    'that goes away in the middle of a response cancels it, and it does not run away before',
    async (t) => {
      const connection = await openRaw(t, port);
      connection.socket.pause();
      connection.send(http('GET /endless HTTP/1.1\n\n'));
      const { requestId: id } = await nanod.logged(({ msg }) => msg === 'endless begun');
      for (let i = 0; i < 20; i++) await (await fetch(`${url}hello`)).text();
      connection.socket.destroy();
      const line = await nanod.logged(({ msg }) => msg.startsWith('cancelled after'));
      const made = Number(line.msg.replace(/\D/g, ''));
      t.ok(made <= 32 * 1024 * 1024, `${made} bytes were made for a client that reads nothing`);
      t.equal(line.requestId, id);
      await nanod.logged(({ msg, requestId }) => msg === 'aborted AbortError' && requestId === id);
    },
  );

  await t.test('that goes away in the middle of its own body fails that body', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('POST /upload HTTP/1.1\ncontent-length: 100\n\nonly this'));
    await nanod.logged(({ msg }) => msg === 'upload begun');
    connection.socket.destroy();
    await nanod.logged(({ msg }) => msg === 'failed CLIENT_GONE');
    t.pass('with a code');
  });

  const { status } = await nanod.stop();
  t.equal(status, 0);
});

t.test('limits', async (t) => {
  const nanod = await serve(t, { ...single(WORKER), tuning: limits });
  const { port } = nanod;
  const tooLarge = (text: string): boolean => statusOf(text) === 413;

  await t.test('headers that are too long are answered 431', async (t) => {
    t.equal(
      statusOf(await exchangeRaw(t, port, http(`GET /hello HTTP/1.1\nx-long: ${'x'.repeat(5000)}\n\n`))),
      431,
    );
    t.equal(statusOf(await exchangeRaw(t, port, http(`GET /${'x'.repeat(5000)} HTTP/1.1\n\n`))), 431);
  });

  await t.test('a body that says that it is too long is answered 413 before it is sent', async (t) => {
    const text = await exchangeRaw(t, port, http('POST /collect HTTP/1.1\ncontent-length: 100001\n\n'));
    t.ok(tooLarge(text), text);
    t.match(parseRaw(text).body, /^413 Content Too Large \(request \S+\)\n$/);
    const expecting = await exchangeRaw(
      t,
      port,
      http('POST /collect HTTP/1.1\ncontent-length: 100001\nexpect: 100-continue\n\n'),
    );
    t.ok(tooLarge(expecting), 'and is not asked for');
  });

  await t.test('a body that turns out to be too long is answered 413', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('POST /collect HTTP/1.1\ntransfer-encoding: chunked\n\n'));
    for (let i = 0; i < 11; i++) connection.send(`2710\r\n${'x'.repeat(10_000)}\r\n`);
    await connection.closed;
    t.ok(tooLarge(connection.received), connection.received);
  });

  await t.test('a body of just that length is not', async (t) => {
    const sized = http(
      `POST /collect HTTP/1.1\ncontent-length: 100000\nconnection: close\n\n${'x'.repeat(100_000)}`,
    );
    t.equal(parseRaw(await exchangeRaw(t, port, sized)).body, '100000');
  });

  await t.test(
    'a body that is too long, and that the worker does not read, ends the connection',
    async (t) => {
      const connection = await openRaw(t, port);
      connection.send(http('POST /ignore HTTP/1.1\ntransfer-encoding: chunked\n\n'));
      const flood = setInterval(() => connection.send(`2710\r\n${'x'.repeat(10_000)}\r\n`), 1);
      t.teardown(() => clearInterval(flood));
      await connection.closed;
      t.match(connection.received, /^HTTP\/1\.1 (200|413)/);
    },
  );

  await t.test('a worker that answers too early, while a too long body comes, has answered', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('POST /echo HTTP/1.1\ntransfer-encoding: chunked\n\n3\nabc\n'));
    await connection.until('abc');
    for (let i = 0; i < 11; i++) connection.send(`2710\r\n${'x'.repeat(10_000)}\r\n`);
    await connection.closed;
    t.match(connection.received, /^HTTP\/1\.1 200 OK/);
    t.notMatch(connection.received, /\r\n0\r\n\r\n$/, 'the response does not look complete');
  });

  await t.test('headers that take too long are answered 408', async (t) => {
    const connection = await openRaw(t, port);
    connection.send('GET /hello HTTP/1.1\r\nhost: a\r\n');
    await connection.closed;
    t.equal(statusOf(connection.received), 408);
  });

  await t.test('a body that takes too long is answered 408', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('POST /collect HTTP/1.1\ncontent-length: 10\n\nabc'));
    await connection.closed;
    t.equal(statusOf(connection.received), 408);
  });

  await t.test('a slow response is nobody’s fault', async (t) => {
    const connection = await openRaw(t, port);
    connection.send(http('GET /event HTTP/1.1\n\n'));
    await connection.until('\r\n\r\n');
    const other = await openRaw(t, port);
    other.send('GET /hello HTTP/1.1\r\nhost: a\r\n');
    await other.closed; // longer than the limits
    t.notOk(connection.socket.destroyed, 'it is still open');
  });

  const { status, log } = await nanod.stop('SIGTERM');
  t.equal(status, 0);
  t.strictSame(
    log.filter(({ level, msg }) => level >= 50 && !/body/.test(msg)).map(({ msg }) => msg),
    [],
  );
});

t.test(
  'the stack of an error shows the source of a TypeScript worker, through a service behind it',
  async (t) => {
    const files = {
      'front.ts': `interface Env { BACK: { fetch(url: string): Promise<Response> } }\n\nexport default {\n  fetch: (_request: Request, env: Env): Promise<Response> => env.BACK.fetch('http://back/'),\n};\n`,
      'back.ts': `type Wanted = { readonly name: string };\n\nfunction find(wanted: Wanted): never {\n  throw new RangeError(\`no \${wanted.name}\`);\n}\n\nexport default {\n  fetch(): Response {\n    return find({ name: 'such thing' });\n  },\n};\n`,
    };
    for (const group of ['default', 'other']) {
      const nanod = await serve(t, {
        files,
        config: {
          threads: 1,
          groups: { [group]: {} },
          apps: [
            { name: 'front', script: 'front.ts', bindings: { BACK: { service: 'back' } } },
            { name: 'back', script: 'back.ts', group },
          ],
          sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'front' }],
        },
      });
      const response = await fetch(nanod.url);
      t.equal(response.status, 500);
      const { log } = await nanod.stop();
      t.match(log, [
        {
          level: 50,
          service: 'back',
          requestId: response.headers.get('x-request-id') ?? '-',
          version: /^[0-9a-f]{12}$/,
          msg: 'uncaught RangeError: no such thing',
          err: {
            type: 'RangeError',
            message: 'no such thing',
            stack: /RangeError: no such thing\n +at find \(back\.ts:4:9\)\n +at .*back\.ts:9:12/,
          },
        },
      ]);
      t.equal(log.length, 1, 'it is said once, where it arose');
    }
  },
);
