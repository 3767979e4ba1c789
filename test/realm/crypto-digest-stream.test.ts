/** DigestStream inside a realm. https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#constructors */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

const TOOLS = `
const digestOf = async (algorithm, ...chunks) => {
  const stream = new crypto.DigestStream(algorithm);
  const writer = stream.getWriter();
  for (const chunk of chunks) writer.write(chunk);
  await writer.close();
  return new Uint8Array(await stream.digest).toHex() + ' ' + stream.bytesWritten;
};
const caught = async (make) => { try { return await make(); } catch (error) { return error?.name + ': ' + error?.message; } };
`;

function inRealm(body: string): Promise<unknown> {
  return evaluate(`${TOOLS}${body}`);
}

t.test('it hashes bytes of every kind, and text', async (t) => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3';
  t.strictSame(
    await inRealm(`
    const bytes = new TextEncoder().encode('xabcx');
    return [
      await digestOf('SHA-256', 'a', '', 'bc'),
      await digestOf({ name: 'sha-256' }, bytes.subarray(1, 3), bytes.slice(3, 4).buffer),
      await digestOf('SHA-256', new DataView(bytes.buffer, 1, 3)),
      await digestOf('md5', 'hello', new TextEncoder().encode('there')),
      await digestOf('SHA3-256'),
      await digestOf('SHA-256', new Uint32Array([1, 2, 3])),
      await digestOf('SHA-1', 'é'),
    ];`),
    [
      abc,
      abc,
      abc,
      'c6f7c372641dd25e0fddf0215375561f 10',
      'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a 0',
      '4636993d3e1da4e9d6b8f87b79e8f7c6d018580d52661950eabc3845c5897a4d 12',
      'bf15be717ac1b080b4f1c456692825891ff5073d 2',
    ],
  );
});

t.test('it computes the checksums of object stores', async (t) => {
  // The check values of the catalogue of parametrised CRC algorithms.
  t.strictSame(
    await inRealm(`
    return [
      await digestOf('crc32', '1234', '56789'),
      await digestOf('CRC32C', '1234', '56789'),
      await digestOf({ name: 'crc64nvme' }, '1234', '56789'),
    ];`),
    ['cbf43926 9', 'e3069283 9', 'ae8b14860a799888 9'],
  );
});

t.test('a stream is piped through it', async (t) => {
  t.strictSame(
    await inRealm(`
    const stream = new crypto.DigestStream('SHA-256');
    const [one, two] = new Response('a'.repeat(1_000_000)).body.tee();
    await Promise.all([one.pipeTo(stream), two.pipeTo(new WritableStream())]);
    return [new Uint8Array(await stream.digest).toHex(), stream instanceof WritableStream, String(stream), typeof stream.bytesWritten];`),
    [
      'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
      true,
      '[object DigestStream]',
      'bigint',
    ],
  );
});

t.test('what goes wrong fails the stream and the digest', async (t) => {
  t.strictSame(
    await inRealm(`
    const wrong = new crypto.DigestStream('SHA-1');
    const disposed = new crypto.DigestStream('SHA-1');
    const aborted = new crypto.DigestStream('SHA-1');
    disposed[Symbol.dispose]();
    disposed[Symbol.dispose]();
    await aborted.abort(new RangeError('enough'));
    const message = 'DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.';
    return [
      (await caught(() => wrong.getWriter().write(123))) === 'TypeError: ' + message,
      (await caught(() => wrong.digest)) === 'TypeError: ' + message,
      await caught(() => disposed.getWriter().write('x')),
      await caught(() => disposed.digest),
      await caught(() => aborted.digest),
    ];`),
    [
      true,
      true,
      'TypeError: The DigestStream was disposed.',
      'TypeError: The DigestStream was disposed.',
      'RangeError: enough',
    ],
  );
});

t.test('what is no hash is refused', async (t) => {
  t.strictSame(
    await inRealm(`
    const results = [];
    for (const args of [[], ['foo'], ['crc-32'], ['HMAC'], ['cSHAKE128'], [{}], [null], [undefined], [Symbol()]]) {
      results.push((await caught(() => new crypto.DigestStream(...args))).split(':')[0]);
    }
    return results;`),
    [
      'TypeError',
      ...new Array(4).fill('NotSupportedError'),
      'TypeError',
      'NotSupportedError',
      'NotSupportedError',
      'TypeError',
    ],
  );
});
