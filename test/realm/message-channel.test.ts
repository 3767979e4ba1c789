/** MessageChannel and MessagePort: order, tasks, transfer, and the end of a channel. */

import t from 'tap';
import { evaluate, makeTestRealm } from '../helpers/realm.ts';

/** For the tests' workers: a promise of the next `count` events of a type. */
const NEXT = `
  const next = (target, type, count = 1) => new Promise((resolve) => {
    const seen = [];
    target.addEventListener(type, (event) => { if (seen.push(event) === count) resolve(count === 1 ? event : seen); });
    if (type === 'message') target.start?.();
  });`;

t.test('a message is cloned when it is posted, and arrives in a task of its own', async (t) => {
  const results = await evaluate(`${NEXT}
    const { port1, port2 } = new MessageChannel();
    const order = [];
    const value = { list: [1], when: new Date(5) };
    port2.onmessage = ({ data }) => {
      order.push(data.list ? JSON.stringify(data) : data);
      queueMicrotask(() => order.push('microtask'));
    };
    port1.postMessage(value);
    value.list.push(2);
    port1.postMessage('second');
    Promise.resolve().then(() => order.push('before'));
    port1.postMessage('third');
    const { data } = await next(port2, 'message', 3).then((events) => events[2]);
    await null;
    return [order, data];`);
  t.same(results, [
    [
      'before',
      '{"list":[1],"when":"1970-01-01T00:00:00.005Z"}',
      'microtask',
      'second',
      'microtask',
      'third',
      'microtask',
    ],
    'third',
  ]);
});

t.test('the event has what the standard gives it', async (t) => {
  const results = await evaluate(`${NEXT}
    const { port1, port2 } = new MessageChannel();
    const other = new MessageChannel();
    const buffer = new ArrayBuffer(8, { maxByteLength: 16 });
    port1.postMessage({ buffer, port: other.port1 }, [other.port1, buffer, new ArrayBuffer(1)]);
    const event = await next(port2, 'message');
    const { data, ports } = event;
    return [
      event instanceof MessageEvent, event.isTrusted, event.origin, event.lastEventId, event.source, event.bubbles, event.cancelable,
      ports.length, Object.isFrozen(ports), ports[0] === data.port, ports[0] instanceof MessagePort, ports[0] === other.port1,
      buffer.detached, data.buffer.maxByteLength, event.target === port2,
    ];`);
  t.same(results, [true, true, '', '', null, false, false, 1, true, true, true, false, true, 16, true]);
});

t.test('a port waits until it is started, and onmessage starts it', async (t) => {
  const results = await evaluate(`${NEXT}
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    const arrived = new Promise((resolve) => {
      port2.addEventListener('message', ({ data }) => { seen.push(data); resolve(); });
    });
    port1.postMessage(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    const before = seen.length;
    port2.onmessage = null;
    port2.start();
    await arrived;
    return [before, seen];`);
  t.same(results, [0, [1]]);
});

t.test('a port takes what waits in it along when it is transferred', async (t) => {
  const results = await evaluate(`${NEXT}
    const { port1, port2 } = new MessageChannel();
    port2.start();
    port1.postMessage('a');
    const moved = structuredClone({ port2 }, { transfer: [port2] }).port2;
    const carrier = new MessageChannel();
    port1.postMessage('b');
    carrier.port1.postMessage(null, [moved]);
    port1.postMessage('c');
    const [last] = (await next(carrier.port2, 'message')).ports;
    port1.postMessage('d');
    const data = (await next(last, 'message', 4)).map((event) => event.data);
    last.postMessage('back');
    const back = (await next(port1, 'message')).data;
    const code = (f) => { try { f(); } catch (e) { return e.name; } };
    return [data, back, code(() => structuredClone(1, { transfer: [port2] })), code(() => port2.postMessage(1))];`);
  t.same(results, [['a', 'b', 'c', 'd'], 'back', 'DataCloneError', null]);
});

t.test('the other port hears of a close, after the messages that were posted before it', async (t) => {
  const results = await evaluate(`${NEXT}
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    port2.onmessage = ({ data }) => seen.push(data);
    port2.onclose = (event) => seen.push([event.type, event instanceof CloseEvent, event.isTrusted]);
    port1.onclose = () => seen.push('its own');
    port1.postMessage(1);
    port1.close();
    port1.close();
    port1.postMessage(2);
    port2.postMessage(3);
    await next(port2, 'close');

    const travelling = new MessageChannel();
    const carrier = new MessageChannel();
    carrier.port1.postMessage(null, [travelling.port2]);
    travelling.port1.close();
    await new Promise((resolve) => setTimeout(resolve, 1));
    const [port] = (await next(carrier.port2, 'message')).ports;
    await next(port, 'close');
    return seen;`);
  t.same(results, [1, ['close', false, true]]);
});

t.test('a port that is posted through its own channel is lost, and the channel closes', async (t) => {
  const results = await evaluate(`${NEXT}
    const { port1, port2 } = new MessageChannel();
    const code = (f) => { try { return f(); } catch (e) { return e.name; } };
    const own = code(() => port1.postMessage(1, [port1]));
    const closed = next(port1, 'close');
    port1.postMessage(1, { transfer: [port2] });
    await closed;
    return [own, code(() => port2.postMessage(1)) ?? 'nothing'];`);
  t.same(results, ['DataCloneError', 'nothing']);
});

t.test('wrong arguments are refused, and leave the transferred objects alone', async (t) => {
  const results = await evaluate(`
    const code = (f) => { try { return f() ?? 'ok'; } catch (e) { return e.name; } };
    const { port1, port2 } = new MessageChannel();
    const buffer = new ArrayBuffer(4);
    return [
      code(() => new MessagePort()), code(() => MessageChannel()), code(() => port1.postMessage()),
      code(() => port1.postMessage(1, 5)), code(() => port1.postMessage(1, null)), code(() => port1.postMessage(1, {})),
      code(() => port1.postMessage(1, [1])), code(() => port1.postMessage(1, [{}])), code(() => port1.postMessage(port2)),
      code(() => port1.postMessage(() => {}, [buffer, port2])), buffer.detached, code(() => port2.postMessage(1)),
      code(() => port1.postMessage(1, [buffer, buffer])), code(() => structuredClone(port1)),
      code(() => MessagePort.prototype.postMessage.call({}, 1)), code(() => MessagePort.prototype.onmessage),
      code(() => new MessageEvent('x', { ports: [new EventTarget()] })), code(() => new MessageEvent('x', { source: port1 }).source === port1),
    ];`);
  t.same(results, [
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'ok',
    'ok',
    'TypeError',
    'DataCloneError',
    'DataCloneError',
    'DataCloneError',
    false,
    'ok',
    'DataCloneError',
    'DataCloneError',
    'TypeError',
    'TypeError',
    'TypeError',
    true,
  ]);
});

t.test('what a listener throws is reported, and the next message arrives', async (t) => {
  const { fetch, uncaught, realm } =
    await makeTestRealm(`"use strict";($nanod) => { $nanod.exports({ default: () => ({
    async fetch() {
      const { port1, port2 } = new MessageChannel();
      await new Promise((resolve) => {
        port2.onmessage = ({ data }) => { if (data === 2) resolve(); throw new RangeError('at ' + data); };
        port1.postMessage(1);
        port1.postMessage(2);
      });
      return new Response('');
    } }) }); }`);
  await fetch();
  t.same(
    uncaught.map(({ source, name, message }) => [source, name, message]),
    [
      ['event listener', 'RangeError', 'at 1'],
      ['event listener', 'RangeError', 'at 2'],
    ],
  );
  realm.dispose();
});

t.test('ports that wait for each other keep neither a realm busy nor the process alive', async (t) => {
  const { fetch, logs, realm } =
    await makeTestRealm(`"use strict";($nanod) => { $nanod.exports({ default: () => ({
    async fetch() {
      const { port1, port2 } = new MessageChannel();
      let count = 0;
      await new Promise((resolve) => {
        const more = ({ target }) => {
          console.log(++count);
          if (count === 10) resolve();
          (target === port1 ? port1 : port2).postMessage(count);
        };
        port1.onmessage = more;
        port2.onmessage = more;
        port1.postMessage(0);
      });
      return new Response('');
    } }) }); }`);
  await fetch();
  realm.dispose();
  const before = logs.length;
  t.ok(before >= 10);
  await new Promise((resolve) => setTimeout(resolve, 5));
  t.equal(logs.length, before, 'a realm that is gone has no more turns');
});
