/** A WebAssembly module with a memory, an import and a loop: the Adler-32 checksum of a text. */

import adler from './adler.wasm';

let reported = 0;
const { exports } = new WebAssembly.Instance(adler, {
  host: { report: (value) => (reported = value >>> 0) },
});

export default {
  fetch(request) {
    const text = new URL(request.url).searchParams.get('text') ?? '';
    const { written } = new TextEncoder().encodeInto(text, new Uint8Array(exports.memory.buffer));
    const returned = exports.adler32(written) >>> 0;
    return Response.json({ returned, reported, pages: exports.memory.buffer.byteLength / 65536 });
  },
};
