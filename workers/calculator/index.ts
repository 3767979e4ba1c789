/** Adds in WebAssembly. Its manual is a text module, its limits are JSON. */
import type { ExportedHandler } from 'nanod';
import add from './add.wasm';
import limits from './limits.json';
import manual from './manual.txt';

// The type of a module's exports is not known to the compiler; this one was made with a single function.
const wasm = new WebAssembly.Instance(add).exports as { add(a: number, b: number): number };

export default {
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/add') return new Response(manual);
    const a = Number(searchParams.get('a'));
    const b = Number(searchParams.get('b'));
    if (!isWithin(a) || !isWithin(b)) {
      return new Response(`numbers up to ${limits.largest}, please\n`, { status: 400 });
    }
    return new Response(String(wasm.add(a, b)));
  },
} satisfies ExportedHandler;

function isWithin(number: number): boolean {
  return Number.isInteger(number) && Math.abs(number) <= limits.largest;
}
