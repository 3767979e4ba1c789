/** An upgrade request that a service answers with a WebSocket: what is sent at one end arrives at the other, whichever way lies between. */

import type { Case } from '../case.ts';

export const webSockets: readonly Case[] = [
  {
    name: 'text and bytes travel both ways, in order, as objects of the receiver',
    callee: () => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      server.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') server.send(`${data} ${data.length}`);
        else server.send(data instanceof ArrayBuffer ? new Uint8Array(data).reverse() : 'no buffer');
      });
      return new Response(null, {
        status: 101,
        webSocket: client,
        headers: { 'x-kept': 'yes' },
      } as ResponseInit);
    },
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(url, { headers: { upgrade: 'websocket' } });
      const socket = response.webSocket as WebSocket;
      const received: unknown[] = [];
      const done = new Promise((resolve) => {
        socket.addEventListener('message', ({ data }) => {
          received.push(data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data);
          if (received.length === 4) resolve(undefined);
        });
      });
      socket.accept();
      socket.send('one');
      socket.send(new Uint8Array([1, 2, 3]));
      socket.send('');
      socket.send(new ArrayBuffer(0));
      await done;
      return [response.status, response.headers.get('x-kept'), socket instanceof WebSocket, received];
    },
    expected: [101, 'yes', true, ['one 3', [3, 2, 1], ' 0', []]],
  },
  {
    name: 'what is sent before the other end is accepted waits for it',
    callee: () => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      server.send('early');
      server.close(4001, 'at once');
      return new Response(null, { status: 101, webSocket: client } as ResponseInit);
    },
    caller: async ({ callee, url, turns }) => {
      const socket = (await callee.fetch(url, { headers: { upgrade: 'websocket' } })).webSocket as WebSocket;
      await turns(2);
      const received: unknown[] = [];
      socket.addEventListener('message', ({ data }) => received.push(data));
      const closed = new Promise((resolve) => {
        socket.addEventListener('close', ({ code, reason, wasClean }) => resolve([code, reason, wasClean]));
      });
      socket.accept();
      return [received.length, await closed, received, socket.readyState];
    },
    expected: [0, [4001, 'at once', true], ['early'], 3],
  },
  {
    name: 'a close of the caller is heard by the callee, and answered',
    callee: (_request, { notes }) => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      server.addEventListener('close', ({ code, reason, wasClean }) => {
        notes.set('closed', [code, reason, wasClean, server.readyState]);
        server.close(1000, 'too late to count');
      });
      return new Response(null, { status: 101, webSocket: client } as ResponseInit);
    },
    caller: async ({ callee, url, note }) => {
      const socket = (await callee.fetch(url, { headers: { upgrade: 'websocket' } })).webSocket as WebSocket;
      const closed = new Promise((resolve) => {
        socket.addEventListener('close', ({ code, reason, wasClean }) => resolve([code, reason, wasClean]));
      });
      socket.accept();
      socket.close(1001, 'leaving');
      return [socket.readyState, await closed, await note('closed')];
    },
    expected: [2, [1001, 'leaving', true], [1001, 'leaving', true, 3]],
  },
  {
    name: 'a close without a code is heard as 1005',
    callee: (_request, { notes }) => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      server.addEventListener('close', ({ code }) => notes.set('closed', code));
      return new Response(null, { status: 101, webSocket: client } as ResponseInit);
    },
    caller: async ({ callee, url, note }) => {
      const socket = (await callee.fetch(url, { headers: { upgrade: 'websocket' } })).webSocket as WebSocket;
      socket.accept();
      socket.close();
      return note('closed');
    },
    expected: 1005,
  },
  {
    name: 'an end that allows to be half open goes on sending after the other one has closed',
    callee: (_request, { notes }) => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      (server as unknown as { accept(options: object): void }).accept({ allowHalfOpen: true });
      server.addEventListener('close', ({ code }) => {
        const before = server.readyState;
        server.send('last words');
        server.close(3333, 'mine');
        notes.set('states', [code, before, server.readyState]);
      });
      return new Response(null, { status: 101, webSocket: client } as ResponseInit);
    },
    caller: async ({ callee, url, note }) => {
      const socket = (await callee.fetch(url, { headers: { upgrade: 'websocket' } })).webSocket as WebSocket;
      const received: unknown[] = [];
      socket.addEventListener('message', ({ data }) => received.push(data));
      const closed = new Promise((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
      socket.accept();
      socket.close(3000);
      return [await closed, received, await note('states')];
    },
    expected: [3333, ['last words'], [3000, 2, 3]],
  },
  {
    name: 'many messages arrive in order, and the sender knows what has not been taken',
    callee: () => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      let sum = 0;
      server.addEventListener('message', ({ data }) => {
        if (data === 'sum') return server.send(String(sum));
        sum = (sum * 31 + Number((data as string).slice(0, 4))) % 1_000_003;
      });
      return new Response(null, { status: 101, webSocket: client } as ResponseInit);
    },
    caller: async ({ callee, url }) => {
      const socket = (await callee.fetch(url, { headers: { upgrade: 'websocket' } })).webSocket as WebSocket;
      const answer = new Promise((resolve) =>
        socket.addEventListener('message', ({ data }) => resolve(Number(data))),
      );
      socket.accept();
      let sum = 0;
      for (let i = 0; i < 1000; i++) {
        socket.send(String(i).padStart(4, '0') + 'x'.repeat(2000));
        sum = (sum * 31 + i) % 1_000_003;
      }
      socket.send('sum');
      const waiting = socket.bufferedAmount;
      return [(await answer) === sum, waiting > 0, socket.bufferedAmount];
    },
    expected: [true, true, 0],
  },
  {
    name: 'a response with a WebSocket is handed on by a service in the middle, untouched or by its object',
    callee: async (request, { self }) => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith('end')) {
        const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
        server.accept();
        server.addEventListener('message', ({ data }) => server.send(`end: ${data}`));
        return new Response(null, { status: 101, webSocket: client } as ResponseInit);
      }
      const response = await self.fetch(`${request.url}-end`, request);
      if (pathname.endsWith('whole')) return response;
      const { webSocket } = response;
      return new Response(null, { status: 101, webSocket } as ResponseInit);
    },
    caller: async ({ callee, url }) => {
      const ask = async (path: string): Promise<unknown> => {
        const { webSocket } = await callee.fetch(url + path, { headers: { upgrade: 'websocket' } });
        const socket = webSocket as WebSocket;
        const answer = new Promise((resolve) =>
          socket.addEventListener('message', ({ data }) => resolve(data)),
        );
        socket.accept();
        socket.send(path);
        return answer;
      };
      return [await ask('whole'), await ask('part')];
    },
    expected: ['end: whole', 'end: part'],
  },
  {
    name: 'a subprotocol that the callee chooses is that of the caller’s WebSocket',
    callee: (request) => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      const [first = ''] = (request.headers.get('sec-websocket-protocol') ?? '').split(', ');
      return new Response(null, {
        status: 101,
        webSocket: client,
        headers: { 'sec-websocket-protocol': first },
      } as ResponseInit);
    },
    caller: async ({ callee, url }) => {
      const headers = { upgrade: 'websocket', 'sec-websocket-protocol': 'chat, other' };
      const { webSocket } = await callee.fetch(url, { headers });
      return webSocket?.protocol;
    },
    expected: 'chat',
  },
  {
    name: 'a WebSocket cannot answer a request that asked for none',
    callee: (_request, { notes }) => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      server.addEventListener('close', ({ code, wasClean }) => notes.set('closed', [code, wasClean]));
      return new Response(null, { status: 101, webSocket: client } as ResponseInit);
    },
    caller: async ({ callee, url, note }) => {
      const error = (await callee.fetch(url).catch((reason: unknown) => reason)) as Error;
      return [error.name, error.message, await note('closed')];
    },
    expected: [
      'TypeError',
      'A WebSocket answers only a request with the header "Upgrade: websocket".',
      [1006, false],
    ],
  },
  {
    name: 'a service that answers an upgrade request without a WebSocket gives an ordinary response',
    callee: (request) =>
      new Response(`no ${request.headers.get('upgrade')}`, {
        status: 426,
        headers: { upgrade: 'websocket' },
      }),
    caller: async ({ callee, url }) => {
      const response = await callee.fetch(url, { headers: { upgrade: 'websocket' } });
      return [response.status, response.webSocket, await response.text()];
    },
    expected: [426, null, 'no websocket'],
  },
  {
    name: 'a WebSocket that comes after the caller has given up is lost to the callee',
    callee: async (request, { notes }) => {
      if (request.url.endsWith('go')) {
        notes.set('go', true);
        return new Response('');
      }
      notes.set('called', true);
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      server.addEventListener('close', ({ code }) => notes.set('closed', code));
      await notes.get('go');
      return new Response(null, { status: 101, webSocket: client } as ResponseInit);
    },
    caller: async ({ callee, url, note }) => {
      const controller = new AbortController();
      const { signal } = controller;
      const called = callee
        .fetch(url, { signal, headers: { upgrade: 'websocket' } })
        .catch((reason: unknown) => reason);
      await note('called');
      controller.abort('over');
      const outcome = await called;
      await callee.fetch(`${url}go`);
      return [outcome, await note('closed')];
    },
    expected: ['over', 1006],
  },
  {
    name: 'too much that nobody takes closes the connection with 1013, on both sides',
    callee: (_request, { notes }) => {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      const megabyte = new Uint8Array(1024 * 1024);
      server.addEventListener('close', ({ code, wasClean }) => notes.set('closed', [code, wasClean]));
      for (let i = 0; i < 40; i++) server.send(megabyte);
      return new Response(null, { status: 101, webSocket: client } as ResponseInit);
    },
    caller: async ({ callee, url, note }) => {
      const socket = (await callee.fetch(url, { headers: { upgrade: 'websocket' } })).webSocket as WebSocket;
      let megabytes = 0;
      socket.addEventListener(
        'message',
        ({ data }) => (megabytes += (data as ArrayBuffer).byteLength / 2 ** 20),
      );
      const closed = new Promise((resolve) => {
        socket.addEventListener('close', ({ code, wasClean }) => resolve([code, wasClean]));
      });
      socket.accept();
      return [await closed, megabytes < 40, await note('closed')];
    },
    expected: [[1013, false], true, [1013, false]],
  },
];
