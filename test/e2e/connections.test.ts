/** Plain connections over real sockets: `connect` handlers, `cloudflare:sockets`, and connections between workers. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls';
import t from 'tap';
import type { Test } from 'tap';
import { makeAuthority, makeKeypair } from '../helpers/certificates.ts';
import { serve, type Nanod } from '../helpers/nanod.ts';

const authority = makeAuthority();
const keypair = makeKeypair(authority, '127.0.0.1', 'localhost');

/** Connects, sends, and ends; resolves with everything that came. */
async function talk(socket: Socket, text: string | Uint8Array): Promise<string> {
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  socket.on('error', (error: NodeJS.ErrnoException) => (received += ` ${error.code}`));
  socket.end(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return received;
}

function tcpPort(nanod: Nanod, index = 0): number {
  return Number(/:(\d+)\/?$/u.exec(nanod.urls[index] ?? '')?.[1]);
}

const WORKER = `
const text = (bytes) => new TextDecoder().decode(bytes);
const encode = (string) => new TextEncoder().encode(string);
const line = async (socket) => {
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return text(value);
};
const handlers = {
  async echo(socket) { await socket.readable.pipeTo(socket.writable); },
  async info(socket, env, ctx) {
    const { remoteAddress, localAddress } = await socket.opened;
    const shown = { remoteAddress, localAddress, props: ctx.props, secure: socket.secureTransport, upgraded: socket.upgraded };
    await socket.writable.getWriter().write(encode(JSON.stringify(shown)));
  },
  async half(socket) {
    let size = 0;
    for await (const chunk of socket.readable) size += chunk.length;
    await socket.writable.getWriter().write(encode('got ' + size));
  },
  throws() { throw new RangeError('no talk'); },
  async rejects(socket) { await line(socket); throw new RangeError('no more'); },
  async slow(socket) {
    const reader = socket.readable.getReader();
    await socket.writable.getWriter().write(encode('x'));
    await socket.closed.catch((error) => console.log('lost: ' + error.message));
  },
  async closes(socket) {
    const writer = socket.writable.getWriter();
    void writer.write(encode('bye'));
    await socket.close();
    console.log('closed');
    try { await writer.write(encode('more')); } catch (error) { console.log('after: ' + error.name); }
  },
};
export default {
  async connect(socket, env, ctx) {
    console.log(Object.prototype.toString.call(socket));
    await handlers[ctx.props.do](socket, env, ctx);
  },
  fetch: () => new Response('http'),
};
export const nothing = { fetch: () => new Response('no connect') };
`;

t.test('a connect handler', async (t) => {
  const names = ['echo', 'info', 'half', 'throws', 'rejects', 'slow', 'closes'];
  const sockets = names.map((name) => ({
    name,
    address: '127.0.0.1:0',
    protocol: 'tcp',
    service: { service: 'main', props: { do: name } },
  }));
  const nanod = await serve(t, {
    config: {
      threads: 2,
      apps: [{ name: 'main', script: 'main.js' }],
      sockets: [
        ...sockets,
        {
          name: 'nothing',
          address: '127.0.0.1:0',
          protocol: 'tcp',
          service: { service: 'main', entrypoint: 'nothing' },
        },
        {
          name: 'secure',
          address: '127.0.0.1:0',
          protocol: 'tcp',
          tls: { keypair },
          service: { service: 'main', props: { do: 'info' } },
        },
        {
          name: 'unix',
          address: 'unix:t.sock',
          protocol: 'tcp',
          service: { service: 'main', props: { do: 'info' } },
        },
        {
          name: 'unix-throws',
          address: 'unix:throws.sock',
          protocol: 'tcp',
          service: { service: 'main', props: { do: 'throws' } },
        },
        {
          name: 'secure-throws',
          address: '127.0.0.1:0',
          protocol: 'tcp',
          tls: { keypair },
          service: { service: 'main', props: { do: 'throws' } },
        },
      ],
    },
    files: { 'main.js': WORKER },
  });
  const to = (name: string): Socket =>
    connect({ port: tcpPort(nanod, names.indexOf(name)), host: '127.0.0.1', allowHalfOpen: true });

  t.match(nanod.stdout(), /^try: nc 127\.0\.0\.1 \d+$/m);

  await t.test('gets the bytes of a client, and answers', async (t) => {
    t.equal(await talk(to('echo'), 'hello'), 'hello');
    const large = 'x'.repeat(3_000_000);
    t.equal((await talk(to('echo'), large)).length, large.length, 'at the pace of the slower side');
    t.equal(await talk(to('echo'), ''), '');
  });

  await t.test('knows the two ends and its props', async (t) => {
    const socket = to('info');
    await once(socket, 'connect');
    const { localPort } = socket;
    const port = tcpPort(nanod, 1);
    t.strictSame(JSON.parse(await talk(socket, '')), {
      remoteAddress: `127.0.0.1:${localPort}`,
      localAddress: `127.0.0.1:${port}`,
      props: { do: 'info' },
      secure: 'off',
      upgraded: false,
    });
  });

  await t.test('may answer when the client has ended', async (t) => {
    t.equal(await talk(to('half'), 'x'.repeat(100_000)), 'got 100000');
  });

  await t.test('that fails resets the connection, and is logged', async (t) => {
    t.match(await talk(to('throws'), ''), 'ECONNRESET');
    const line = await nanod.logged(({ msg }) => msg.includes('no talk'));
    t.match(line, { service: 'main', source: 'connect', err: { message: 'no talk' } });
    t.match(await talk(to('rejects'), 'hello'), 'ECONNRESET');
    await nanod.logged(({ msg }) => msg.includes('no more'));
  });

  await t.test('that is not there resets the connection, and is logged', async (t) => {
    const port = tcpPort(nanod, names.length);
    t.match(await talk(connect({ port, host: '127.0.0.1', allowHalfOpen: true }), ''), 'ECONNRESET');
    await nanod.logged(({ msg }) => msg.includes('no connect handler'));
  });

  await t.test('hears of a client that is gone', async (t) => {
    const socket = to('slow');
    await once(socket, 'data');
    socket.resetAndDestroy();
    await nanod.logged(({ msg }) => /^lost: the connection is lost \(ECONNRESET\)/.test(msg));
    t.pass();
  });

  await t.test('may close', async (t) => {
    t.equal(await talk(to('closes'), ''), 'bye');
    await nanod.logged(({ msg }) => msg.startsWith('after: '));
    t.ok(nanod.log().some(({ msg }) => msg === 'closed'));
  });

  await t.test('is behind TLS where the socket has certificates', async (t) => {
    const port = tcpPort(nanod, names.length + 1);
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.certificate });
    t.match(JSON.parse(await talk(socket, '')), { secure: 'on' });
    t.not(
      await talk(connect(port, '127.0.0.1'), 'in the clear'),
      'anything',
      'a client without TLS harms nobody',
    );
  });

  await t.test('is behind Unix sockets as well', async (t) => {
    const socket = connect({ path: join(nanod.directory, 't.sock') });
    // Nothing is sent: the service closes its end when it has said everything, and the system refuses what is written to it then.
    let received = '';
    for await (const chunk of socket.setEncoding('latin1')) received += String(chunk);
    t.match(JSON.parse(received), { remoteAddress: '', secure: 'off' });
  });

  await t.test('that fails ends connections that cannot be reset, too', async (t) => {
    const unix = connect({ path: join(nanod.directory, 'throws.sock') });
    await once(unix.resume(), 'close');
    const port = tcpPort(nanod, names.length + 4);
    const secure = connectTls({ port, host: '127.0.0.1', ca: authority.certificate });
    await once(
      secure.resume().on('error', () => {}),
      'close',
    );
    t.notOk(nanod.log().some(({ msg }) => msg.includes('caught by no one')));
  });

  await t.test('leaves nothing behind when nanod stops', async (t) => {
    const open = to('echo');
    await once(open, 'connect');
    open.end();
    await once(open.resume(), 'close');
    t.equal((await nanod.stop()).status, 0);
  });
});

const CLIENT = `
import { connect } from 'cloudflare:sockets';
const encode = (string) => new TextEncoder().encode(string);
const all = async (readable) => { let text = ''; for await (const chunk of readable.pipeThrough(new TextDecoderStream())) text += chunk; return text; };
const line = async (socket) => {
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
};
const write = async (socket, text) => {
  const writer = socket.writable.getWriter();
  await writer.write(encode(text));
  writer.releaseLock();
};
const tell = (error) => error.name + ' ' + (error.code ?? '-') + ' ' + error.message;
const acts = {
  async talk({ to, options }, env) {
    const socket = connect(to, options);
    const { remoteAddress } = await socket.opened;
    await write(socket, 'hello\\n');
    await socket.writable.close();
    const text = await all(socket.readable);
    await socket.closed;
    return { remoteAddress, text, secure: socket.secureTransport };
  },
  async fails({ to, options }) {
    const socket = connect(to, options);
    const of = (promise) => promise.then(() => 'fine', tell);
    return { opened: await of(socket.opened), closed: await of(socket.closed), read: await of(socket.readable.getReader().read()), write: await of(socket.writable.getWriter().write(encode('x'))) };
  },
  async starttls({ to, twice }) {
    const socket = connect(to, { secureTransport: 'starttls' });
    const greeting = await line(socket);
    await write(socket, 'STARTTLS\\n');
    const go = await line(socket);
    const secure = socket.startTls();
    let again; try { socket.startTls(); } catch (error) { again = error.name; }
    await secure.opened;
    await socket.closed;
    await write(secure, 'secret\\n');
    await secure.writable.close();
    return { greeting, go, again, upgraded: socket.upgraded, secure: secure.secureTransport, text: await all(secure.readable) };
  },
  async half({ to, allowHalfOpen }) {
    const socket = connect(to, { allowHalfOpen });
    const text = await all(socket.readable);
    try { await write(socket, 'late'); await socket.writable.close(); return { text, late: 'written' }; } catch (error) { return { text, late: error.name }; }
  },
  async wrong() {
    const results = [];
    for (const args of [[], ['nohost'], [':80'], ['a:0'], ['a:65536'], ['a b:80'], [{ hostname: 'a', port: 'x' }], [{ hostname: 'a/b', port: 80 }], ['a:80', { secureTransport: 'maybe' }], ['a\\n:80'], ['user@a:80']]) {
      try { connect(...args); results.push('accepted ' + args); } catch (error) { results.push(error instanceof TypeError ? 'TypeError' : tell(error)); }
    }
    return { results: [...new Set(results)] };
  },
  async peer({ name }, env) {
    const socket = env[name].connect('some.where:1234');
    const { remoteAddress } = await socket.opened;
    await write(socket, 'ping');
    await socket.writable.close();
    return { text: await all(socket.readable), closed: await socket.closed.then(() => 'closed', tell), remoteAddress };
  },
  async refused({ name }, env) {
    const socket = env[name].connect('some.where:1234');
    return { opened: await socket.opened.then(() => 'fine', tell) };
  },
  async lost({ name }, env) {
    const socket = env[name].connect('some.where:1234');
    await socket.opened;
    return { read: await socket.readable.getReader().read().then(() => 'fine', tell), closed: await socket.closed.then(() => 'fine', tell) };
  },
};
export default {
  async fetch(request, env) {
    const asked = await request.json();
    try { return Response.json(await acts[asked.act](asked, env)); } catch (error) { return Response.json({ threw: tell(error) }); }
  },
};
`;

const PEER = `
export default {
  async connect(socket) {
    const { localAddress } = await socket.opened;
    const writer = socket.writable.getWriter();
    await writer.write(new TextEncoder().encode('for ' + localAddress + ': '));
    writer.releaseLock();
    await socket.readable.pipeTo(socket.writable);
  },
};
export const broken = { connect() { throw new RangeError('not today'); } };
export const breaks = { async connect() { await null; throw new RangeError('not any more'); } };
export const none = { fetch: () => new Response('') };
`;

async function listen(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as { port: number }).port;
}

t.test('connections that workers open', async (t) => {
  const echo = await listen(
    t,
    createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)),
  );
  const tlsEcho = await listen(
    t,
    createTlsServer({ cert: keypair.certificate, key: keypair.privateKey, allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {}).pipe(socket);
    }),
  );
  const mail = await listen(
    t,
    createServer({ allowHalfOpen: true }, (socket) => {
      socket.write('220 ready\n');
      socket.once('data', () => {
        socket.removeAllListeners('data');
        socket.write('220 go\n', () => {
          const secure = new TLSSocket(socket, {
            isServer: true,
            cert: keypair.certificate,
            key: keypair.privateKey,
          });
          secure.on('error', () => {}).pipe(secure);
        });
      });
    }),
  );
  let late = '';
  const greeter = await listen(
    t,
    createServer({ allowHalfOpen: true }, (socket) => {
      socket.end('hi');
      socket.on('data', (chunk: Buffer) => (late += chunk.toString())).on('error', () => {});
    }),
  );
  const peer = (entrypoint?: string): object => ({ service: 'peer', ...(entrypoint && { entrypoint }) });
  const far = (entrypoint?: string): object => ({ service: 'far', ...(entrypoint && { entrypoint }) });
  const nanod = await serve(t, {
    config: {
      threads: 1,
      groups: { other: { threads: 1 } },
      apps: [
        {
          name: 'main',
          script: 'client.js',
          globalOutbound: 'local',
          bindings: {
            PEER: peer(),
            BROKEN: peer('broken'),
            BREAKS: peer('breaks'),
            NONE: peer('none'),
            FAR: far(),
            FAR_BROKEN: far('broken'),
            FAR_BREAKS: far('breaks'),
          },
        },
        { name: 'public', script: 'client.js' },
        { name: 'indirect', script: 'client.js', globalOutbound: 'peer' },
        { name: 'peer', script: 'peer.js' },
        { name: 'far', script: 'peer.js', group: 'other' },
      ],
      services: [{ name: 'local', kind: 'network', allow: ['local'] }],
      sockets: [
        { name: 'main', address: '127.0.0.1:0', service: 'main' },
        { name: 'public', address: '127.0.0.1:0', service: 'public' },
        { name: 'indirect', address: '127.0.0.1:0', service: 'indirect' },
      ],
    },
    files: { 'client.js': CLIENT, 'peer.js': PEER },
  });
  const ask = async (act: string, asked: object = {}, index = 0): Promise<Record<string, unknown>> => {
    const response = await fetch(nanod.urls[index] ?? '', {
      method: 'POST',
      body: JSON.stringify({ act, ...asked }),
    });
    return (await response.json()) as Record<string, unknown>;
  };

  await t.test('reach servers that the global outbound permits', async (t) => {
    for (const to of [`127.0.0.1:${echo}`, { hostname: 'localhost', port: echo }])
      t.strictSame(await ask('talk', { to }), {
        remoteAddress: `127.0.0.1:${echo}`,
        text: 'hello\n',
        secure: 'off',
      });
  });

  await t.test('reach no others', async (t) => {
    for (const to of [
      `127.0.0.1:${echo}`,
      `localhost:${echo}`,
      `[::ffff:127.0.0.1]:${echo}`,
      `[::1]:${echo}`,
    ]) {
      const { opened, closed, read, write } = await ask('fails', { to }, 1);
      t.match(opened, /^Error NETWORK_REFUSED connect failed: /, to);
      t.strictSame([closed, read, write], [opened, opened, opened]);
    }
  });

  await t.test('fail where nobody listens', async (t) => {
    const server = createServer();
    const port = await listen(t, server);
    server.close();
    await once(server, 'close');
    const { opened } = await ask('fails', { to: `127.0.0.1:${port}` });
    t.match(opened, /^Error NETWORK_UNREACHABLE connect failed: .*ECONNREFUSED/);
  });

  await t.test('are encrypted only for certificates that are trusted', async (t) => {
    const { opened } = await ask('fails', { to: `localhost:${tlsEcho}`, options: { secureTransport: 'on' } });
    t.match(opened, /^Error NETWORK_TLS connect failed: .*its certificate is not trusted/);
  });

  await t.test('may stay half open, or not', async (t) => {
    const to = `127.0.0.1:${greeter}`;
    t.strictSame(await ask('half', { to, allowHalfOpen: true }), { text: 'hi', late: 'written' });
    t.strictSame(await ask('half', { to, allowHalfOpen: false }), { text: 'hi', late: 'TypeError' });
    t.equal(late, 'late');
  });

  await t.test('refuse what is no address', async (t) => {
    t.strictSame(await ask('wrong'), { results: ['TypeError'] });
  });

  await t.test('lead to other workers, on this thread and on others', async (t) => {
    for (const name of ['PEER', 'FAR'])
      t.match(await ask('peer', { name }), { text: 'for some.where:1234: ping', closed: 'closed' }, name);
    t.match(
      await ask('talk', { to: 'any.host:99' }, 2),
      { text: 'for any.host:99: hello\n' },
      'as a global outbound',
    );
    t.strictSame(await ask('refused', { name: 'BROKEN' }), { opened: 'RangeError - not today' });
    t.strictSame(await ask('refused', { name: 'FAR_BROKEN' }), { opened: 'RangeError - not today' });
    t.match(await ask('refused', { name: 'NONE' }), { opened: /WORKER_NO_HANDLER/ });
    for (const name of ['BREAKS', 'FAR_BREAKS']) {
      const error = 'RangeError - not any more';
      t.strictSame(await ask('lost', { name }), { read: error, closed: error }, name);
    }
  });

  await t.test('cannot be encrypted later without a trusted certificate', async (t) => {
    const { threw } = await ask('starttls', { to: `localhost:${mail}` });
    t.match(threw, /^Error NETWORK_TLS connect failed: /);
  });
});
