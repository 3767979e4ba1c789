/**
 * What a network peer may send to a socket with `rpc`: whatever it is, only its own connection ends, and what it was not given it does not
 * reach. The other end is a bare WebSocket, so that anything can be said.
 */

import { once } from 'node:events';
import { request } from 'node:http';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { neutral } from '../../src/realm/neutral.ts';
import { makeDeferred } from '../../src/services/deferred.ts';
import { Target } from '../../src/services/service.ts';
import type { TargetState } from '../../src/realm/prelude/state.ts';
import { keysOf } from '../../src/thread/channel/rpc/paths.ts';
import { packFrame } from '../../src/thread/link/frame.ts';
import { linkProtocol } from '../../src/thread/link/limits.ts';
import { type Linked, makeLinked, rpcPath } from '../helpers/links.ts';

const hello = ['hello', 2 ** 24];

/** Answers each method with its name and what it was given, and each request with nothing. */
function echo(): TargetState {
  const call: TargetState['call'] = (path, args) => `${keysOf(path).join('.')} ${JSON.stringify(args)}`;
  return new Target(
    {
      fetch: (_request, state) => state.settle(state, neutral.response(200, 'OK', '', undefined), undefined),
      call,
      get: (path) => keysOf(path).join('.'),
    },
    '',
  );
}

async function connect(
  t: Test,
  linked: Linked,
  headers: Record<string, string> = {},
): Promise<{ socket: WebSocket; heard: unknown[] }> {
  const socket = new WebSocket(`ws+unix:${linked.address}:${rpcPath}`, [linkProtocol], { headers });
  const heard: unknown[] = [];
  socket.on('message', (data: Buffer) => {
    heard.push(...(JSON.parse(data.toString('utf8', 4, 4 + data.readUInt32BE())) as unknown[]));
    socket.emit('heard');
  });
  socket.on('error', () => {});
  t.teardown(() => socket.terminate());
  await once(socket, 'open');
  return { socket, heard };
}

function frame(messages: unknown, ...bytes: Uint8Array[]): Uint8Array {
  const buffers = bytes.map((each) => new Uint8Array(each).buffer);
  return packFrame(typeof messages === 'string' ? messages : JSON.stringify(messages), buffers);
}

/** A call whose arguments are a value in flat form. */
function callWith(rows: unknown, specials: unknown = []): Uint8Array {
  const value = frame(rows);
  return frame(
    [['call', 1, ['entrypoint', '', ''], ['m'], ['value', value.byteLength, specials], ['', 1, null]]],
    value,
  );
}

const pair = (...rows: unknown[]): unknown[] => [['value', [1]], ['list', [2], [3]], ...rows, ['list']];
const emptyArgs = [['value', [1]], ['list', [2], [3]], ['list'], ['list']];
const call = (...fields: unknown[]): unknown => [
  'call',
  1,
  ['entrypoint', '', ''],
  ['m'],
  ['list', []],
  ['', 1, null],
  ...fields,
];
const fetch = (fields: Record<number, unknown>): unknown =>
  ['fetch', 1, ['entrypoint', '', ''], ['', 1, null], 'GET', 'http://a/', '', null, ''].map((field, index) =>
    index in fields ? fields[index] : field,
  );
const error = ['error', 'Error', 'message', '', ''];

/** Sent after a good greeting. Each ends its connection. */
const malformed: Readonly<Record<string, string | Uint8Array>> = {
  text: 'text',
  nothing: new Uint8Array(0),
  'a head alone': new Uint8Array(4),
  'a text that is longer than its frame': new Uint8Array([255, 255, 255, 255, 0]),
  'what is no JSON': frame('[nothing'),
  'what is no list': frame('{"__proto__": {"polluted": true}}'),
  'a list of no lists': frame(['call']),
  'a message of no kind': frame([['constructor']]),
  'a message that is too long': frame([call(1)]),
  'bytes that no message has': frame([['watch', 1]], new Uint8Array(8)),
  'fewer bytes than it says': frame([['chunk', 1, 8]], new Uint8Array(4)),
  'a negative length': frame([['chunk', 1, -1]]),
  'a greeting again': frame([hello]),
  'a hundred thousand levels of lists': frame(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  'a call without a number': frame([
    ['call', '1', ['entrypoint', '', ''], ['m'], ['list', []], ['', 1, null]],
  ]),
  'a call on a depth of its own making': frame([
    ['call', 1, ['entrypoint', '', ''], ['m'], ['list', []], ['', -5, null]],
  ]),
  'a call on a very deep one': frame([
    ['call', 1, ['entrypoint', '', ''], ['m'], ['list', []], ['', 65, null]],
  ]),
  'a call of a draw of its own': frame([
    ['call', 1, ['entrypoint', '', ''], ['m'], ['list', []], ['', 1, 101]],
  ]),
  'a call with a line in its request id': frame([
    ['call', 1, ['entrypoint', '', ''], ['m'], ['list', []], ['a\nb', 1, null]],
  ]),
  'a call on a service by its name': frame([
    ['call', 1, ['service', 'internal', ''], ['m'], ['list', []], ['', 1, null]],
  ]),
  'a path of no names': frame([['call', 1, ['entrypoint', '', ''], [1], ['list', []], ['', 1, null]]]),
  'a path of a million names': frame([
    [
      'call',
      1,
      ['entrypoint', '', ''],
      Array.from({ length: 100_000 }, () => 'a'),
      ['list', []],
      ['', 1, null],
    ],
  ]),
  'arguments that are no list': frame([
    ['call', 1, ['entrypoint', '', ''], ['m'], ['plain', 1], ['', 1, null]],
  ]),
  'arguments that are an object': callWith(pair(['object'])),
  'arguments without end': callWith(pair(['array', 4_294_967_295])),
  'an array of a wrong length': callWith(pair(['array', -1])),
  'an array whose length is a property': callWith(pair(['array', 1, 'length', 'x'])),
  'a record of no kind': callWith(pair(['function'])),
  'a reference to nothing': callWith(pair(['list', [99]])),
  'a reference to what comes before the first': callWith(pair(['list', [-1]])),
  'a reference to half a record': callWith(pair(['list', [1.5]])),
  'a bigint that is none': callWith(pair(['list', ['b', 'x']])),
  'a number that is none': callWith(pair(['list', ['n', '1e400']])),
  'a regular expression that cannot be parsed': callWith(pair(['regexp', '(', ''])),
  'a regular expression with flags of its own': callWith(pair(['regexp', 'a', 'xyz'])),
  'a view of no buffer': callWith(pair(['view', 'Uint8Array', [2], 0, 1])),
  'a view of no class': callWith(pair(['view', 'constructor', [2], 0, 1])),
  'a buffer longer than its bytes': callWith(pair(['buffer', 1_000_000_000, -1])),
  'a buffer that may grow without end': callWith(pair(['buffer', 0, 2 ** 40])),
  'an object around nothing': callWith(pair(['boxed', null])),
  'a payload without markers': callWith([['value', [1]], ['list', [2]], ['list']]),
  'markers that are no objects': callWith(
    [['value', [1]], ['list', [2], [3]], ['list'], ['list', 1]],
    [['stub', '', '', 1, []]],
  ),
  'more specials than markers': callWith(emptyArgs, [['stub', '', '', 1, []]]),
  'a special of no kind': callWith(emptyArgs, [['__proto__', '', '', 1, []]]),
  'a service by its designator': callWith(emptyArgs, [['service', '', '', '["internal","default",""]', []]]),
  'a stub number zero': callWith(emptyArgs, [['stub', '', '', 0, []]]),
  'a request with a header that is two': callWith(emptyArgs, [
    ['request', '', '', ['GET', 'http://a/', 'a\nb\r\nc', '', null], []],
  ]),
  'a URL that is none': callWith(emptyArgs, [['url', 'not a url', '', null, []]]),
  'a file without a name': callWith(emptyArgs, [['file', '', 'x', 0, []]]),
  'a request with half a header': frame([fetch({ 6: 'a\n' })]),
  'a request with a header name that is none': frame([fetch({ 6: 'A B\nc\n' })]),
  'a request with a line in a header': frame([fetch({ 6: 'a\nb\rc\n' })]),
  'a request to no URL': frame([fetch({ 5: '/path' })]),
  'a request to a URL that is not serialized': frame([fetch({ 5: 'http://A/../b' })]),
  'a request of a method that is none': frame([fetch({ 4: 'GET /' })]),
  'a request to trace': frame([fetch({ 4: 'TRACE' })]),
  'a request with properties that are no JSON': frame([fetch({ 8: '{' })]),
  'a request with half a character': frame(JSON.stringify([fetch({ 7: ['text', '\ud800'] })])),
  'two streams with one number': frame([
    fetch({ 4: 'POST', 7: ['stream', 1, -1] }),
    fetch({ 1: 2, 4: 'POST', 7: ['stream', 1, -1] }),
  ]),
  'a stream that goes on without credit': frame(
    [fetch({ 4: 'POST', 7: ['stream', 1, -1] }), ['chunk', 1, 1]],
    new Uint8Array(1),
  ),
  'credit of less than nothing': frame([['credit', 1, -5]]),
  'a release of less than nothing': frame([['release', 1, -1]]),
  'a result that is two': frame([['return', 1, 'value', ['plain', 1], error, false]]),
  'a result that is none': frame([['return', 1, 'value', null, null, false]]),
  'a response with a status that is none': frame([['reply', 1, 42, '', '', null, 0]]),
  'a response that switches to nothing': frame([['reply', 1, 101, '', '', null, 0]]),
  'a response with a line in its reason': frame([['reply', 1, 200, 'a\r\nb: c', '', null, 0]]),
  'a WebSocket that closes with a code of its own': frame([['socket-close', 1, 1004, '', true]]),
  'one that closes with the code of a loss': frame([['socket-close', 1, 1006, '', true]]),
  'one that closes with a long reason': frame([['socket-close', 1, 1000, 'x'.repeat(124), true]]),
  'an error that is none': frame([['abort', 1, ['RangeError', '', '', '', '']]]),
};

t.test('what is malformed ends its connection, and no other', async (t) => {
  const linked = await makeLinked(t, { target: echo });
  const good = await connect(t, linked);
  good.socket.send(frame([hello]));
  for (const [name, bytes] of Object.entries(malformed)) {
    const { socket } = await connect(t, linked);
    socket.send(frame([hello]));
    socket.send(bytes);
    const [code] = (await once(socket, 'close')) as [number];
    t.equal(code, 1002, name);
  }
  t.equal(linked.log.length, Object.keys(malformed).length, 'each is logged');
  t.equal(({} as { polluted?: unknown }).polluted, undefined);
  good.socket.send(frame([call()]));
  while (good.heard.length < 2) await once(good.socket, 'heard');
  t.match(good.heard.at(-1), ['return', 1, 'value', ['plain', 'm []']], 'the others go on');
  t.equal(linked.channels.length, 1);
});

t.test('a message that is longer than the socket takes ends its connection', async (t) => {
  const linked = await makeLinked(t, { target: echo });
  const { socket } = await connect(t, linked);
  socket.send(new Uint8Array(2 ** 20 + 1));
  const [code] = (await once(socket, 'close')) as [number];
  t.equal(code, 1009);
});

t.test('a connection begins with a greeting', async (t) => {
  const linked = await makeLinked(t, { target: echo });
  for (const first of [[call()], [hello, call()], [['hello', 5]], [['hello', 'x']], []]) {
    const { socket } = await connect(t, linked);
    socket.send(frame(first));
    t.equal(((await once(socket, 'close')) as [number])[0], 1002, JSON.stringify(first));
  }
});

t.test('numbers of what was not given lead nowhere', async (t) => {
  const linked = await makeLinked(t, { target: echo });
  const { socket, heard } = await connect(t, linked);
  socket.send(frame([hello]));
  const tries: unknown[] = [
    ['call', 1, ['cap', 1], ['m'], ['list', []], ['', 1, null]],
    ['call', 2, ['answer', 77], ['m'], ['list', []], ['', 1, null]],
    ['call', 3, ['cap', 9_007_199_254_740_991], [], null, ['', 1, null]],
    ['call', 4, ['entrypoint', 'Secret', ''], ['m'], ['list', []], ['', 1, null]],
    ['call', 5, ['entrypoint', '', '{"admin":true}'], ['m'], ['list', []], ['', 1, null]],
    ['call', 6, ['entrypoint', 'constructor', ''], ['m'], ['list', []], ['', 1, null]],
    fetch({ 1: 7, 2: ['cap', 1] }),
    fetch({ 1: 8, 2: ['entrypoint', 'Secret', ''] }),
    ['release', 1, 1],
    ['watch', 1],
    ['call-drop', 99],
    ['call-forget', [1, 99]],
    ['credit', 5, 1000],
    ['cancel', 5, error],
    ['end', 5],
    ['abort', 99, error],
    ['reply', 99, 200, '', '', null, 0],
    ['failure', 99, error],
    ['return', 99, 'value', ['plain', 1], null, true],
    ['broken', 1, error],
    ['socket-message', 4, 'text', 0],
    ['socket-taken', 4, 1],
    ['socket-close', 4, 1000, '', true],
    ['leave'],
    ['call', 10, ['entrypoint', '', ''], ['last'], ['list', [1]], ['', 1, null]],
  ];
  socket.send(frame(tries));
  while (heard.length < 10) await once(socket, 'heard');
  const answers = new Map((heard as [string, number, ...unknown[]][]).map((each) => [each[1], each]));
  const codeOf = (id: number): unknown => ((answers.get(id)?.[4] ?? answers.get(id)?.[2]) as unknown[])[4];
  t.strictSame(
    [codeOf(1), codeOf(3), codeOf(7)],
    Array.from({ length: 3 }, () => 'RPC_CONNECTION_LOST'),
  );
  t.match(answers.get(2), ['return', 2, 'error', null, ['error', 'TypeError', /is no object/u]]);
  t.strictSame(
    [codeOf(4), codeOf(5), codeOf(6), codeOf(8)],
    Array.from({ length: 4 }, () => 'RPC_NOT_OFFERED'),
  );
  t.match(answers.get(10), ['return', 10, 'value', ['plain', 'last [1]']]);
});

t.test('names of the language are names of properties, and no more', async (t) => {
  let received: unknown;
  const linked = await makeLinked(t, {
    target: () => new Target({ ...echo(), call: (_path, args) => ((received = args[0]), 'taken') }, ''),
  });
  const { socket, heard } = await connect(t, linked);
  socket.send(frame([hello]));
  const rows = [
    ['value', [1]],
    ['list', [2], [3]],
    ['list', [4]],
    ['list'],
    ['object', '__proto__', [5], 'constructor', 1, 'toString', 2],
    ['object', 'polluted', true],
  ];
  socket.send(callWith(rows));
  while (heard.length < 2) await once(socket, 'heard');
  const object = received as Record<string, unknown>;
  t.equal(Object.getPrototypeOf(object), Object.prototype);
  t.strictSame(Object.keys(object), ['__proto__', 'constructor', 'toString']);
  t.equal(object['polluted'], undefined);
});

t.test('only so much is under way at a time', async (t) => {
  const never = (): TargetState => new Target({ ...echo(), call: () => makeDeferred() }, '');
  const linked = await makeLinked(t, {
    target: never,
    server: { limits: { messageBytes: 2 ** 20, calls: 3, capabilities: 10 } },
  });
  const { socket, heard } = await connect(t, linked);
  socket.send(frame([hello]));
  socket.send(
    frame(
      Array.from({ length: 5 }, (_, index) => [
        'call',
        index + 1,
        ['entrypoint', '', ''],
        ['m'],
        ['list', []],
        ['', 1, null],
      ]),
    ),
  );
  while (heard.length < 3) await once(socket, 'heard');
  t.match(heard.slice(1), [
    ['return', 4, 'error', null, ['error', 'Error', /3 calls are under way/u, '', 'RPC_LIMIT'], false],
    ['return', 5, 'error', null, ['error', 'Error', /3 calls are under way/u, '', 'RPC_LIMIT'], false],
  ]);
});

t.test('who may call', async (t) => {
  const token = 'the-token-of-this-test';
  const status = (linked: Linked, headers: Record<string, string>, path = rpcPath): Promise<number> =>
    new Promise((resolve, reject) => {
      const asked = request({
        socketPath: linked.address,
        path,
        headers: {
          connection: 'upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': Buffer.alloc(16).toString('base64'),
          'sec-websocket-protocol': linkProtocol,
          ...headers,
        },
      });
      asked.on('response', (response) => resolve(response.resume().statusCode ?? 0));
      asked.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode ?? 0);
      });
      asked.on('error', reject);
      asked.end();
    });
  const open = await makeLinked(t, { target: echo });
  t.equal(await status(open, {}), 101);
  t.equal(await status(open, { origin: 'http://localhost' }), 403, 'no page of a browser');
  t.equal(await status(open, { origin: 'null' }), 403);
  t.equal(
    await status(open, { 'sec-websocket-key': 'x' }),
    200,
    'no handshake at all is a request for the service',
  );
  t.equal(
    await status(open, { 'sec-websocket-protocol': 'other' }),
    200,
    'and so is one of another protocol',
  );
  t.equal(await status(open, {}, '/other'), 200);
  const closed = await makeLinked(t, { target: echo, server: { token } });
  t.equal(await status(closed, {}), 401);
  for (const authorization of [
    '',
    token,
    'Bearer',
    'Bearer ',
    `Bearer ${token}x`,
    `bearer ${token.toUpperCase()}`,
  ])
    t.equal(await status(closed, { authorization }), 401, authorization);
  t.equal(await status(closed, { authorization: `Bearer ${token}` }), 101);
  t.equal(await status(closed, { authorization: `Bearer ${token}`, origin: 'http://a' }), 403);
});
