/** The service that others call in attacks. */

export default {
  async connect(socket) {
    const { localAddress } = await socket.opened;
    if (localAddress.startsWith('throw')) throw new RangeError('thrown', { cause: new Error('cause') });
    if (localAddress.startsWith('hang')) return new Promise(() => {});
    await socket.readable.pipeTo(socket.writable);
  },
  async fetch(request) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case '/throw':
        throw new RangeError('thrown', { cause: new Error('cause') });
      case '/stream':
        return new Response(ReadableStream.from([new Uint8Array([1, 2, 3])]));
      case '/bytes':
        return new Response(new Uint8Array([1, 2, 3]));
      case '/echo':
        return new Response(await request.bytes());
      case '/endless':
        return new Response(
          new ReadableStream({
            async pull(controller) {
              await new Promise((resolve) => setTimeout(resolve, 1));
              controller.enqueue(new Uint8Array(4));
            },
          }),
        );
      case '/broken':
        return new Response(ReadableStream.from([1, 2, 3]));
      case '/redirect':
        return new Response(ReadableStream.from([new Uint8Array([1])]), {
          status: 302,
          headers: { location: '/' },
        });
      case '/redirect-to-headers':
        return new Response(null, { status: 307, headers: { location: '/headers' } });
      case '/headers':
        return new Response([...request.headers].map(([name, value]) => `${name}: ${value}\n`).join(''));
      case '/websocket': {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener('message', ({ data }) => server.send(data));
        const protocol = (request.headers.get('sec-websocket-protocol') ?? '').split(', ')[0];
        const headers = protocol === '' ? {} : { 'sec-websocket-protocol': protocol };
        return new Response(null, { status: 101, webSocket: client, headers });
      }
      case '/events':
        return new Response('id: 1\ndata: x\n\nevent: own\ndata: y\n\n', {
          headers: { 'content-type': 'text/event-stream' },
        });
      case '/hang':
        return new Promise((_, reject) =>
          request.signal.addEventListener('abort', () => reject(request.signal.reason)),
        );
      default:
        return new Response(await request.text(), { headers: { a: 'b' } });
    }
  },
};
