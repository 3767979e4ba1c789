/**
 * Adds in WebAssembly: over HTTP with `fetch`, and for other services with the method `add`. Its manual is a text module, its limits are
 * JSON.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import add from './add.wasm';
import limits from './limits.json';
import manual from './manual.txt';

// The type of a module's exports is not known to the compiler; this one was made with a single function.
const wasm = new WebAssembly.Instance(add).exports as { add(a: number, b: number): number };

export default class Calculator extends WorkerEntrypoint {
  /** Throws a RangeError for numbers that are too large. */
  add(a: number, b: number): number {
    if (!isWithin(a) || !isWithin(b)) throw new RangeError(`numbers up to ${limits.largest}, please`);
    return wasm.add(a, b);
  }

  fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/add') return new Response(manual);
    try {
      return new Response(String(this.add(Number(searchParams.get('a')), Number(searchParams.get('b')))));
    } catch (error) {
      return new Response(`${(error as RangeError).message}\n`, { status: 400 });
    }
  }
}

function isWithin(number: number): boolean {
  return Number.isInteger(number) && Math.abs(number) <= limits.largest;
}
