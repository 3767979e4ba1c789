/** WebSocket and WebSocketPair inside a realm: states, arguments, and what a realm's end leaves behind. */

import t from 'tap';
import { makeTarget } from '../../src/services/service.ts';
import { neutral } from '../../src/realm/neutral.ts';
import type { TargetState, WebSocketState } from '../../src/realm/prelude/state.ts';
import { evaluate, makeTestRealm } from '../helpers/realm.ts';

/** The name and message of what each function throws, or what it returns. */
const outcomes = `
  const outcomes = (...runs) => runs.map((run) => {
    try { return run() ?? null; } catch (error) { return error.name; }
  });`;

/** A global outbound that answers every upgrade request with an end, and gives the other to the test. */
function outbound(onEnd: (end: WebSocketState) => void, headers = ''): TargetState {
  return makeTarget((request, call) => {
    const { first, second } = neutral.webSocketPair();
    const protocol = /sec-websocket-protocol\n([^,\n]*)/u.exec(request.headers)?.[1];
    const chosen = protocol === undefined ? '' : `sec-websocket-protocol\n${protocol}\n`;
    call.settle(call, neutral.response(101, '', headers + chosen, undefined, second), undefined);
    onEnd(first);
  });
}

function echo(end: WebSocketState): void {
  end.open({
    message: (text, buffer) => {
      end.send(text, buffer?.transfer());
      return true;
    },
    closed: (code, reason) => end.close(code, reason),
    taken: undefined,
  });
}

t.test('the arguments of the constructor', async (t) => {
  const outcome = await evaluate(
    `${outcomes}
    const url = (text) => () => new WebSocket(text).url;
    const asked = (protocols) => () => { new WebSocket('ws://a', protocols); };
    return outcomes(
      url('ws://a'), url('wss://a:443/b?c'), url('http://a/'), url('https://a:8080/'), url('WS://user:x@A/'),
      url('relative'), url('ftp://a/'), url('ws://a/#'), url('ws://a/#b'), url('ws://a b/'),
      asked('a'), asked(['a', 'b']), asked([]), asked(undefined), asked(''), asked('a b'), asked(['a', 'A']), asked('a,b'), asked({}), asked([Symbol('x')]), asked('\\u00e4'),
      () => new WebSocket(), () => WebSocket('ws://a'),
    );`,
    { targets: [outbound(echo)] },
  );
  t.strictSame(outcome, [
    ...['ws://a/', 'wss://a/b?c', 'ws://a/', 'wss://a:8080/', 'ws://user:x@a/'],
    ...Array.from({ length: 5 }, () => 'SyntaxError'),
    ...[null, null, null, null, 'SyntaxError', 'SyntaxError', 'SyntaxError', 'SyntaxError', 'SyntaxError'],
    ...['TypeError', 'SyntaxError', 'TypeError', 'TypeError'],
  ]);
});

t.test('the interface is that of the standard, and of Workers', async (t) => {
  const outcome = await evaluate(`
    const { prototype } = WebSocket;
    return [
      Object.getPrototypeOf(WebSocket) === EventTarget, WebSocket.length, String(prototype), Object.keys(prototype).toSorted(),
      [WebSocket.CONNECTING, WebSocket.OPEN, prototype.CLOSING, prototype.CLOSED, WebSocket.READY_STATE_CLOSED],
      Object.keys(new WebSocketPair()), WebSocketPair.length, String(new WebSocketPair()),
    ];`);
  t.strictSame(outcome, [
    true,
    1,
    '[object WebSocket]',
    [
      ...['CLOSED', 'CLOSING', 'CONNECTING', 'OPEN', 'accept', 'binaryType', 'bufferedAmount', 'close'],
      ...['extensions', 'onclose', 'onerror', 'onmessage', 'onopen', 'protocol', 'readyState', 'send', 'url'],
    ],
    [0, 1, 2, 3, 3],
    ['0', '1'],
    0,
    '[object WebSocketPair]',
  ]);
});

t.test('close: codes and reasons of both forms', async (t) => {
  const codes = [
    999,
    1000,
    1001,
    1004,
    1005,
    1006,
    1011,
    1014,
    1015,
    2999,
    3000,
    4999,
    5000,
    -1,
    NaN,
    65536 + 3000,
  ];
  const outcome = await evaluate(
    `${outcomes}
    const codes = [${codes.join()}];
    const client = () => new WebSocket('ws://a');
    const end = () => { const [end] = new WebSocketPair(); end.accept(); return end; };
    return [
      outcomes(...codes.map((code) => () => client().close(code))),
      outcomes(...codes.map((code) => () => end().close(code))),
      outcomes(
        () => client().close(undefined, 'x'.repeat(123)), () => client().close(1000, 'ä'.repeat(62)), () => client().close(1000, Symbol('x')),
        () => end().close(undefined, 'x'), () => end().close(1000, 'ä'.repeat(61)), () => end().close(1000, 'ä'.repeat(62)),
      ),
    ];`,
    { targets: [outbound(echo)] },
  );
  const bad = 'InvalidAccessError';
  const wrong = 'TypeError';
  t.strictSame(outcome, [
    [bad, null, bad, bad, bad, bad, bad, bad, bad, bad, null, null, bad, bad, bad, bad],
    [
      wrong,
      null,
      null,
      wrong,
      wrong,
      wrong,
      null,
      null,
      wrong,
      wrong,
      null,
      null,
      wrong,
      wrong,
      wrong,
      wrong,
    ],
    [null, 'SyntaxError', wrong, wrong, null, 'SyntaxError'],
  ]);
});

t.test('send: what is sent when, and what throws', async (t) => {
  const outcome = await evaluate(
    `${outcomes}
    const socket = new WebSocket('ws://a');
    const early = outcomes(() => socket.send('x'), () => socket.send(), () => socket.send(Symbol('x')), () => WebSocket.prototype.send.call({}, 'x'));
    await new Promise((resolve) => (socket.onopen = resolve));
    const messages = [];
    const received = new Promise((resolve) => {
      socket.onmessage = ({ data }) => messages.push(data) === 5 && resolve();
    });
    socket.send('\\ud800');
    socket.send(12);
    socket.send(null);
    const bytes = new Uint8Array([1, 2, 3, 4]);
    socket.send(new DataView(bytes.buffer, 1, 2));
    bytes.fill(9);
    socket.binaryType = 'other';
    socket.send(bytes.subarray(2));
    const waiting = socket.bufferedAmount;
    await received;
    const blobs = await Promise.all(messages.slice(3).map((blob) => blob.bytes()));
    socket.close();
    socket.send('late');
    socket.send(new Uint8Array(3));
    const lost = socket.bufferedAmount;
    await new Promise((resolve) => (socket.onclose = resolve));
    return [early, messages.slice(0, 3), messages[3] instanceof Blob, blobs.map(String), waiting, lost, socket.bufferedAmount];`,
    { targets: [outbound(echo)] },
  );
  t.strictSame(outcome, [
    ['InvalidStateError', 'TypeError', 'TypeError', 'TypeError'],
    ['\ufffd', '12', 'null'],
    true,
    ['2,3', '9,9'],
    3 + 2 + 4 + 2 + 2,
    7,
    7,
  ]);
});

t.test('the events of a client: trusted, with origin, and to handlers as to listeners', async (t) => {
  const outcome = await evaluate(
    `const socket = new WebSocket('wss://user:pw@a.example:444/path', ['chat']);
    const log = [];
    for (const type of ['open', 'message', 'close']) {
      socket['on' + type] = function (event) {
        log.push([type, this === socket, event.isTrusted, event.constructor.name, event.origin ?? null, event.bubbles, event.cancelable]);
      };
    }
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    socket.send('x');
    await new Promise((resolve) => socket.addEventListener('message', resolve));
    socket.close();
    await new Promise((resolve) => socket.addEventListener('close', resolve));
    return [log, socket.protocol, socket.extensions, typeof socket.onopen];`,
    { targets: [outbound(echo)] },
  );
  t.strictSame(outcome, [
    [
      ['open', true, true, 'Event', null, false, false],
      ['message', true, true, 'MessageEvent', 'wss://a.example:444', false, false],
      ['close', true, true, 'CloseEvent', null, false, false],
    ],
    'chat',
    '',
    'function',
  ]);
});

t.test('an end is accepted, or handed on, once', async (t) => {
  const outcome = await evaluate(
    `${outcomes}
    const response = (webSocket) => new Response(null, { status: 101, webSocket });
    const accepted = new WebSocketPair()[0];
    accepted.accept();
    const free = new WebSocketPair()[0];
    const held = response(free);
    const client = new WebSocket('ws://a');
    return [
      outcomes(() => accepted.accept(), () => client.accept(), () => free.send('x'), () => free.close(), () => new WebSocketPair()[0].accept(1)),
      outcomes(
        () => held.clone(), () => held.webSocket === free, () => held.body, () => response({}), () => new Response(null, { webSocket: free }),
        () => new Response(null, { status: 101 }), () => new Response('x', { status: 101, webSocket: free }), () => new Response(null, { webSocket: null }).webSocket,
        () => new Response(null, held).webSocket === free,
      ),
      (() => { free.accept(); return free.readyState; })(),
    ];`,
    { targets: [outbound(echo)] },
  );
  t.strictSame(outcome, [
    [null, 'TypeError', 'TypeError', 'TypeError', 'TypeError'],
    ['TypeError', true, null, 'TypeError', 'RangeError', 'RangeError', 'TypeError', null, true],
    1,
  ]);
});

t.test('what a handler answers with an end that is no longer there fails', async (t) => {
  const answers = {
    accepted: `const [end] = new WebSocketPair(); end.accept(); return new Response(null, { status: 101, webSocket: end });`,
    twice: `globalThis.kept ??= new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }); return kept;`,
    client: `return new Response(null, { status: 101, webSocket: new WebSocket('ws://a') });`,
  };
  const code = `"use strict";($nanod) => { $nanod.exports({ default: () => ({ async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    ${Object.entries(answers)
      .map(([name, body]) => `if (name === '${name}') { ${body} }`)
      .join('\n')}
  } }) }); }`;
  const { realm, fetch, uncaught } = await makeTestRealm(code, { targets: [outbound(echo)] });
  const init = { headers: 'upgrade\nWebSocket\n' };
  t.equal((await fetch('http://a/twice', init)).status, 101);
  for (const name of ['accepted', 'twice', 'client'])
    await t.rejects(fetch(`http://a/${name}`, init), { name: 'TypeError' }, name);
  await t.rejects(fetch('http://a/accepted'), { name: 'TypeError' });
  t.equal(uncaught.length, 4);
  realm.dispose();
});

t.test('messages come one a turn: what the last one has begun goes on before the next', async (t) => {
  const outcome = await evaluate(`
    const [a, b] = new WebSocketPair();
    a.accept();
    b.accept();
    const log = [];
    const done = new Promise((resolve) => {
      b.addEventListener('message', async ({ data }) => {
        log.push(data);
        await null;
        log.push(data + ' later');
        if (data === '2') resolve();
      });
    });
    a.send('1');
    a.send('2');
    log.push('sent');
    await Promise.resolve();
    log.push('microtask');
    await done;
    return log;`);
  t.strictSame(outcome, ['sent', 'microtask', '1', '1 later', '2', '2 later']);
});

t.test('two ends that answer each other for ever keep nobody else waiting', async (t) => {
  const outcome = await evaluate(`
    const [a, b] = new WebSocketPair();
    let rounds = 0;
    for (const end of [a, b]) {
      end.accept();
      end.addEventListener('message', () => { rounds++; end.send('x'); });
    }
    a.send('x');
    let timers = 0;
    for (; rounds < 20; timers++) await new Promise((resolve) => setTimeout(resolve, 0));
    a.close();
    return timers > 0;`);
  t.equal(outcome, true);
});

t.test('a listener that throws is reported, and the next message comes', async (t) => {
  const code = `"use strict";($nanod) => { $nanod.exports({ default: () => ({ async fetch() {
    const [a, b] = new WebSocketPair();
    a.accept();
    b.accept();
    const got = new Promise((resolve) => b.addEventListener('message', ({ data }) => {
      if (data === '2') resolve();
      else throw new RangeError('first');
    }));
    a.send('1');
    a.send('2');
    await got;
    return new Response('fine');
  } }) }); }`;
  const { realm, fetch, uncaught } = await makeTestRealm(code);
  t.equal((await fetch()).body, 'fine');
  t.match(uncaught, [{ source: 'event listener', name: 'RangeError', message: 'first' }]);
  realm.dispose();
});

t.test('a realm that goes closes what it holds with 1001', async (t) => {
  const code = `"use strict";($nanod) => { $nanod.exports({ default: () => ({ async fetch() {
    const [client, server] = new WebSocketPair();
    server.accept();
    const out = new WebSocket('ws://a');
    await new Promise((resolve) => (out.onopen = resolve));
    globalThis.connecting = new WebSocket('ws://wait');
    await null;
    return new Response(null, { status: 101, webSocket: client });
  } }) }); }`;
  const closings: unknown[] = [];
  const closed = Promise.withResolvers<void>();
  const watch = (name: string) => (end: WebSocketState) =>
    end.open({
      message: () => true,
      closed: (...closing) => {
        if (closings.push([name, ...closing]) === 2) closed.resolve();
      },
      taken: undefined,
    });
  let aborted = '';
  const open = outbound(watch('outgoing'));
  const target = makeTarget((request, call) => {
    if (request.url === 'http://wait/') call.onAbort = ({ name }) => (aborted = name);
    else open.fetch(request, call);
  });
  const { realm, fetch } = await makeTestRealm(code, { targets: [target] });
  const { webSocket } = await fetch('http://a/', { headers: 'upgrade\nwebsocket\n' });
  watch('incoming')(webSocket as WebSocketState);
  realm.dispose();
  await closed.promise;
  t.strictSame(closings.toSorted(), [
    ['incoming', 1001, '', true],
    ['outgoing', 1001, '', true],
  ]);
  t.equal(aborted, 'AbortError');
});

t.test('console shows what a WebSocket is', async (t) => {
  const code = `"use strict";($nanod) => { $nanod.exports({ default: () => ({ fetch() {
    console.log(new WebSocketPair()[0]);
    return new Response('');
  } }) }); }`;
  const { realm, fetch, logs } = await makeTestRealm(code);
  await fetch();
  const shown = logs[0]?.[1].replaceAll(/\s+/gu, ' ');
  t.equal(shown, "WebSocket { url: null, readyState: 1, protocol: '', binaryType: 'arraybuffer' }");
  realm.dispose();
});
