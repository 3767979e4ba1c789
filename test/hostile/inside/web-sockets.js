/** WebSockets of a worker that does what it can with them. */

import { attacker } from './kit.js';

const upgrade = { headers: { upgrade: 'websocket' } };

const accepted = () => {
  const [here, there] = new WebSocketPair();
  here.accept();
  there.accept();
  return [here, there];
};

const closed = (socket) => new Promise((resolve) => socket.addEventListener('close', resolve));

/** Calls with less and less stack left, and again on the way back. */
function nearLimit(call) {
  const down = () => {
    try {
      down();
    } catch {
      // the limit
    }
    call();
  };
  try {
    down();
  } catch {
    // the limit
  }
}

export default attacker({
  async 'another parent is given nothing of the inside'(t) {
    const given = [];
    class Parent extends EventTarget {
      constructor(...args) {
        super();
        given.push(args, new.target);
        return new Proxy(this, {});
      }
    }
    Object.setPrototypeOf(WebSocket, Parent);
    const { webSocket } = await t.env.OTHER.fetch('http://test/websocket', upgrade);
    const sockets = [...new WebSocketPair(), webSocket, new WebSocket('ws://test/websocket')];
    for (const socket of sockets) t.walk(socket, 'socket');
    t.walk(given, 'given');
    t.same(
      given.filter((args) => Array.isArray(args) && args.length > 0).length,
      0,
      'arguments of the parent',
    );
  },

  async 'a subclass gets events, and no internals'(t) {
    class Mine extends WebSocket {
      dispatchEvent(event) {
        t.walk(event, 'dispatched');
        return super.dispatchEvent(event);
      }
    }
    const socket = new Mine('ws://test/websocket');
    const events = [];
    for (const type of ['open', 'message', 'error', 'close'])
      socket.addEventListener(type, (event) => events.push(event));
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    socket.send('x');
    socket.close();
    await closed(socket);
    t.walk(events, 'events');
    t.ok(events.length >= 2, 'there were events');
  },

  async 'what is sent near stack overflow arrives whole, once and in order, or throws'(t) {
    const [here, there] = accepted();
    const sent = [];
    let threw = 0;
    let next = 0;
    for (let round = 0; round < 5; round++) {
      nearLimit(() => {
        const text = String(next++);
        try {
          here.send(text);
          sent.push(text);
        } catch (error) {
          threw++;
          if (!(error instanceof RangeError)) t.walk(error, 'thrown');
        }
      });
    }
    const received = [];
    there.addEventListener('message', ({ data }) => received.push(data));
    here.close();
    await closed(there);
    t.ok(threw > 0, 'some threw');
    t.ok(sent.length > 100, 'some did not');
    t.same(received.join(), sent.join(), 'what came');
  },

  async 'what is made and closed near stack overflow leaves the others alone'(t) {
    const [here, there] = accepted();
    nearLimit(() => {
      try {
        const [one, other] = new WebSocketPair();
        one.accept();
        other.accept();
        one.send(new Uint8Array(8));
        other.close(1000, 'x');
        t.env.OTHER.fetch('http://test/websocket', upgrade).then(
          ({ webSocket }) => webSocket.accept(),
          () => {},
        );
      } catch (error) {
        t.walk(error, 'thrown');
      }
    });
    const heard = closed(there);
    here.send('still');
    here.close(3000, 'fine');
    const { code, wasClean } = await heard;
    t.same(`${code} ${wasClean}`, '3000 true', 'the close of another one');
  },

  async 'listeners that throw, close and send while they are called'(t) {
    const [here, there] = accepted();
    let rounds = 0;
    here.addEventListener('message', () => here.send('again'));
    there.addEventListener('message', (event) => {
      t.walk(event, 'event');
      if (++rounds === 20) here.close();
      there.send('again');
      throw Object.create(null);
    });
    there.addEventListener('close', (event) => {
      t.walk(event, 'event');
      t.call(() => there.close(1001), 'closed again');
      t.call(() => there.send('late'), 'sent late');
      t.call(() => there.accept(), 'accepted again');
      throw new Proxy({}, {});
    });
    here.send('begin');
    await closed(there);
    t.same(there.readyState, 3, 'state');
  },

  async 'buffers that change, shrink and go while they are sent'(t) {
    const [here, there] = accepted();
    const received = [];
    there.addEventListener('message', ({ data }) => received.push(data));
    const resizable = new ArrayBuffer(8, { maxByteLength: 16 });
    const view = new Uint8Array(resizable, 4);
    here.send(view);
    resizable.resize(2);
    here.send(view);
    const detached = new ArrayBuffer(8);
    detached.transfer();
    t.call(() => here.send(detached), 'detached');
    here.send(new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 4));
    here.send({
      toString() {
        here.send('nested');
        return 'outer';
      },
    });
    here.close();
    await closed(there);
    t.walk(received, 'received');
    t.same(received.map((data) => data.byteLength ?? data).join(), '4,0,0,4,nested,outer', 'what came');
  },

  async 'headers and subprotocols that would break the handshake'(t) {
    for (const value of ['a\r\nx: y', 'a\nx: y', 'a\0', 'a\u0100']) {
      const { error } = await t.settle(
        () =>
          t.env.OTHER.fetch('http://test/', {
            headers: { upgrade: 'websocket', 'sec-websocket-protocol': value },
          }),
        value,
      );
      t.same(error?.name, 'TypeError', JSON.stringify(value));
      t.call(() => new WebSocket('ws://test/', value), value);
    }
  },

  async 'too much is sent to somebody who takes nothing'(t) {
    const { webSocket } = await t.env.OTHER.fetch('http://test/websocket', upgrade);
    const [here] = new WebSocketPair();
    here.accept();
    const [event] = await Promise.all([
      closed(here),
      (async () => {
        for (let i = 0; i < 64; i++) here.send(new Uint8Array(1024 * 1024));
      })(),
    ]);
    t.same(event.code, 1013, 'code');
    t.walk(webSocket, 'an end that nobody accepts');
  },
});
