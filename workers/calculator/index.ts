/** Adds in WebAssembly. Its manual is a text module, its limits are JSON. */
import add from './add.wasm';
import limits from './limits.json';
import manual from './manual.txt';

const { exports } = new WebAssembly.Instance(add) as { exports: { add(a: number, b: number): number } };

export default {
  fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/add') return new Response(manual);
    const [a, b] = [Number(searchParams.get('a')), Number(searchParams.get('b'))];
    if (!(Math.abs(a) <= limits.largest && Math.abs(b) <= limits.largest)) {
      return new Response(`numbers up to ${limits.largest}, please\n`, { status: 400 });
    }
    return new Response(String(exports.add(a, b)));
  },
};
