/** EventSource: how a stream is read, and when it is connected to again. */

import t from 'tap';
import { neutral } from '../../src/realm/neutral.ts';
import type { CallState, RequestState, TargetState } from '../../src/realm/prelude/state.ts';
import { makeHostError } from '../../src/services/host-error.ts';
import { makeTarget } from '../../src/services/service.ts';
import { evaluate } from '../helpers/realm.ts';

type Handler = (request: RequestState, call: CallState) => void;

/** A service that answers each request with the next handler, and the last one from then on. */
function served(...handlers: readonly Handler[]): { readonly target: TargetState; readonly asked: string[] } {
  const asked: string[] = [];
  const target = makeTarget((request, call) => {
    asked.push(`${request.url} ${request.headers.replaceAll('\n', '|')}`);
    const handler = handlers[Math.min(asked.length, handlers.length) - 1];
    setImmediate(() => handler?.(request, call));
  });
  return { target, asked };
}

function answer(text: string, headers = 'content-type\ntext/event-stream\n', status = 200): Handler {
  return (_request, call) => call.settle(call, neutral.response(status, '', headers, text), undefined);
}

const fails =
  (code: 'CHANNEL_LOST' | 'CLIENT_GONE'): Handler =>
  (_request, call) =>
    call.settle(call, undefined, makeHostError(code, {}));

/** Text whose body never ends. */
const open =
  (text: string): Handler =>
  (_request, call) => {
    let isSent = false;
    const source = neutral.source(
      (sink) => {
        if (isSent) return;
        isSent = true;
        sink('chunk', new TextEncoder().encode(text).buffer.slice(0), undefined);
      },
      () => undefined,
    );
    const body = neutral.streamBody(source, -1);
    call.settle(call, neutral.response(200, '', 'content-type\ntext/event-stream\n', body), undefined);
  };

const log = `
  const log = [];
  const note = ({ type, data, lastEventId, origin, target }) =>
    log.push(data === undefined ? [type, target.readyState] : [type, data, lastEventId, origin]);
  const watch = (source, ...types) => {
    for (const type of ['open', 'message', 'error', ...types]) source.addEventListener(type, note);
    return source;
  };
  const until = (source, type, count = 1) => new Promise((resolve) => source.addEventListener(type, () => --count === 0 && resolve()));`;

t.test('reads events, and connects again with the last id', async (t) => {
  const { target, asked } = served(
    answer(
      'retry: 1\nid: ä\ndata: one\ndata:two\n\n: nothing\ndata\n\nevent: own\rdata: x\r\n\r\nid: lost\ndata: unfinished',
    ),
    open('data: again\n\n'),
  );
  const outcome = await evaluate(
    `${log}
    const source = watch(new EventSource('http://a.example/path#hash'), 'own');
    const before = [source.readyState, source.url, source.withCredentials];
    await until(source, 'message', 3);
    source.close();
    return [before, log, source.readyState];`,
    { targets: [target] },
  );
  const origin = 'http://a.example';
  t.strictSame(outcome, [
    [0, 'http://a.example/path#hash', false],
    [
      ['open', 1],
      ['message', 'one\ntwo', 'ä', origin],
      ['message', '', 'ä', origin],
      ['own', 'x', 'ä', origin],
      ['error', 0],
      ['open', 1],
      ['message', 'again', 'ä', origin],
    ],
    2,
  ]);
  t.strictSame(asked, [
    'http://a.example/path accept|text/event-stream|cache-control|no-cache|',
    'http://a.example/path accept|text/event-stream|cache-control|no-cache|last-event-id|\u00c3\u00a4|',
  ]);
});

t.test('a field may come in pieces, with a byte order mark, and any line break', async (t) => {
  const outcome = await evaluate(`${log}
    const bytes = new TextEncoder().encode('\\ufeffdata: €uro\\r\\n\\r\\nid: a\\0b\\ndata:  two\\n\\nevent: e\\n\\nDATA: no\\nretry: 1x\\ndata: end\\r\\r');
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
    const source = watch(EventSource.from(ReadableStream.from(pieces)), 'e');
    const before = [source.url, source.readyState];
    await until(source, 'error');
    return [before, log];`);
  t.strictSame(outcome, [
    ['', 0],
    [
      ['open', 1],
      ['message', '€uro', '', ''],
      ['message', ' two', '', ''],
      ['message', 'end', '', ''],
      ['error', 2],
    ],
  ]);
});

t.test('what is no event stream fails for good', async (t) => {
  for (const handler of [
    answer('data: x\n\n', 'content-type\ntext/plain\n'),
    answer('data: x\n\n', ''),
    answer('', 'content-type\ntext/event-stream\n', 204),
    answer('data: x\n\n', 'content-type\ntext/event-stream\n', 500),
  ]) {
    const { target, asked } = served(handler);
    const code = `${log} const source = watch(new EventSource('http://a.example/')); await until(source, 'error'); return log;`;
    t.strictSame(await evaluate(code, { targets: [target] }), [['error', 2]]);
    t.equal(asked.length, 1);
  }
});

t.test('a server that cannot be reached is asked again', async (t) => {
  const { target } = served(answer('retry: 0\n\n'), fails('CHANNEL_LOST'), open('data: there\n\n'));
  const code = `${log} const source = watch(new EventSource('http://a.example/')); await until(source, 'message'); source.close(); return log;`;
  t.strictSame(await evaluate(code, { targets: [target] }), [
    ['open', 1],
    ['error', 0],
    ['error', 0],
    ['open', 1],
    ['message', 'there', '', 'http://a.example'],
  ]);
});

t.test('a redirect is followed, and gives the origin', async (t) => {
  const { target } = served(answer('', 'location\nhttp://b.example/x\n', 302), open('data: there\n\n'));
  const code = `${log} const source = watch(new EventSource('http://a.example/')); await until(source, 'message'); source.close(); return log.at(-1);`;
  t.strictSame(await evaluate(code, { targets: [target] }), ['message', 'there', '', 'http://b.example']);
});

t.test('close ends it: nothing more is read, dispatched or connected to', async (t) => {
  let canceled = '';
  const endless: Handler = (_request, call) => {
    const chunk = (): ArrayBuffer => new TextEncoder().encode('data: x\n\n').buffer.slice(0);
    const source = neutral.source(
      (sink) => setImmediate(sink, 'chunk', chunk(), undefined),
      (reason) => (canceled = reason.name),
    );
    const headers = 'content-type\ntext/event-stream;charset=utf-8\n';
    call.settle(call, neutral.response(200, '', headers, neutral.streamBody(source, -1)), undefined);
  };
  const { target, asked } = served(endless);
  const outcome = await evaluate(
    `${log}
    const source = watch(new EventSource('http://a.example/'));
    await until(source, 'message', 2);
    source.close();
    source.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
    return [log.length, source.readyState];`,
    { targets: [target] },
  );
  t.strictSame(outcome, [3, 2]);
  t.equal(canceled, 'AbortError');
  t.equal(asked.length, 1);
});

t.test('close before the answer gives the call up', async (t) => {
  let reason = '';
  const { target } = served((_request, call) => {
    call.onAbort = ({ name }) => (reason = name);
  });
  const outcome = await evaluate(
    `const source = new EventSource('http://a.example/');
    await new Promise((resolve) => setTimeout(resolve, 5));
    source.close();
    return source.readyState;`,
    { targets: [target] },
  );
  t.equal(outcome, 2);
  t.equal(reason, 'AbortError');
});

t.test('an event that never ends is too long, and ends the stream', async (t) => {
  const outcome = await evaluate(`${log}
    const piece = new Uint8Array(1024 * 1024).fill(120);
    let pulls = 0;
    const stream = new ReadableStream({ pull(controller) { pulls++; controller.enqueue(piece.slice()); } });
    const source = watch(EventSource.from(stream));
    await until(source, 'error');
    return [log, pulls < 20];`);
  t.strictSame(outcome, [
    [
      ['open', 1],
      ['error', 2],
    ],
    true,
  ]);
});

t.test('refuses what it cannot be made of', async (t) => {
  const outcome = await evaluate(
    `const names = [];
    const used = new Response('x').body;
    used.getReader();
    for (const run of [
      () => new EventSource(),
      () => new EventSource('relative'),
      () => new EventSource('http://a/', { fetcher: {} }),
      () => EventSource('http://a/'),
      () => EventSource.from(),
      () => EventSource.from('text'),
      () => EventSource.from(used),
      () => EventSource.prototype.readyState,
    ]) try { run(); names.push('nothing'); } catch (error) { names.push(error.name); }
    return [names, EventSource.CONNECTING, EventSource.OPEN, EventSource.prototype.CLOSED, EventSource.length];`,
    { targets: [served(answer('')).target] },
  );
  t.strictSame(outcome, [
    [
      'TypeError',
      'SyntaxError',
      'TypeError',
      'TypeError',
      'TypeError',
      'TypeError',
      'TypeError',
      'TypeError',
    ],
    0,
    1,
    2,
    1,
  ]);
});

t.test('events come from a service binding as well', async (t) => {
  const { target, asked } = served(open('data: from there\n\n'));
  const code = `${log} const source = watch(new EventSource('http://any/', { fetcher: env.OTHER })); await until(source, 'message'); source.close(); return log[1];`;
  const bindings = [{ kind: 'service', name: 'OTHER', target: 1 }] as const;
  const targets = [served(fails('CLIENT_GONE')).target, target];
  t.strictSame(await evaluate(code, { targets, bindings }), ['message', 'from there', '', 'http://any']);
  t.equal(asked.length, 1);
});
