/** Two versions of a service side by side: a share of the requests goes to the new one, and a request stays on its side. */

import { get } from 'node:http';
import t from 'tap';
import type { Test } from 'tap';
import { stopCompiler } from '../../src/bundle/compile.ts';
import type { Plan } from '../../src/supervisor/specs.ts';
import { makeSupervisor, planOf, type TestSupervisor } from '../helpers/supervisor.ts';

t.teardown(stopCompiler);

const drainMs = 10_000;

/** `front` asks `near` by a request, and `far`, in a group of its own, by a method; each says its version and its realm. */
function three(version: string): Parameters<typeof planOf>[1] {
  const id = 'const id = crypto.randomUUID();';
  return {
    config: {
      threads: 1,
      groups: { far: {} },
      apps: [
        {
          name: 'front',
          script: 'front.js',
          bindings: { NEAR: { service: 'near' }, FAR: { service: 'far', entrypoint: 'Far' } },
        },
        { name: 'near', script: 'near.js' },
        { name: 'far', script: 'far.js', group: 'far' },
      ],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'front' }],
    },
    files: {
      'front.js': `${id}
        export default {
          async fetch(request, env) {
            if (request.url.endsWith('/fail')) throw new Error('${version}');
            const near = await (await env.NEAR.fetch(request)).text();
            return Response.json(['${version}', near, await env.FAR.version(), id]);
          },
        };`,
      'near.js': `export default { fetch: () => new Response('${version}') };`,
      'far.js': `
        import { WorkerEntrypoint } from 'cloudflare:workers';
        export class Far extends WorkerEntrypoint { version() { return '${version}'; } }`,
    },
  };
}

function answer(url: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body)).on('error', reject);
    }).on('error', reject);
  });
}

interface Running extends TestSupervisor {
  readonly url: string;
  readonly old: Plan;
  readonly young: Plan;
  readonly shared: (percent: number, sticky?: Plan['sticky']) => Plan;
}

async function running(t: Test): Promise<Running> {
  const old = await planOf(t, three('old'));
  const young = await planOf(t, three('young'));
  const made = makeSupervisor(t);
  const [listening] = await made.supervisor.start(old);
  const shared = (percent: number, sticky: Plan['sticky'] = new Map()): Plan => {
    const changed = young.config.services.filter(({ kind }) => kind === 'worker');
    const candidates = changed.map(
      (service) => [service.name, { service, bundle: young.bundles.get(service.name), percent }] as const,
    );
    return { ...old, candidates: new Map(candidates), sticky };
  };
  return { ...made, url: listening?.url ?? '', old, young, shared };
}

type Answer = readonly [front: string, near: string, far: string, realm: string];

async function ask(url: string, headers?: Record<string, string>): Promise<Answer> {
  const body = await answer(url, headers);
  if (!body.startsWith('[')) throw new Error(body);
  return JSON.parse(body) as Answer;
}

/** Realms of both versions by what they answer; every request is answered by one version alone. */
async function askMany(t: Test, url: string, times: number): Promise<Map<string, Set<string>>> {
  const realms = new Map<string, Set<string>>();
  let mixed = 0;
  for (let i = 0; i < times; i++) {
    const [front, near, far, realm] = await ask(url);
    if (near !== front || far !== front) mixed++;
    realms.set(front, (realms.get(front) ?? new Set()).add(realm));
  }
  t.equal(mixed, 0, 'every request stays on its side');
  return realms;
}

t.test('requests are divided, and the realms of the version that stays are kept', async (t) => {
  const { supervisor, url, old, young, shared } = await running(t);
  const [, , , first] = await ask(url);
  await supervisor.deploy(shared(40), drainMs);
  const realms = await askMany(t, url, 60);
  t.strictSame([...(realms.get('old') ?? [])], [first], 'the stable version keeps its realm');
  const [candidate] = [...(realms.get('young') ?? [])];
  t.ok(candidate, 'the candidate is asked');

  await supervisor.deploy(shared(100), drainMs);
  t.strictSame([...(await askMany(t, url, 5))], [['young', new Set([candidate])]]);
  await supervisor.deploy(shared(0), drainMs);
  t.strictSame([...(await askMany(t, url, 5))], [['old', new Set([first])]]);
  await supervisor.deploy(young, drainMs);
  t.strictSame([...(await askMany(t, url, 5))], [['young', new Set([candidate])]], 'promoted as it is');

  await supervisor.deploy({ ...young, candidates: shared(50).candidates ?? new Map() }, drainMs);
  await supervisor.deploy(old, drainMs);
  t.strictSame([...(await askMany(t, url, 5)).keys()], ['old']);
});

t.test('what comes of the requests of both versions is counted', async (t) => {
  const { supervisor, url, shared } = await running(t);
  await supervisor.deploy(shared(100), drainMs);
  for (let i = 0; i < 3; i++) await answer(`${url}fail`);
  await ask(url);
  await supervisor.deploy(shared(0), drainMs);
  await ask(url);
  const report = (await supervisor.shares()).find(({ service }) => service === 'front');
  t.strictSame(report, {
    service: 'front',
    stable: { requests: 1, errors: 0 },
    candidate: { requests: 4, errors: 3 },
  });
  const far = (await supervisor.shares()).find(({ service }) => service === 'far');
  t.match(far, { stable: { requests: 1 }, candidate: { requests: 1 } }, 'methods of another group as well');
});

t.test('a header or a cookie keeps a client on its side', async (t) => {
  const { supervisor, url, shared } = await running(t);
  const sides = async (headers: (user: number) => Record<string, string>): Promise<string[]> => {
    const answers: string[] = [];
    for (let user = 0; user < 16; user++) {
      const [front] = await ask(url, headers(user));
      for (let i = 0; i < 3; i++) t.equal((await ask(url, headers(user)))[0], front, `user ${user}`);
      answers.push(front);
    }
    return answers;
  };
  await supervisor.deploy(shared(50, new Map([['http', { kind: 'header', name: 'x-user' }]])), drainMs);
  const byHeader = await sides((user) => ({ 'X-User': `u${user}` }));
  t.strictSame(new Set(byHeader), new Set(['old', 'young']));
  await supervisor.deploy(shared(50, new Map([['http', { kind: 'cookie', name: 'user' }]])), drainMs);
  t.strictSame(
    await sides((user) => ({ cookie: `a=b; user=u${user}; c=d` })),
    byHeader,
    'by the value alone',
  );
});

t.test('a candidate that cannot be evaluated changes nothing', async (t) => {
  const { supervisor, url, old } = await running(t);
  const broken = await planOf(t, {
    ...three('broken'),
    files: { ...three('broken').files, 'near.js': 'throw new Error("no");' },
  });
  const near = broken.config.services.find(({ name }) => name === 'near');
  if (near === undefined) throw new Error('no service near');
  const candidate = { service: near, bundle: broken.bundles.get('near'), percent: 1 };
  await t.rejects(supervisor.deploy({ ...old, candidates: new Map([['near', candidate]]) }, drainMs));
  t.strictSame(await supervisor.shares(), []);
  t.equal((await ask(url))[0], 'old');
});

t.test('a thread that is lost comes back with both versions', async (t) => {
  const { supervisor, url, shared } = await running(t);
  await supervisor.deploy(shared(50), drainMs);
  await supervisor.deploy(
    {
      ...shared(50),
      config: {
        ...shared(50).config,
        groups: shared(50).config.groups.map((group) => ({ ...group, threads: 2 })),
      },
    },
    drainMs,
  );
  const realms = await askMany(t, url, 60);
  t.strictSame(new Set(realms.keys()), new Set(['old', 'young']));
  t.equal(realms.get('old')?.size, 2, 'a thread that came later has both');
});
