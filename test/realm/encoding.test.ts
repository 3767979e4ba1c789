/** Text encodings inside a realm. https://encoding.spec.whatwg.org/ */

import { createHash } from 'node:crypto';
import t from 'tap';
import {
  big5,
  eucKr,
  gb18030,
  gb18030Ranges,
  jis0208,
  jis0212,
} from '../../src/realm/host/encoding/indexes.ts';
import { evaluate } from '../helpers/realm.ts';

/** Texts of every length at which the prelude takes another path, in every kind of character. */
const texts = [0, 1, 23, 24, 25, 63, 64, 65, 200, 1365, 1366, 4096, 4097].flatMap((length) =>
  ['a', 'é', '漢', '😀', 'a\ud800', 'abc\u0000ÿ漢😀\udc00'].map((unit) =>
    unit.repeat(length).slice(0, length),
  ),
);

t.test('UTF-8 is what the host makes of the same text, whatever its length', async (t) => {
  const encoded = await evaluate(`
    const encoder = new TextEncoder();
    return ${JSON.stringify(texts)}.map((text) => {
      const bytes = encoder.encode(text);
      if (bytes.byteLength !== bytes.buffer.byteLength) throw new Error('the bytes do not fill their buffer');
      if (Object.getPrototypeOf(bytes.buffer) !== ArrayBuffer.prototype) throw new Error('a buffer of another realm');
      const into = new Uint8Array(bytes.length + 2);
      const { read, written } = encoder.encodeInto(text, into.subarray(1));
      return { bytes: Array.from(bytes), into: Array.from(into), read, written, text: new TextDecoder().decode(bytes) };
    });`);
  const expected = texts.map((text) => {
    const bytes = Array.from(new TextEncoder().encode(text));
    return {
      bytes,
      into: [0, ...bytes, 0],
      read: text.length,
      written: bytes.length,
      text: text.toWellFormed(),
    };
  });
  t.same(encoded, expected);
});

t.test('encodeInto writes whole characters only, and as many as fit', async (t) => {
  const results = await evaluate(`
    const text = 'aé漢😀';
    return [0, 1, 2, 3, 5, 6, 9, 10].map((size) => {
      const { read, written } = new TextEncoder().encodeInto(text, new Uint8Array(size));
      return [size, read, written];
    });`);
  t.same(results, [
    [0, 0, 0],
    [1, 1, 1],
    [2, 1, 1],
    [3, 2, 3],
    [5, 2, 3],
    [6, 3, 6],
    [9, 3, 6],
    [10, 5, 10],
  ]);
});

t.test('malformed UTF-8 becomes U+FFFD, or a TypeError if the decoder is fatal', async (t) => {
  const malformed = [
    [0x80],
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x92],
    [0xf5],
    [0x41, 0xff],
  ];
  const results = await evaluate(`
    return ${JSON.stringify(malformed)}.map((bytes) => {
      let error;
      try { new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes)); } catch (e) { error = e; }
      return [new TextDecoder().decode(Uint8Array.from(bytes)), error instanceof TypeError];
    });`);
  t.same(
    results,
    malformed.map((bytes) => [new TextDecoder().decode(Uint8Array.from(bytes)), true]),
  );
});

t.test('a byte order mark is dropped once, unless the decoder is told to ignore it', async (t) => {
  const results = await evaluate(`
    const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x41]);
    const decoder = new TextDecoder();
    const split = decoder.decode(bytes.subarray(0, 2), { stream: true }) + decoder.decode(bytes.subarray(2));
    return [
      new TextDecoder().decode(bytes),
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
      split,
      new TextDecoder('utf-16le').decode(Uint8Array.from([0xff, 0xfe, 0x41, 0])),
    ];`);
  t.same(results, ['\ufeffA', '\ufeff\ufeffA', '\ufeffA', 'A']);
});

t.test('every encoding gives the same text whether it comes whole or byte by byte', async (t) => {
  const differing = await evaluate(`
    const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'big5', 'euc-jp', 'iso-2022-jp', 'shift_jis', 'euc-kr', 'gbk',
      'gb18030', 'windows-1252', 'x-user-defined'];
    const interesting = [0x1b, 0x24, 0x28, 0x42, 0x4a, 0x30, 0x39, 0x41, 0x80, 0x81, 0x8e, 0x8f, 0xa1, 0xd8, 0xdc, 0xe3, 0xfe, 0xff];
    let seed = 1;
    const random = (n) => (seed = (seed * 16807) % 2147483647) % n;
    const differing = [];
    for (const encoding of encodings) for (let i = 0; i < 400; i++) for (const fatal of [false, true]) {
      const bytes = Uint8Array.from({ length: random(12) }, () => random(4) ? interesting[random(interesting.length)] : random(256));
      const attempt = (f) => { try { return f(); } catch (e) { return e.name; } };
      const whole = attempt(() => new TextDecoder(encoding, { fatal }).decode(bytes));
      const parts = attempt(() => {
        const decoder = new TextDecoder(encoding, { fatal });
        let text = '';
        for (const byte of bytes) text += decoder.decode(Uint8Array.of(byte), { stream: true });
        return text + decoder.decode();
      });
      if (whole !== parts) differing.push([encoding, Array.from(bytes), whole, parts]);
    }
    return differing;`);
  t.same(differing, []);
});

t.test('the legacy decoders recover from errors as the standard says', async (t) => {
  const cases: [string, number[], string][] = [
    ['big5', [0x81, 0x40], '\ufffd@'],
    ['big5', [0x87, 0x87, 0x40], '\ufffd@'],
    ['big5', [0x88, 0x62], '\u00ca\u0304'],
    ['big5', [0x87, 0x40], '\u43f0'],
    ['gb18030', [0x81, 0x30, 0xff], '\ufffd0\ufffd'],
    ['gb18030', [0x81, 0x35, 0xf4, 0x37], '\ue7c7'],
    ['gbk', [0xe3, 0x32, 0x9a, 0x35], '\u{10ffff}'],
    ['euc-jp', [0x8f, 0xa1, 0x41], '\ufffdA'],
    ['shift_jis', [0x81, 0x20, 0xb1], '\ufffd \uff71'],
    ['euc-kr', [0x81, 0x41, 0xc7, 0x41], '\uac02\ufffdA'],
    ['iso-2022-jp', [0x1b, 0x24, 0x42, 0x1b, 0x28, 0x42, 0x50], '\ufffdP'],
    ['iso-2022-jp', [0x1b, 0x28, 0x49, 0x1b, 0x24, 0x50], '\ufffd\uff64\uff90'],
    ['utf-16be', [0xd8, 0x00, 0x00], '\ufffd'],
    ['windows-1252', [0x80, 0x81], '\u20ac\u0081'],
    ['x-user-defined', [0x41, 0xff], 'A\uf7ff'],
  ];
  const results = await evaluate(
    `return ${JSON.stringify(cases)}.map(([encoding, bytes]) => new TextDecoder(encoding).decode(Uint8Array.from(bytes)));`,
  );
  t.same(
    results,
    cases.map(([, , text]) => text),
  );
});

t.test('the indexes are those of the standard', (t) => {
  const digest = (index: Uint16Array | Uint32Array): string =>
    createHash('sha256').update(Uint32Array.from(index)).digest('hex').slice(0, 32);
  t.equal(digest(jis0208()), '25827a06a2bf17634826504d14d5bfc1', 'jis0208');
  t.equal(digest(jis0212()), '0300b09fb996c6e9f4629bfc505dbc70', 'jis0212');
  t.equal(digest(gb18030()), '1a94120ed767b2c46bed4ef74c775625', 'gb18030');
  t.equal(digest(gb18030Ranges()), '7a9327b3d3a2bcb480b28ea6ddddb7de', 'gb18030 ranges');
  t.equal(digest(eucKr()), 'd087addd85e8082c588fad9f8317ed31', 'EUC-KR');
  t.equal(digest(big5()), '6a1d3a91d2b196ba7fd84a2813509539', 'Big5');
  t.end();
});

t.test('labels are those of the standard, and replacement is none', async (t) => {
  const results = await evaluate(`
    const labels = [' UTF8\\n', 'unicode-1-1-utf-8', 'latin1', 'ascii', 'sjis', 'x-x-big5', 'ISO-8859-8-I', 'ucs-2', 'csunicode'];
    const wrong = ['', 'utf-8\\u0000', 'replacement', 'hz-gb-2312', 'iso-2022-kr', 'utf-7', '\\u00a0utf-8'].map((label) => {
      try { return new TextDecoder(label).encoding; } catch (error) { return error instanceof RangeError ? 'RangeError' : 'other'; }
    });
    return [labels.map((label) => new TextDecoder(label).encoding), wrong];`);
  t.same(results, [
    [
      'utf-8',
      'utf-8',
      'windows-1252',
      'windows-1252',
      'shift_jis',
      'big5',
      'iso-8859-8-i',
      'utf-16le',
      'utf-16le',
    ],
    ['RangeError', 'RangeError', 'RangeError', 'RangeError', 'RangeError', 'RangeError', 'RangeError'],
  ]);
});

t.test('detached and out-of-bounds buffers are empty, and other values are TypeErrors', async (t) => {
  const results = await evaluate(`
    const detached = new Uint8Array(40);
    detached.buffer.transfer();
    const resizable = new ArrayBuffer(64, { maxByteLength: 128 });
    const outside = new DataView(resizable, 32, 32);
    resizable.resize(8);
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
    new Uint8Array(shared).set([0x68, 0x69]);
    const texts = [detached, detached.buffer, outside, new Uint8Array(shared, 0, 2)].map((x) => new TextDecoder().decode(x));
    const legacy = new TextDecoder('shift_jis').decode(detached);
    const into = new TextEncoder().encodeInto('a', detached);
    const errors = ['text', 1, null, {}, [1]].map((value) => {
      try { return new TextDecoder().decode(value); } catch (error) { return error.constructor === TypeError; }
    });
    return [texts, legacy, into, new TextDecoder().decode(shared).length, errors];`);
  t.same(results, [['', '', '', 'hi'], '', { read: 0, written: 0 }, 65536, [true, true, true, true, true]]);
});

t.test('patched prototypes change nothing', async (t) => {
  const text = await evaluate(`
    const encoder = new TextEncoder();
    const decoder = new TextDecoder('shift_jis');
    const define = Object.defineProperty;
    const patches = [Array.prototype, String.prototype, Uint8Array.prototype, ArrayBuffer.prototype, Function.prototype, Object.getPrototypeOf(Uint8Array.prototype)]
      .flatMap((holder) => Reflect.ownKeys(holder).map((key) => ({ holder, key, get: { get() { throw new Error('touched'); } } })))
      .filter(({ key, holder }) => Object.getOwnPropertyDescriptor(holder, key).configurable && key !== 'constructor');
    for (let i = 0; i < patches.length; i++) define(patches[i].holder, patches[i].key, patches[i].get);
    const bytes = encoder.encode('漢字');
    return new TextDecoder().decode(bytes) + new TextDecoder().decode(encoder.encode('abc')) + decoder.decode(bytes) + btoa('x');`);
  t.equal(text, `漢字abc${new TextDecoder('shift_jis').decode(new TextEncoder().encode('漢字'))}eA==`);
});

t.test('atob and btoa are forgiving where the standard is', async (t) => {
  const results = await evaluate(`
    const decode = (text) => { try { return atob(text); } catch (error) { return error.name + ' ' + error.code + ' ' + (error instanceof DOMException); } };
    return [btoa('\\u0000\\u00ff'), btoa(''), ['YQ', ' Y Q = = ', 'YQ=', 'YQ===', 'Y', 'Y*==', '', '\\u00e9'].map(decode), decode(null), (() => {
      try { return btoa('\\u0100'); } catch (error) { return error.name; }
    })()];`);
  const invalid = 'InvalidCharacterError 5 true';
  t.same(results, [
    'AP8=',
    '',
    ['a', 'a', invalid, invalid, invalid, invalid, '', invalid],
    '\x9e\xe9e',
    'InvalidCharacterError',
  ]);
});
