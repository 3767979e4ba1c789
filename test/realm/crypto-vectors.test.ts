/** SubtleCrypto inside a realm gives what published test vectors say. https://w3c.github.io/webcrypto/ */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

/** Inside the realm: bytes from hexadecimal text or plain text, and back. */
const TOOLS = `
const { subtle } = crypto;
const text = (value) => new TextEncoder().encode(value);
const bytes = (hex) => Uint8Array.fromHex(hex.replaceAll(' ', ''));
const hex = (buffer) => new Uint8Array(buffer).toHex();
const secret = (key, algorithm, usages, format = 'raw') => subtle.importKey(format, key, algorithm, true, usages);
`;

function inRealm(body: string): Promise<unknown> {
  return evaluate(`${TOOLS}${body}`);
}

t.test('digest', async (t) => {
  const digests = await inRealm(`
    const algorithms = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512', 'SHA3-256', 'sha3-512'];
    const results = {};
    for (const name of algorithms) results[name] = hex(await subtle.digest(name, text('abc')));
    results.object = hex(await subtle.digest({ name: 'Sha-256' }, new DataView(bytes('ff616263ff').buffer, 1, 3)));
    results.large = hex(await subtle.digest('SHA-256', new Uint8Array(1_000_000).fill(0x61)));
    return results;`);
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  t.strictSame(digests, {
    MD5: '900150983cd24fb0d6963f7d28e17f72', // RFC 1321
    // FIPS 180-4 and 202, as NIST's examples have them
    'SHA-1': 'a9993e364706816aba3e25717850c26c9cd0d89d',
    'SHA-256': abc,
    'SHA-384':
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    'SHA-512':
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    'SHA3-256': '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532',
    'sha3-512':
      'b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0',
    object: abc,
    large: 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  });
});

t.test('digests of a length that is asked for', async (t) => {
  t.strictSame(
    await inRealm(`
    const digest = async (name, outputLength, parameters, data) => hex(await subtle.digest({ name, outputLength, ...parameters }, data));
    return [
      await digest('cSHAKE128', 256, { customization: text('Email Signature') }, bytes('00010203')),
      await digest('cSHAKE256', 512, { customization: text('Email Signature') }, bytes('00010203')),
      await digest('TurboSHAKE128', 256, {}, bytes('')),
      await digest('KT128', 256, {}, bytes('')),
    ];`),
    [
      // NIST's examples for SP 800-185, and RFC 9861
      'c1c36925b6409a04f1b504fcbca9d82b4017277cb5ed2b2065fc1d3814d5aaf5',
      'd008828e2b80ac9d2218ffee1d070c48b8e4c87bff32c9699d5b6896eee0edd164020e2be0560858d9c00c037e34a96937c561a74c412bb4c746469527281c8c',
      '1e415f1c5983aff2169217277d17bb538cd945a397ddec541f1ce41af2c1b74c',
      '1ac2d450fc3b4205d19da7bfca1b37513c0803577ac7167f06fe2ce1f0ef39e5',
    ],
  );
});

t.test('HMAC, small and large', async (t) => {
  t.strictSame(
    await inRealm(`
    const key = await secret(bytes('0b'.repeat(20)), { name: 'HMAC', hash: 'SHA-256' }, ['sign', 'verify']);
    const mac = await subtle.sign('HMAC', key, text('Hi There'));
    const large = new Uint8Array(100_000);
    const jwk = await subtle.exportKey('jwk', key);
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const others = [
      await subtle.importKey('raw', bytes('0b'.repeat(20)), hmac, false, ['sign']),
      await subtle.importKey('raw', bytes('0b'.repeat(20)), { ...hmac, length: 160 }, false, ['sign']),
      await subtle.importKey('jwk', jwk, hmac, false, ['sign']),
      structuredClone(key),
    ];
    const largeMac = await subtle.sign('HMAC', key, large);
    return [
      hex(mac),
      await subtle.verify('HMAC', key, mac, text('Hi There')),
      await subtle.verify('HMAC', key, mac, text('Hi there')),
      await subtle.verify('HMAC', key, mac.slice(1), text('Hi There')),
      await subtle.verify('HMAC', key, largeMac, large),
      key.algorithm,
      ...(await Promise.all(others.map(async (other) => hex(await subtle.sign('HMAC', other, text('Hi There'))) === hex(mac)))),
    ];`),
    [
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7', // RFC 4231, case 1
      true,
      false,
      false,
      true,
      { name: 'HMAC', length: 160, hash: { name: 'SHA-256' } },
      ...[true, true, true, true],
    ],
  );
});

t.test('KMAC', async (t) => {
  t.equal(
    await inRealm(`
    const key = await secret(bytes('404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f'), 'KMAC128', ['sign'], 'raw-secret');
    return hex(await subtle.sign({ name: 'KMAC128', outputLength: 256 }, key, bytes('00010203')));`),
    'e5780b0d3ea6f7d3a429c5706aa43a00fadbd7d49628839e3187243f456ee14e', // NIST's example 1
  );
});

t.test('AES in its modes, and ChaCha20-Poly1305', async (t) => {
  const results = await inRealm(`
    const run = async (algorithm, key, data, format) => {
      const imported = await secret(bytes(key), algorithm.name, ['encrypt', 'decrypt'], format);
      const encrypted = await subtle.encrypt(algorithm, imported, data);
      return [hex(encrypted), hex(await subtle.decrypt(algorithm, imported, encrypted)) === hex(data)];
    };
    const key = '2b7e151628aed2a6abf7158809cf4f3c';
    const block = bytes('6bc1bee22e409f96e93d7e117393172a');
    const sunscreen = text("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.");
    return [
      await run({ name: 'AES-CBC', iv: bytes('000102030405060708090a0b0c0d0e0f') }, key, block),
      await run({ name: 'AES-CTR', counter: bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), length: 64 }, key, block),
      await run({ name: 'AES-GCM', iv: bytes('00'.repeat(12)) }, '00'.repeat(16), bytes('00'.repeat(16))),
      await run({ name: 'AES-OCB', iv: bytes('bbaa99887766554433221101'), additionalData: bytes('0001020304050607') },
        '000102030405060708090a0b0c0d0e0f', bytes('0001020304050607'), 'raw-secret'),
      await run({ name: 'ChaCha20-Poly1305', iv: bytes('070000004041424344454647'), additionalData: bytes('50515253c0c1c2c3c4c5c6c7') },
        '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f', sunscreen, 'raw-secret'),
    ];`);
  const [cbc, ctr, gcm, ocb, chacha] = results as [string, boolean][];
  // SP 800-38A, F.2.1 and F.5.1 (one block, and its padding)
  t.match(cbc, [/^7649abac8119b246cee98e9b12e9197d[0-9a-f]{32}$/, true]);
  t.strictSame(ctr, ['874d6191b620e3261bef6864990db6ce', true]);
  // Test case 2 of the GCM specification; RFC 7253; RFC 8439, 2.8.2
  t.strictSame(gcm, ['0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf', true]);
  t.strictSame(ocb, ['6820b3657b6f615a5725bda0d3b4eb3a257c9af1f8f03009', true]);
  t.match(chacha, [/^d31a8d34648e60db7b86afbc53ef7ec2[0-9a-f]*1ae10b594f09e26a7e902ecbd0600691$/, true]);
});

t.test('AES-KW wraps and unwraps', async (t) => {
  t.strictSame(
    await inRealm(`
    const wrapping = await secret(bytes('000102030405060708090a0b0c0d0e0f'), 'AES-KW', ['wrapKey', 'unwrapKey']);
    const key = await secret(bytes('00112233445566778899aabbccddeeff'), 'AES-CBC', ['encrypt']);
    const wrapped = await subtle.wrapKey('raw', key, wrapping, 'AES-KW');
    const unwrapped = await subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-CBC', true, ['encrypt']);
    const asJwk = await subtle.wrapKey('jwk', key, wrapping, { name: 'AES-KW' });
    const fromJwk = await subtle.unwrapKey('jwk', asJwk, wrapping, 'aes-kw', 'AES-CBC', true, ['encrypt']);
    return [hex(wrapped), hex(await subtle.exportKey('raw', unwrapped)), hex(await subtle.exportKey('raw', fromJwk))];`),
    // RFC 3394, 4.1
    [
      '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5',
      '00112233445566778899aabbccddeeff',
      '00112233445566778899aabbccddeeff',
    ],
  );
});

t.test('derivation from passwords and secrets', async (t) => {
  t.strictSame(
    await inRealm(`
    const derive = async (algorithm, key, length, format) =>
      hex(await subtle.deriveBits(algorithm, await subtle.importKey(format ?? 'raw', key, algorithm.name, false, ['deriveBits']), length));
    return [
      await derive({ name: 'HKDF', hash: 'SHA-256', salt: bytes('000102030405060708090a0b0c'), info: bytes('f0f1f2f3f4f5f6f7f8f9') }, bytes('0b'.repeat(22)), 336),
      await derive({ name: 'PBKDF2', hash: 'SHA-1', salt: text('salt'), iterations: 4096 }, text('password'), 160),
      await derive({ name: 'Argon2id', nonce: bytes('02'.repeat(16)), parallelism: 4, memory: 32, passes: 3, secretValue: bytes('03'.repeat(8)), associatedData: bytes('04'.repeat(12)) },
        bytes('01'.repeat(32)), 256, 'raw-secret'),
    ];`),
    [
      // RFC 5869, case 1; RFC 6070, case 3; RFC 9106, 5.3
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
      '4b007901b765489abead49d926f721d065a429c1',
      '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
    ],
  );
});

t.test('agreement', async (t) => {
  t.strictSame(
    await inRealm(`
    const pkcs8 = bytes('302e020100300506032b656e04220420a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4');
    const own = await subtle.importKey('pkcs8', pkcs8, 'X25519', true, ['deriveBits', 'deriveKey']);
    const theirs = await secret(bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'), 'X25519', []);
    const algorithm = { name: 'X25519', public: theirs };
    const key = await subtle.deriveKey(algorithm, own, { name: 'AES-GCM', length: 256 }, true, ['encrypt']);
    return [
      hex(await subtle.deriveBits(algorithm, own, 256)),
      hex(await subtle.deriveBits(algorithm, own)),
      hex(await subtle.exportKey('raw', key)),
      hex(await subtle.exportKey('pkcs8', own)) === hex(pkcs8),
    ];`),
    [...new Array(3).fill('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'), true], // RFC 7748, 5.2
  );
});

t.test('signatures', async (t) => {
  t.strictSame(
    await inRealm(`
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const pkcs8 = bytes('302e020100300506032b657004220420' + seed);
    const signing = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
    const verifying = await subtle.getPublicKey(signing, ['verify']);
    const signature = await subtle.sign('Ed25519', signing, bytes(''));
    const url = (hexadecimal) => bytes(hexadecimal).toBase64({ alphabet: 'base64url', omitPadding: true });
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: url('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6'),
      y: url('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'),
    };
    const ecdsa = await subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']);
    const r = 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716';
    const s = 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8';
    return [
      hex(await subtle.exportKey('raw', verifying)),
      hex(signature),
      await subtle.verify('Ed25519', verifying, signature, bytes('')),
      await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, ecdsa, bytes(r + s), text('sample')),
      await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, ecdsa, bytes(s + r), text('sample')),
    ];`),
    [
      // RFC 8032, 7.1, test 1; RFC 6979, A.2.5
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      true,
      true,
      false,
    ],
  );
});
