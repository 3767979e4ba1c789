import t from 'tap';
import { evaluate } from '../helpers/realm.ts';
import { answerModule } from '../helpers/wasm.ts';

t.test('wasmModule is a WebAssembly.Module of the realm, and always the same one', async (t) => {
  const bytes = Buffer.from(answerModule, 'base64');
  const found = await evaluate(
    `const { f } = new WebAssembly.Instance(env.M).exports;
     return [env.M instanceof WebAssembly.Module, env.M === env.M, f(), Object.keys(env)];`,
    {
      assets: [{ kind: 'wasm', bytes }],
      bindings: [{ kind: 'wasmModule', name: 'M', asset: 0 }],
    },
  );
  t.strictSame(found, [true, true, 42, ['M']]);
});

const aes = {
  format: 'raw',
  material: Buffer.from('0123456789abcdef').toString('base64'),
  algorithm: '"AES-GCM"',
  usages: ['encrypt', 'decrypt'],
} as const;

t.test('cryptoKey is a CryptoKey of the realm that works and stays inside', async (t) => {
  const found = await evaluate(
    `const iv = new Uint8Array(12);
     const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, env.HIDDEN, new TextEncoder().encode('text'));
     const open = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, env.OPEN, sealed);
     const failure = await crypto.subtle.exportKey('raw', env.HIDDEN).catch((error) => error.name);
     const raw = new TextDecoder().decode(await crypto.subtle.exportKey('raw', env.OPEN));
     const { type, extractable, algorithm, usages } = env.HIDDEN;
     const clone = structuredClone(env.HIDDEN);
     return [env.HIDDEN instanceof CryptoKey, new TextDecoder().decode(open), failure, raw,
       { type, extractable, algorithm, usages }, clone instanceof CryptoKey && !clone.extractable,
       JSON.stringify(env.HIDDEN)];`,
    {
      keys: [
        { ...aes, extractable: false },
        { ...aes, extractable: true },
      ],
      bindings: [
        { kind: 'cryptoKey', name: 'HIDDEN', key: 0 },
        { kind: 'cryptoKey', name: 'OPEN', key: 1 },
      ],
    },
  );
  const described = {
    type: 'secret',
    extractable: false,
    algorithm: { name: 'AES-GCM', length: 128 },
    usages: ['encrypt', 'decrypt'],
  };
  t.strictSame(found, [true, 'text', 'InvalidAccessError', '0123456789abcdef', described, true, '{}']);
});

t.test('a key that cannot be imported fails the worker, and not the thread', async (t) => {
  await t.rejects(
    evaluate('return 1', {
      keys: [{ ...aes, material: '', extractable: false }],
      bindings: [{ kind: 'cryptoKey', name: 'K', key: 0 }],
    }),
    { message: 'a key of the configuration cannot be imported' },
  );
});

t.test('ratelimit says what its counters say, by key', async (t) => {
  const keys: string[] = [];
  const found = await evaluate(
    `const name = (error) => error.name + ': ' + error.message;
     const { limit } = env.LIMIT;
     return [await env.LIMIT.limit({ key: 'a' }), await env.LIMIT.limit({ key: 'b' }), await env.LIMIT.limit({ key: 5 }),
       await env.LIMIT.limit({}).catch(name), await env.LIMIT.limit().catch((error) => error.name),
       await limit.call({}, { key: 'a' }).catch((error) => error.name), String(env.LIMIT)];`,
    {
      bindings: [{ kind: 'ratelimit', name: 'LIMIT', limit: 0 }],
      rateLimits: [(key) => keys.push(key) !== 2],
    },
  );
  t.strictSame(found, [
    { success: true },
    { success: false },
    { success: true },
    'TypeError: RateLimit.limit: key of argument 1 is missing.',
    'TypeError',
    'TypeError',
    '[object RateLimit]',
  ]);
  t.strictSame(keys, ['a', 'b', '5']);
});
