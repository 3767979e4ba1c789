import t from 'tap';
import { accept, refuse, workerOf } from '../helpers/config.ts';
import type { Surroundings } from '../helpers/config.ts';
import { answerModule } from '../helpers/wasm.ts';

/** The binding that a value becomes. */
async function bound(value: unknown, surroundings?: Surroundings): Promise<unknown> {
  const config = await accept(
    { apps: [{ name: 'a', script: 'a.js', bindings: { B: value } }] },
    surroundings,
  );
  return workerOf(config, 'a').bindings[0];
}

function refused(value: unknown, surroundings?: Surroundings): Promise<string[]> {
  return refuse({ apps: [{ name: 'a', script: 'a.js', bindings: { B: value } }] }, surroundings);
}

const wasm = Buffer.from(answerModule, 'base64');

t.test('wasmModule takes a path, a file, bytes, and base64', async (t) => {
  const contents = { '/base/x.wasm': wasm };
  const wanted = { kind: 'wasmModule', name: 'B', base64: answerModule };
  t.strictSame(await bound({ wasmModule: './x.wasm' }, { contents }), wanted);
  t.strictSame(await bound({ wasmModule: { file: 'x.wasm' } }, { contents }), wanted);
  t.strictSame(await bound({ wasmModule: new Uint8Array(wasm) }), wanted);
  t.strictSame(await bound({ wasmModule: { base64: answerModule } }), wanted);
});

t.test('a wasmModule that is none is refused with its place', async (t) => {
  const at = 'apps[0].bindings.B.wasmModule:';
  const expected = 'expected the path of a .wasm file, { file }, { base64 } or a Uint8Array, found';
  t.strictSame(await refused({ wasmModule: 5 }), [`CONFIG_VALUE ${at} ${expected} the number 5`]);
  t.strictSame(await refused({ wasmModule: { base64: '-' } }), [
    `CONFIG_VALUE ${at} ${expected} an object with the key "base64"`,
  ]);
  t.strictSame(await refused({ wasmModule: 'x.wasm' }, { kinds: { '/base/x.wasm': 'missing' } }), [
    `CONFIG_UNREADABLE ${at} cannot read "x.wasm": it does not exist`,
  ]);
  t.strictSame(await refused({ wasmModule: { file: '/dev/zero' } }, { kinds: { '/dev/zero': 'other' } }), [
    `CONFIG_UNREADABLE ${at} cannot read "/dev/zero": it is not a file`,
  ]);
  t.match(await refused({ wasmModule: new Uint8Array([1, 2, 3]) }), [
    /^CONFIG_VALUE apps\[0\]\.bindings\.B\.wasmModule: expected a valid WebAssembly module, found expected 4 bytes/u,
  ]);
});

const secret = 'c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3I=';
const aes = { algorithm: 'AES-GCM', usages: ['encrypt', 'decrypt'] };

/** The text of a PEM file. */
function pem(label: string, der: ArrayBuffer): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`;
}

async function makePair(): Promise<{ pkcs8: string; spki: string; jwk: object }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { subtle } = globalThis.crypto;
  const { privateKey, publicKey } = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return {
    pkcs8: pem('PRIVATE KEY', await subtle.exportKey('pkcs8', privateKey)),
    spki: pem('PUBLIC KEY', await subtle.exportKey('spki', publicKey)),
    jwk: await subtle.exportKey('jwk', privateKey),
  };
}

t.test('cryptoKey takes raw bytes as base64, bytes, hexadecimal digits, and from a file', async (t) => {
  const bytes = Buffer.from(secret, 'base64');
  const contents = { '/base/k.bin': bytes, '/base/k.hex': `${bytes.toString('hex')}\n` };
  const wanted = {
    kind: 'cryptoKey',
    name: 'B',
    format: 'raw',
    material: secret,
    algorithm: '"AES-GCM"',
    extractable: false,
    usages: ['encrypt', 'decrypt'],
  };
  for (const material of [
    { raw: secret },
    { raw: new Uint8Array(bytes) },
    { raw: { file: 'k.bin' } },
    { hex: bytes.toString('hex') },
    { hex: { file: 'k.hex' } },
    { base64: secret },
  ]) {
    t.strictSame(await bound({ cryptoKey: { ...material, ...aes } }, { contents }), wanted);
  }
  const named = { ...aes, algorithm: { name: 'HMAC', hash: 'SHA-256' }, usages: ['sign'], extractable: true };
  t.match(await bound({ cryptoKey: { raw: secret, ...named } }), {
    algorithm: '{"name":"HMAC","hash":"SHA-256"}',
    extractable: true,
  });
});

t.test('cryptoKey takes PEM and JSON Web Keys', async (t) => {
  const { pkcs8, spki, jwk } = await makePair();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const sign = { algorithm, usages: ['sign'] };
  const contents = { '/base/k.pem': pkcs8, '/base/k.json': JSON.stringify(jwk) };
  for (const [format, material] of [
    ['pkcs8', { pkcs8 }],
    ['pkcs8', { pkcs8: { file: 'k.pem' } }],
    ['jwk', { jwk }],
    ['jwk', { jwk: JSON.stringify(jwk) }],
    ['jwk', { jwk: { file: 'k.json' } }],
  ] as const) {
    t.match(await bound({ cryptoKey: { ...material, ...sign } }, { contents }), { format, usages: ['sign'] });
  }
  t.match(await bound({ cryptoKey: { spki, algorithm, usages: ['verify'] } }), { format: 'spki' });
});

t.test('a cryptoKey that cannot be imported is an error that shows nothing of it', async (t) => {
  const { pkcs8, spki, jwk } = await makePair();
  const [, d] = JSON.stringify(jwk).match(/"d":"(.*?)"/u) ?? [];
  const secrets = [secret.slice(0, 12), pkcs8.slice(60, 80), String(d).slice(4, 16), 'zz-secret', 'Secret'];
  const cases: [unknown, string][] = [
    [
      'zz-secret',
      'expected an object with one of raw, hex, base64, pkcs8, spki, jwk, and with algorithm and usages, found a string',
    ],
    [
      aes,
      'expected an object with one of raw, hex, base64, pkcs8, spki, jwk, and with algorithm and usages, found an object',
    ],
    [
      { raw: 'zz-secret', ...aes },
      'raw: expected base64 with padding, a Uint8Array, or { file }, found a string',
    ],
    [{ hex: 'zz-secret', ...aes }, 'hex: expected pairs of hexadecimal digits, found something else'],
    [{ base64: 'zz-secret!', ...aes }, 'base64: expected base64, found something else'],
    [{ base64: 'c2VjcmV0', ...aes }, 'base64: expected a key that can be imported, found Invalid key length'],
    [
      { pkcs8: 'zz-secret', ...aes },
      'pkcs8: expected one PEM block, -----BEGIN PRIVATE KEY-----, found none',
    ],
    [{ pkcs8: spki, ...aes }, 'found -----BEGIN PUBLIC KEY-----'],
    [{ pkcs8: pkcs8 + pkcs8, ...aes }, 'found 2 blocks'],
    [{ pkcs8: pkcs8.slice(0, 90), ...aes }, 'found a block without its end'],
    [
      { jwk: 'zz-secret', ...aes },
      'jwk: expected a JSON Web Key: an object with `kty`, found text that is not JSON',
    ],
    [
      { jwk: '{"d":"zz-secret"}', ...aes },
      'jwk: expected a JSON Web Key: an object with `kty`, found something else',
    ],
    [{ jwk: { ...jwk, kty: 'zz-secret' }, ...aes }, 'expected a key that can be imported, found'],
    [
      {
        jwk: { ...jwk, d: ['zz-secret'] },
        algorithm: { name: 'ECDSA', namedCurve: 'P-256' },
        usages: ['sign'],
      },
      'expected a key that can be imported, found',
    ],
    [{ raw: secret, algorithm: 'AES-XYZ', usages: [] }, 'found Unrecognized algorithm name'],
    [{ raw: secret, algorithm: 'HMAC', usages: ['sign'] }, 'expected a key that can be imported, found'],
    [{ raw: secret, algorithm: 'AES-GCM', usages: ['sign'] }, 'expected a key that can be imported, found'],
    [{ raw: secret, algorithm: 'AES-GCM', usages: ['hide'] }, 'usages[0]: expected one of encrypt,'],
    [{ raw: secret, hex: secret, ...aes }, 'hex: unknown key "hex"'],
    [{ raw: secret }, 'algorithm: is missing'],
  ];
  for (const [cryptoKey, wanted] of cases) {
    const errors = (await refused({ cryptoKey })).join('\n');
    t.match(errors, /apps\[0\]\.bindings\.B\.cryptoKey/u);
    t.ok(errors.includes(wanted), `${errors} has: ${wanted}`);
    for (const hidden of secrets) t.notOk(errors.includes(hidden), `${errors} has no ${hidden}`);
  }
  t.strictSame(
    await refused({ cryptoKey: { raw: { file: 'k' }, ...aes } }, { kinds: { '/base/k': 'EACCES' } }),
    ['CONFIG_UNREADABLE apps[0].bindings.B.cryptoKey.raw: cannot read "k": EACCES'],
  );
});

const limits = { maxKeys: 10, maxValueSize: 1024, maxTotalValueSize: 4096 };

t.test('memoryCache, ratelimit and versionMetadata are read as they are written', async (t) => {
  const kind = 'memoryCache';
  t.strictSame(await bound({ memoryCache: { limits } }), { kind, name: 'B', limits });
  t.strictSame(await bound({ memoryCache: { id: 'x', limits } }), { kind, name: 'B', id: 'x', limits });
  t.strictSame(await bound({ ratelimit: { limit: 5, period: 60 } }), {
    kind: 'ratelimit',
    name: 'B',
    limit: 5,
    period: 60,
  });
  t.match(await bound({ ratelimit: { id: 'x', limit: 1, period: 1 } }), { id: 'x' });
  for (const [written, tag] of [
    [true, ''],
    [{}, ''],
    [{ tag: 'v1' }, 'v1'],
  ]) {
    t.strictSame(await bound({ versionMetadata: written }), { kind: 'versionMetadata', name: 'B', tag });
  }
});

t.test('what is wrong with them is said', async (t) => {
  const at = 'apps[0].bindings.B';
  t.strictSame(await refused({ memoryCache: { limits: { ...limits, maxKeys: -1 } } }), [
    `CONFIG_VALUE ${at}.memoryCache.limits.maxKeys: expected a whole number from 0 to 1000000, found the number -1`,
  ]);
  t.strictSame(await refused({ memoryCache: { id: '', size: 5 } }), [
    `CONFIG_VALUE ${at}.memoryCache.id: expected a string of 1 to 1024 characters, found the string ""`,
    `CONFIG_MISSING ${at}.memoryCache.limits: is missing; expected an object { maxKeys, maxValueSize, maxTotalValueSize }`,
    `CONFIG_UNKNOWN_KEY ${at}.memoryCache.size: unknown key "size"`,
  ]);
  t.strictSame(await refused({ ratelimit: { limit: 0 } }), [
    `CONFIG_VALUE ${at}.ratelimit.limit: expected a whole number from 1 to 1000000, found the number 0`,
    `CONFIG_MISSING ${at}.ratelimit.period: is missing; expected a whole number of seconds from 1 to 86400`,
  ]);
  t.strictSame(await refused({ versionMetadata: false }), [
    `CONFIG_VALUE ${at}.versionMetadata: expected true, or an object { tag? }, found the boolean false`,
  ]);
});

t.test('storage kinds, and others of workerd, are not available, and say so', async (t) => {
  const kinds =
    'kv kvNamespace r2 r2Bucket d1 queue durableObject durableObjectNamespace durableObjectClass analyticsEngine hyperdrive';
  for (const kind of kinds.split(' ')) {
    t.strictSame(await refused({ [kind]: 'x' }), [
      `CONFIG_NOT_AVAILABLE apps[0].bindings.B: the binding kind "${kind}" is not available in this version of nanod`,
    ]);
  }
});
