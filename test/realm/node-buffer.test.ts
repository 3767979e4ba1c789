/** node:buffer and node:string_decoder in a realm, against those of Node.js. */

import t from 'tap';
import { inRealm, sameAsNode } from '../helpers/like-node.ts';

const head = `const { Buffer, isUtf8, isAscii, transcode } = require('buffer'); const { StringDecoder } = require('string_decoder');`;

t.test('text becomes bytes and bytes become text in every encoding', async (t) => {
  const texts = [
    '',
    'hello',
    'h\u00e9llo \u20ac',
    '\ud83d\ude00 \ud800x',
    'aGk',
    'aGk=',
    'a-_/+b',
    '6869',
    '686',
    '68zz',
    'z \u00e9',
  ];
  const encodings = [
    'utf8',
    'UTF-8',
    'ucs2',
    'utf16le',
    'latin1',
    'binary',
    'ascii',
    'hex',
    'base64',
    'base64url',
  ];
  await sameAsNode(
    t,
    head,
    texts.flatMap((text) =>
      encodings.map((encoding) => {
        const source = `${JSON.stringify(text)}, '${encoding}'`;
        return `[[...Buffer.from(${source})], Buffer.byteLength(${source}), Buffer.from(${source}).toString(), Buffer.from(${JSON.stringify(text)}).toString('${encoding}')]`;
      }),
    ),
  );
});

t.test('what the classic methods do', (t) =>
  sameAsNode(
    t,
    `${head} const b = Buffer.from('hello world'); const n = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 255]);`,
    [
      'b.toString("utf8", 3, 7)',
      'b.toString("utf8", -3, 70)',
      'b.toString("hex", 9)',
      'b.toString("nope")',
      'Buffer.alloc(2).writeUInt32BE(1)',
      'n.readUIntLE(0, 7)',
      'n.readIntBE(3, 4)',
      'Buffer.alloc(8).writeIntLE(2 ** 40, 0, 5)',
      'Buffer.alloc(8).writeBigUInt64LE(2n ** 64n)',
      'Buffer.alloc(8).writeInt32LE(2 ** 33)',
      'n.readInt16LE("1")',
      'Buffer.from("x", "nope")',
      'b.slice(2, 5).toString()',
      'b.subarray(-5).toString()',
      'b.subarray(0, 3) instanceof Buffer',
      'b.slice(1).buffer === b.buffer',
      'JSON.stringify(Buffer.from("ab"))',
      'Buffer.from(JSON.parse(JSON.stringify(Buffer.from("ab")))).toString()',
      'b.equals(Buffer.from("hello world"))',
      'Buffer.compare(Buffer.from("a"), Buffer.from("b"))',
      'b.indexOf("wor")',
      'b.lastIndexOf("o")',
      'b.includes("lo w")',
      'b.indexOf(Buffer.from("d"))',
      'b.indexOf(111, 5)',
      'Buffer.concat([b, Buffer.from("!")]).toString()',
      'Buffer.concat([b, b], 13).toString()',
      'Buffer.alloc(5, "ab").toString()',
      'Buffer.alloc(4, "YWI=", "base64").toString()',
      'Buffer.alloc(3).fill("x").toString()',
      'n.readUInt16BE(0)',
      'n.readInt32LE(4)',
      'n.readBigUInt64LE(1)',
      'n.readDoubleBE(0)',
      'n.readFloatLE(0)',
      'n.readUIntBE(1, 6)',
      'n.readInt8(8)',
      'n.readUint8(8)',
      'n.readUInt32LE(7)',
      'n.readUInt8(1.5)',
      '(() => { const w = Buffer.alloc(12); w.writeUInt32BE(0xdeadbeef, 0); w.writeInt16LE(-2, 4); w.writeFloatBE(1.5, 6); return w.toString("hex"); })()',
      '(() => { const w = Buffer.alloc(8); w.writeBigInt64BE(-5n); return w.toString("hex"); })()',
      'Buffer.alloc(2).writeUInt8(300)',
      '(() => { const w = Buffer.alloc(5); return [w.write("h\\u20ac\\u20ac"), w.toString("hex")]; })()',
      '(() => { const w = Buffer.alloc(6); return [w.write("abcd", 2, 3), w.write("ff", 0, "hex"), w.toString("latin1")]; })()',
      '(() => { const w = Buffer.alloc(3); return [w.write("abcd", 1, "utf16le"), w.toString("hex")]; })()',
      'Buffer.from("abcdef").swap16().toString()',
      'Buffer.from(new Uint16Array([1, 256])).toString("hex")',
      'Buffer.from(new Uint8Array([1, 2]).buffer).toString("hex")',
      'Buffer.from(new Uint8Array([1, 2, 3]).buffer, 1, 1).toString("hex")',
      'Buffer.from({ length: 2, 0: 1, 1: 2 }).toString("hex")',
      'Buffer.isBuffer(b) && !Buffer.isBuffer(new Uint8Array(1))',
      'Buffer.isEncoding("base64url") && !Buffer.isEncoding("") && Buffer.isEncoding("UTF8")',
      'Buffer.copyBytesFrom(new Uint16Array([1, 2, 3]), 1, 1).toString("hex")',
      'b.copy(n, 1, 0, 3) + n.toString("hex")',
      'b.latin1Slice(0, 3) + b.utf8Slice(3) + b.hexSlice(0, 1)',
      'isUtf8(Buffer.from([0xc3])) || isUtf8(b)',
      'isAscii(b)',
      'transcode(Buffer.from("\\u20ac"), "utf8", "latin1").toString("latin1")',
      'transcode(Buffer.from("\\u00e9"), "utf8", "utf16le").toString("hex")',
      'Object.prototype.toString.call(b)',
      'b.constructor === Buffer && Buffer.name',
      'Buffer.from([1, 2, 3]).map((x) => x * 2) instanceof Buffer',
      'new Buffer("ab").toString("hex")',
      'Buffer.of(1, 2).toString("hex")',
      'Buffer.alloc(-1)',
      '[...Buffer.from("ab").entries()]',
      'require("util").inspect(Buffer.from("abc"))',
      'structuredClone(Buffer.from("ab")) instanceof Uint8Array',
    ],
  ),
);

t.test('a decoder never tears a character', async (t) => {
  const cases: string[] = [];
  for (const [text, encoding] of [
    ['a\u00e9\u20ac\ud83d\ude00b', 'utf8'],
    ['hello there', 'base64'],
    ['hello there', 'base64url'],
    ['hello', 'hex'],
    ['h\u00e9', 'latin1'],
  ]) {
    const bytes = `Buffer.from(${JSON.stringify(text)}, '${encoding === 'utf16le' ? 'utf16le' : 'utf8'}')`;
    cases.push(
      `(() => { const d = new StringDecoder('${encoding}'); const parts = [...${bytes}].map((byte) => d.write(Buffer.from([byte]))); return [...parts, d.end(), d.encoding]; })()`,
    );
  }
  const broken = ['e2 82', 'e2 28', 'f0 9f 98', 'c3', 'ff 41', 'ed a0 80', 'f0 80 41', 'e2 82 41'];
  for (const bytes of broken) {
    cases.push(
      `(() => { const d = new StringDecoder(); const parts = [...Buffer.from('${bytes}'.replaceAll(' ', ''), 'hex')].map((byte) => d.write(Buffer.from([byte]))); return parts.join('') + d.end(); })()`,
    );
  }
  cases.push(
    `(() => { const d = new StringDecoder('utf16le'); const b = Buffer.from('a\\u20ac\\ud83d\\ude00b', 'utf16le'); return [d.write(b.subarray(0, 3)), d.write(b.subarray(3, 6)), d.write(b.subarray(6)), d.end()]; })()`,
  );
  cases.push('new StringDecoder("nope")', 'new StringDecoder().write(5)');
  await sameAsNode(t, head, cases);
});

t.test('Buffer is a global that costs nothing before it is used', async (t) => {
  t.strictSame(
    await inRealm(`const { get } = Object.getOwnPropertyDescriptor(globalThis, 'Buffer');
      const made = Buffer.from('x');
      return [typeof get, made instanceof Uint8Array, require('buffer').Buffer === Buffer, global === globalThis,
        typeof Object.getOwnPropertyDescriptor(globalThis, 'Buffer').value];`),
    ['function', true, true, true, 'function'],
  );
});
