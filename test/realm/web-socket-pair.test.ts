/** The connection between two ends, as the host's classes use it. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import type { WebSocketState } from '../../src/realm/prelude/state.ts';
import { makeWebSocketPair, messageCost } from '../../src/realm/web-socket-pair.ts';

/** What an end has received. `wait`: messages after which it asks to wait. */
function listen(
  end: WebSocketState,
  { wait = [], onTaken }: { wait?: readonly string[]; onTaken?: (cost: number) => void } = {},
): { readonly log: unknown[]; readonly closed: Promise<void>; until(count: number): Promise<void> } {
  const log: unknown[] = [];
  const closed = Promise.withResolvers<void>();
  let wake = (): void => undefined;
  end.open({
    message(text, buffer) {
      log.push(text ?? buffer?.byteLength);
      wake();
      return !wait.includes(text ?? '');
    },
    closed(...closing) {
      log.push(closing);
      closed.resolve();
    },
    taken: onTaken,
  });
  return {
    log,
    closed: closed.promise,
    async until(count) {
      while (log.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('what was sent is kept until the end is opened, and comes in order', async (t) => {
  const { first, second } = makeWebSocketPair();
  listen(first);
  first.send('a', undefined);
  first.send(undefined, new ArrayBuffer(3));
  first.send('ä€', undefined);
  first.close(4000, 'over');
  first.send('never', undefined);
  t.equal(first.buffered(), 1 + 3 + 5);
  await turn();
  const { log, closed } = listen(second);
  t.strictSame(log, [], 'not at once');
  await closed;
  t.strictSame(log, ['a', 3, 'ä€', [4000, 'over', true]]);
  t.equal(first.buffered(), 0);
});

t.test(
  'an end that asks to wait gets nothing until it goes on, and the sender hears what was taken',
  async (t) => {
    const { first, second } = makeWebSocketPair();
    const taken: number[] = [];
    listen(first, { onTaken: (cost) => taken.push(cost) });
    const { log, until, closed } = listen(second, { wait: ['a'] });
    for (const text of ['a', 'bb', 'c']) first.send(text, undefined);
    first.close(1005, '');
    await until(1);
    for (let i = 0; i < 5; i++) await turn();
    t.strictSame(log, ['a']);
    t.strictSame(taken, [messageCost(1)]);
    t.equal(first.buffered(), 3);
    second.resume();
    await closed;
    t.strictSame(log, ['a', 'bb', 'c', [1005, '', true]]);
    t.strictSame(taken, [messageCost(1), messageCost(2), messageCost(1)]);
  },
);

t.test('each end has the last word once', async (t) => {
  const { first, second } = makeWebSocketPair();
  const [one, two] = [listen(first), listen(second)];
  first.close(1000, 'mine');
  first.close(1001, 'again');
  first.drop(1006, '');
  await two.closed;
  second.send('nobody hears it', undefined);
  second.close(3000, 'yours');
  await turn();
  t.strictSame(two.log, [[1000, 'mine', true]]);
  t.strictSame(one.log, [], 'who lets go hears nothing more');
});

t.test('a half that is open goes on', async (t) => {
  const { first, second } = makeWebSocketPair();
  const [one, two] = [listen(first), listen(second)];
  first.close(1000, '');
  await two.closed;
  second.send('still here', undefined);
  second.close(1000, 'now');
  await one.closed;
  t.strictSame(one.log, ['still here', [1000, 'now', true]]);
});

t.test('a loss is heard behind what came before it, by an end that was opened late as well', async (t) => {
  const { first, second } = makeWebSocketPair();
  listen(first);
  first.send('last', undefined);
  first.drop(1006, '');
  const { log, closed } = listen(second);
  await closed;
  t.strictSame(log, ['last', [1006, '', false]]);
});

t.test('too much that waits fails the connection, empty messages too', async (t) => {
  for (const [text, most] of [
    ['x'.repeat(1024 * 1024), 17],
    ['', 300_000],
  ] as const) {
    const { first, second } = makeWebSocketPair();
    const one = listen(first);
    let sent = 0;
    for (; sent < most && first.buffered() <= 17 * 1024 * 1024; sent++) first.send(text, undefined);
    await one.closed;
    t.match(one.log, [[1013, String, false]]);
    const two = listen(second);
    await two.closed;
    t.match(two.log.at(-1), [1013, String, false]);
    t.ok(two.log.length <= sent, `${two.log.length} of ${sent} messages came`);
  }
});

t.test('who receives does so in the context in which it opened the end', async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const { first, second } = makeWebSocketPair();
  const seen = Promise.withResolvers<string | undefined>();
  const message = (): boolean => {
    seen.resolve(storage.getStore());
    return true;
  };
  storage.run('receiver', () => second.open({ message, closed: () => undefined, taken: undefined }));
  storage.run('sender', () => {
    listen(first);
    first.send('x', undefined);
  });
  t.equal(await seen.promise, 'receiver');
});

t.test('an end that nobody opens and nobody holds is lost to the other one', async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  let pair: ReturnType<typeof makeWebSocketPair> | undefined = makeWebSocketPair();
  const { log, closed } = listen(pair.first);
  pair = undefined;
  let isClosed = false;
  void closed.then(() => (isClosed = true));
  while (!isClosed) {
    gc();
    await turn();
  }
  t.strictSame(log, [[1006, '', false]]);
});

t.test('a record leads nowhere', (t) => {
  const pair = makeWebSocketPair();
  for (const record of [pair, pair.first]) {
    const prototype = Object.getPrototypeOf(record) as object;
    t.equal(Object.getPrototypeOf(prototype), null);
    t.strictSame(Reflect.ownKeys(prototype), []);
    t.ok(Object.isFrozen(prototype));
  }
  t.end();
});
