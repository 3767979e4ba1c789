/** A connection between two nanods, with real realms at its ends: what it carries, where that ends, and how it begins anew. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocket, WebSocketServer } from 'ws';
import { neutral } from '../../src/realm/neutral.ts';
import type { AnswerState } from '../../src/realm/prelude/rpc/rpc-state.ts';
import { makeDeferred, refused } from '../../src/services/deferred.ts';
import { makeCounts } from '../../src/services/edge.ts';
import { makeHostError } from '../../src/services/host-error.ts';
import { Target } from '../../src/services/service.ts';
import { Turns } from '../../src/services/network/turns.ts';
import { packFrame } from '../../src/thread/link/frame.ts';
import { linkTimes } from '../../src/thread/link/limits.ts';
import { LinkPort } from '../../src/thread/link/link-port.ts';
import { makeLinked } from '../helpers/links.ts';
import { makeRpcRealms, type RpcRealms } from '../helpers/rpc-realms.ts';

const callee = `
class Counter extends RpcTarget { #n = 0; increment() { return ++this.#n; } }
class Callee extends WorkerEntrypoint {
  async fetch(request) {
    if (request.url === 'http://error/') return Response.error();
    const text = await request.text();
    return new Response(text + '.', { headers: { 'x-length': String(text.length) } });
  }
  echo(value) { return value; }
  errorResponse() { return Response.error(); }
  size(value) { return value.length; }
  make(length) { return new Uint8Array(length); }
  result(length) { return { length, bytes: new Uint8Array(length) }; }
  text(length) { return 'x'.repeat(length); }
  nested(depth) { let value = {}; for (let i = 0; i < depth; i++) value = { value }; return value; }
  counter() { return new Counter(); }
  counters(count) { return Array.from({ length: count }, () => new Counter()); }
  never() { return new Promise(() => {}); }
  long(message) { throw new RangeError(message); }
  chunk(length) { return new ReadableStream({ start(c) { c.enqueue(new Uint8Array(length).fill(7)); c.close(); } }); }
  longHeader(length) { return new Response('', { headers: { a: 'b'.repeat(length) } }); }
}
host.ready = () => 'ready';
`;

/** What `run` throws, as its code, or its name and message. */
const failure = `async (run) => {
  try { return 'nothing: ' + String(await run()).slice(0, 50); } catch (error) { return typeof error.code === 'string' ? error.code : error.name + ': ' + error.message.slice(0, 100); }
}`;

const small = { messageBytes: 2 ** 20, calls: 5, capabilities: 4 };

function realms(t: Test, steps: Record<string, string>): Promise<RpcRealms> {
  const wrapped = Object.entries(steps).map(([name, code]) => [
    name,
    `async (env, kept) => { const failure = ${failure}; return (${code})(env.CALLEE, failure, kept); }`,
  ]);
  return makeRpcRealms(t, {
    route: 'http',
    callee,
    steps: Object.fromEntries(wrapped) as Record<string, string>,
    linked: { server: { limits: small }, client: { limits: small } },
  });
}

const deep = 'DataCloneError: args: the value is nested too deeply, or too large, to be sent';

t.test('a value that is longer than a message fails its own call', async (t) => {
  const { step } = await realms(t, {
    values: `async (CALLEE, failure) => Promise.all([
      failure(() => CALLEE.size(new Uint8Array(2 ** 20))),
      failure(() => CALLEE.size('x'.repeat(2 ** 20))),
      failure(() => CALLEE.size('\\n'.repeat(2 ** 19))),
      failure(() => CALLEE.make(2 ** 20)),
      failure(() => CALLEE.text(2 ** 20)),
      failure(() => CALLEE.echo({ deep: [new Uint8Array(2 ** 19), 'x'.repeat(2 ** 19)] })),
      failure(() => CALLEE.longHeader(2 ** 20)),
      failure(() => CALLEE.fetch('http://a/', { headers: { a: 'b'.repeat(2 ** 20) } })),
      failure(() => CALLEE.fetch('http://a/' + 'b'.repeat(2 ** 20))),
      CALLEE.size(new Uint8Array(2 ** 19)),
      CALLEE.size('x'.repeat(2 ** 19)),
    ])`,
    error: `async (CALLEE) => { try { await CALLEE.long('m'.repeat(2 ** 18)); } catch (error) { return [error instanceof RangeError, error.message.length]; } }`,
  });
  const result = deep.replace('args', 'result');
  t.strictSame(await step('values'), [
    ...[deep, deep, deep, result, result, deep, result, result, result],
    2 ** 19,
    2 ** 19,
  ]);
  t.strictSame(await step('error'), [true, 65_537], 'the text of an error is cut');
});

t.test(
  'what the other side would not take fails its own call, and costs nobody the connection',
  async (t) => {
    const { step, linked } = await realms(t, {
      odd: `async (CALLEE, failure) => {
      let path = CALLEE.echo; for (let i = 0; i < 2000; i++) path = path.a;
      return [
        await failure(() => CALLEE.fetch('http://a/', { headers: { a: '\\x01\\x7fé' } })),
        await failure(() => CALLEE.fetch('http://a/', { method: 'M'.repeat(500) })),
        await failure(() => CALLEE.fetch('nothing://a/')),
        await failure(() => CALLEE.fetch('data:,text')),
        await failure(() => CALLEE.fetch(new Request('http://ä.example/ö?ü#ß'))),
        await failure(() => CALLEE.errorResponse()),
        await failure(() => CALLEE.fetch('http://error/')),
        await failure(() => path()),
        await failure(() => CALLEE.echo(AbortSignal.abort(Symbol('s'))).then((signal) => signal.aborted)),
        await failure(() => CALLEE.echo(new File([''], 'a\\nb', { lastModified: -5.5 })).then((file) => file.name.length + ' ' + file.lastModified)),
      ];
    }`,
      after: `(CALLEE) => CALLEE.echo('still there')`,
    });
    const answered = 'nothing: [object Response]';
    t.strictSame(await step('odd'), [
      ...[answered, answered, answered, answered, answered],
      'DataCloneError: result: this platform object cannot be cloned',
      'TypeError: A network error is no response.',
      'DataCloneError: what is in there cannot be sent to another server',
      'nothing: true',
      'nothing: 3 -5',
    ]);
    t.equal(await step('after'), 'still there');
    t.equal(linked?.log.join(), '');
    t.equal(linked?.service.health().failed, 0);
  },
);

t.test('bodies and streams are longer than any message', async (t) => {
  const { step } = await realms(t, {
    bodies: `async (CALLEE) => {
      const text = 'grüße '.repeat(2 ** 19);
      const response = await CALLEE.fetch('http://a/', { method: 'POST', body: text });
      const back = await response.text();
      const bytes = await (await CALLEE.fetch('http://a/', { method: 'POST', body: new Uint8Array(3_000_001).fill(65) })).arrayBuffer();
      return [response.headers.get('x-length'), back.length, back === text + '.', bytes.byteLength];
    }`,
    stream: `async (CALLEE) => {
      let length = 0, pieces = 0, sum = 0;
      for await (const piece of await CALLEE.chunk(3_000_000)) { length += piece.length; pieces++; sum += piece.at(-1); }
      return [length, pieces > 1, sum === 7 * pieces];
    }`,
  });
  t.strictSame(await step('bodies'), ['3145728', 3_145_729, true, 3_000_002]);
  t.strictSame(await step('stream'), [3_000_000, true, true]);
});

t.test('only so many stubs are held, and calls are under way, at a time', async (t) => {
  const { step } = await realms(t, {
    stubs: `async (CALLEE, failure, kept) => {
      kept.four = await CALLEE.counters(4);
      const more = await failure(() => CALLEE.counter());
      const many = await failure(() => CALLEE.counters(9));
      kept.four[Symbol.dispose]();
      const again = await CALLEE.counters(4);
      return [more, many, await again[3].increment()];
    }`,
    calls: `async (CALLEE, failure, kept) => {
      kept.waiting = Array.from({ length: 5 }, () => CALLEE.never());
      const more = await failure(() => CALLEE.echo(1));
      for (const call of kept.waiting) call[Symbol.dispose]();
      return [more, await CALLEE.echo(2)];
    }`,
    own: `async (CALLEE, failure) => failure(() => CALLEE.echo(Array.from({ length: 5 }, () => () => 1)))`,
  });
  t.strictSame(await step('stubs'), ['RPC_LIMIT', 'RPC_LIMIT', 1]);
  t.strictSame(await step('calls'), ['RPC_LIMIT', 2]);
  t.strictSame(await step('own'), 'RPC_LIMIT');
});

t.test('results are kept for what is asked of them, and the oldest go first', async (t) => {
  const { step } = await realms(t, {
    results: `async (CALLEE, failure, kept) => {
      kept.calls = Array.from({ length: 4 }, () => CALLEE.result(2 ** 18));
      await Promise.all(kept.calls);
      kept.before = await kept.calls[0].length;
      for (let i = 0; i < 20; i++) { const call = CALLEE.result(2 ** 18); kept.calls.push(call); await call; }
      return [kept.before, await failure(() => kept.calls[0].length), await kept.calls.at(-1).length, (await kept.calls[0]).length];
    }`,
  });
  const gone = 'TypeError: The RPC receiver is no object: it has no methods or properties.';
  t.strictSame(await step('results'), [2 ** 18, gone, 2 ** 18, 2 ** 18]);
});

t.test('what a socket offers can change, and the next call sees it', async (t) => {
  const made = await realms(t, { call: `(CALLEE, failure) => failure(() => CALLEE.echo(1))` });
  const { step } = made;
  const linked = made.linked as NonNullable<RpcRealms['linked']>;
  t.equal(await step('call'), 'nothing: 1');
  t.match(linked.service.health(), { failed: 0, consecutiveFailures: 0, lastFailure: undefined });
  t.ok(linked.service.health().answered > 0);
  linked.lead(undefined);
  while ((await step('call')) === 'nothing: 1');
  t.equal(await step('call'), 'RPC_PEER_REFUSED');
  t.match(linked.service.health(), { lastFailure: { code: 'RPC_PEER_REFUSED', message: /answers 200/u } });
  linked.lead({ token: 'another-token-than-none' });
  t.equal(await step('call'), 'RPC_PEER_REFUSED');
  linked.lead({ limits: small });
  t.equal(await step('call'), 'nothing: 1');
  t.equal(linked.service.health().consecutiveFailures, 0);
  await linked.service.close();
  t.equal(await step('call'), 'SERVICE_CLOSED');
});

interface Listening {
  readonly url: string;
  readonly sockets: WebSocketServer;
}

async function listen(t: Test, options: object = {}): Promise<Listening> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, ...options });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

/** Resolves with what has ended a port that was opened to a server. */
async function endOf(t: Test, { url }: Listening, times: object): Promise<string> {
  const socket = new WebSocket(url);
  t.teardown(() => socket.terminate());
  return new Promise((resolve) => {
    const port = new LinkPort({
      limits: small,
      times: { ...linkTimes, ...times },
      sendsStacks: true,
      turns: new Turns(),
      onUndelivered: () => {},
      onEnd: resolve,
    });
    // At once: the other side may speak first.
    socket.once('open', () => port.open(socket));
  });
}

t.test('a side that says nothing is given up', async (t) => {
  const silent = await listen(t);
  t.equal(await endOf(t, silent, { hello: 1 }), 'the other side has not said what it takes');
  const deaf = await listen(t, { autoPong: false });
  deaf.sockets.on('connection', (socket) => socket.send(packFrame('[["hello",1048576]]', [])));
  t.equal(await endOf(t, deaf, { silence: 1 }), 'the other side is silent');
});

t.test('a server that is called may be no better than a client', async (t) => {
  const rude = await listen(t);
  rude.sockets.on('connection', (socket) => {
    socket.send(packFrame('[["hello",1048576]]', []));
    socket.send(packFrame('[["reply",1,200,"","bad header",null,0]]', []));
  });
  t.equal(await endOf(t, rude, {}), 'the other side broke the protocol: headers are malformed');
  const greedy = await listen(t);
  greedy.sockets.on('connection', (socket) => socket.send(packFrame('[["hello",99]]', [])));
  t.equal(await endOf(t, greedy, {}), 'the other side broke the protocol: a number is out of its range');
});

t.test('calls of other servers are counted where they arrive', async (t) => {
  const counts = makeCounts();
  const answers: AnswerState[] = [];
  const linked = await makeLinked(t, {
    target: () =>
      new Target(
        {
          fetch: (_request, call) => call.settle(call, neutral.response(204, '', '', undefined), undefined),
          call: (path) =>
            path === 'fail'
              ? refused(makeHostError('CALL_TOO_DEEP', {}))
              : path === 'wait'
                ? makeDeferred()
                : 1,
          get: () => 1,
        },
        '',
        counts,
      ),
  });
  const way = linked.service.open('default', '');
  const call = (name: string): Promise<AnswerState> =>
    new Promise((resolve) => {
      const answer = way.call(name, [], undefined) as AnswerState;
      answers.push(answer);
      answer.onSettle = resolve;
    });
  await call('quick');
  await call('fail');
  void call('wait');
  await call('quick');
  t.match(counts, { calls: 4, errors: 1, canceled: 0, waiting: 1 });
  const waiting = answers[2] as AnswerState;
  waiting.ops.drop(waiting);
  await call('quick');
  t.match(counts, { calls: 5, errors: 1, canceled: 1, waiting: 0 });
});
