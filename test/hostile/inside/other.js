/** The service that others call in attacks. */

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/throw') throw new RangeError('thrown', { cause: new Error('cause') });
    if (pathname === '/stream') return new Response(ReadableStream.from([new Uint8Array([1, 2, 3])]));
    if (pathname === '/broken') return new Response(ReadableStream.from([1, 2, 3]));
    return new Response(await request.text(), { headers: { a: 'b' } });
  },
};
