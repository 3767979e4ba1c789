/** What bindings give to workers, in the real server, on several threads and in several groups. */

import t from 'tap';
import { serve } from '../helpers/nanod.ts';
import { answerModule } from '../helpers/wasm.ts';

const get = async (url: string): Promise<string> =>
  (await fetch(url, { headers: { connection: 'close' } })).text();

t.test('modules, keys and files of a configuration reach workers of both syntaxes', async (t) => {
  const bindings = {
    MODULE: { wasmModule: { base64: answerModule } },
    KEY: {
      cryptoKey: {
        hex: { file: 'key.hex' },
        algorithm: { name: 'HMAC', hash: 'SHA-256' },
        usages: ['sign'],
      },
    },
  };
  const answer = `const { f } = new WebAssembly.Instance(MODULE).exports;
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', KEY, new TextEncoder().encode('text')));
    return Response.json([f(), KEY.extractable, mac.length, mac[0]]);`;
  const nanod = await serve(t, {
    config: {
      threads: 1,
      apps: [
        { name: 'module', script: 'module.js', bindings },
        { name: 'script', script: 'script.js', bindings },
      ],
      sockets: [
        { name: 'module', address: 0, service: 'module' },
        { name: 'script', address: 0, service: 'script' },
      ],
    },
    files: {
      'key.hex': '00112233445566778899aabbccddeeff\n',
      'module.js': `export default { async fetch(request, { MODULE, KEY }) { ${answer} } };`,
      'script.js': `async function answer() { ${answer} } addEventListener('fetch', (event) => event.respondWith(answer()));`,
    },
  });
  for (const url of nanod.urls) t.equal(await get(url), '[42,false,32,56]');
  await nanod.stop();
});

t.test('a memory cache is one for all threads and groups', async (t) => {
  const memoryCache = { id: 'one', limits: { maxKeys: 10, maxValueSize: 1000, maxTotalValueSize: 1000 } };
  const worker = `export default {
    async fetch(request, env) {
      const { pathname } = new URL(request.url);
      if (pathname === '/leave') {
        void env.CACHE.read('left', () => new Promise(() => {}));
        return new Response('gone');
      }
      return new Response(await env.CACHE.read(pathname.slice(1), async (key) => ({ value: key + crypto.randomUUID() })));
    },
  };`;
  const nanod = await serve(t, {
    config: {
      threads: 2,
      groups: { other: { threads: 1 } },
      apps: [
        { name: 'a', script: 'a.js', bindings: { CACHE: { memoryCache } } },
        { name: 'b', script: 'a.js', group: 'other', bindings: { CACHE: { memoryCache } } },
        { name: 'own', script: 'a.js', bindings: { CACHE: { memoryCache: { limits: memoryCache.limits } } } },
      ],
      sockets: ['a', 'b', 'own'].map((name) => ({ name, address: 0, service: name })),
    },
    files: { 'a.js': worker },
  });
  const [a = '', b = '', own = ''] = nanod.urls;
  const values = await Promise.all(
    Array.from({ length: 60 }, (_, index) => get(`${index % 3 === 0 ? b : a}key`)),
  );
  t.equal(new Set(values).size, 1, 'one computation');
  t.not(await get(`${own}key`), values[0], 'without an id it is another cache');
  t.equal(await get(`${a}leave`), 'gone');
  t.match(await get(`${b}left`), /^left./u, 'a computation whose request has ended is done by the next one');
  await nanod.stop();
});

t.test('a rate limit counts over all threads, and a version knows itself', async (t) => {
  const worker = `export default {
    async fetch(request, env) {
      if (new URL(request.url).pathname === '/version') return Response.json(env.VERSION);
      return Response.json((await env.LIMIT.limit({ key: 'k' })).success);
    },
  };`;
  const nanod = await serve(t, {
    config: {
      threads: 2,
      apps: [
        {
          name: 'a',
          script: 'a.js',
          bindings: {
            LIMIT: { ratelimit: { limit: 10, period: 86400 } },
            VERSION: { versionMetadata: { tag: 'first' } },
          },
        },
      ],
      sockets: [{ name: 'a', address: 0, service: 'a' }],
    },
    files: { 'a.js': worker },
  });
  const answers = await Promise.all(Array.from({ length: 40 }, () => get(nanod.url)));
  t.equal(answers.filter((answer) => answer === 'true').length, 10);
  const versions = await Promise.all(Array.from({ length: 10 }, () => get(`${nanod.url}version`)));
  t.equal(new Set(versions).size, 1, 'the same on all threads');
  const { id, tag, timestamp } = JSON.parse(versions[0] ?? '') as Record<string, string>;
  t.match(id, /^[0-9a-f]{64}$/u);
  t.equal(tag, 'first');
  t.equal(new Date(String(timestamp)).toISOString(), timestamp);
  await nanod.stop();
});

t.test('--env chooses what the workers get, and no environment has it', async (t) => {
  const nanod = await serve(t, {
    config: {
      threads: 1,
      apps: [{ name: 'a', script: 'a.js', env: { NAME: 'plain' }, env_staging: { NAME: 'staging' } }],
      sockets: [{ name: 'a', address: 0, service: 'a' }],
    },
    files: { 'a.js': 'export default { fetch: (request, env) => new Response(env.NAME) };' },
    args: ['--env', 'staging'],
  });
  t.equal(await get(nanod.url), 'staging');
  await nanod.stop();
});
