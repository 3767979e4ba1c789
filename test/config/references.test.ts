import t from 'tap';
import { findCycles } from '../../src/config/cycles.ts';
import { accept, check, refuse } from '../helpers/config.ts';

/** Apps from `{ a: ['b'] }`: a has a binding to b. */
function apps(graph: Readonly<Record<string, readonly string[]>>): unknown[] {
  return Object.entries(graph).map(([name, targets]) => ({
    name,
    script: 'x',
    bindings: Object.fromEntries(targets.map((target) => [`TO_${target}`, { service: target }])),
  }));
}

t.test('references to services that do not exist', async (t) => {
  const { errors = [] } = await check({
    apps: [
      { name: 'db', script: 'x' },
      { name: 'api', script: 'x', bindings: { DB: { service: 'bd' } }, globalOutbound: 'intrenet' },
    ],
    sockets: [{ name: 's', address: 0, service: { service: 'far-away' } }],
  });
  t.strictSame(
    errors.map(({ place, message, hint }) => [place.path, message, hint]),
    [
      [
        'apps[1].bindings.DB',
        'no service named "bd"; did you mean "db"?',
        'the services are "db", "api", "internet"',
      ],
      [
        'apps[1].globalOutbound',
        'no service named "intrenet"; did you mean "internet"?',
        'the services are "db", "api", "internet"',
      ],
      ['sockets[0].service', 'no service named "far-away"', 'the services are "db", "api", "internet"'],
    ],
  );
});

t.test('a group is not there because a service has its name', async (t) => {
  const { errors = [] } = await check({ apps: [{ name: 'far', script: 'x', group: 'far' }] });
  t.match(errors, [{ code: 'CONFIG_UNKNOWN_NAME', message: 'no group named "far"' }]);
});

t.test('a reference to an app that is wrong elsewhere is no second error', async (t) => {
  const errors = await refuse({
    apps: [
      { name: 'broken', script: 5 },
      { name: 'bad name', script: 'x' },
      { name: 'a', script: 'x', bindings: { A: { service: 'broken' }, B: { service: 'bad name' } } },
    ],
  });
  t.equal(errors.length, 2);
  t.match(errors, [/^CONFIG_VALUE apps\[0\]\.script/, /^CONFIG_VALUE apps\[1\]\.name/]);
});

t.test('names of services are unique', async (t) => {
  const errors = await refuse({
    apps: ['a', 'b', 'a', 'internet', 'a'].map((name) => ({ name, script: 'x', globalOutbound: 'net' })),
    services: ['internet', 'net'].map((name) => ({ name, kind: 'network' })),
  });
  t.strictSame(errors, [
    'CONFIG_DUPLICATE apps[2].name: the service name "a" is already taken by apps[0].name',
    'CONFIG_DUPLICATE apps[4].name: the service name "a" is already taken by apps[0].name',
    'CONFIG_DUPLICATE services[0].name: the service name "internet" is already taken by apps[3].name',
  ]);
});

t.test('internet is there by itself, unless a service has that name', async (t) => {
  const app = { name: 'a', script: 'x' };
  const named = async (config: object): Promise<unknown> =>
    (await accept(config)).services.filter(({ name }) => name === 'internet');
  const implicit = { kind: 'network', name: 'internet', allow: ['public'], deny: [] };
  t.match(await named({ apps: [app] }), [implicit]);
  const own = { name: 'internet', kind: 'network', allow: ['10.0.0.0/8'] };
  t.match(await named({ apps: [app], services: [own] }), [{ ...own, deny: [] }]);
  const worker = { name: 'internet', script: 'x', globalOutbound: 'net' };
  const net = { name: 'net', kind: 'network' };
  t.match(await named({ apps: [app, worker], services: [net] }), [{ kind: 'worker' }]);
});

t.test('a worker named internet that names no way out reaches itself', async (t) => {
  t.strictSame(await refuse({ apps: [{ name: 'internet', script: 'x' }] }), [
    'CONFIG_CYCLE apps[0].name: the bindings form a cycle: internet -> internet',
  ]);
});

t.test('rules of a network service are checked one by one', async (t) => {
  const errors = await refuse({
    apps: [],
    services: [
      {
        name: 'net',
        kind: 'network',
        allow: ['public', '10.0.0.0/33', '1.2.3.4', 'unix', 'unix-abstract'],
        deny: ['local', 'public', 'unix:/run/x'],
      },
    ],
  });
  t.match(errors, [
    /^CONFIG_VALUE services\[0\]\.allow\[1\]: expected a block of addresses .*, found "10\.0\.0\.0\/33"$/u,
    /^CONFIG_VALUE services\[0\]\.allow\[2\]: .* found "1\.2\.3\.4"$/u,
    /^CONFIG_VALUE services\[0\]\.deny\[1\]: expected something that can be denied, found "public"$/u,
    /^CONFIG_VALUE services\[0\]\.deny\[2\]: .* found "unix:\/run\/x"$/u,
  ]);
  t.equal(errors.length, 4);
});

t.test('sockets that would share an address', async (t) => {
  const conflicts = async (...addresses: readonly (string | number)[]): Promise<string[]> =>
    refuse({
      apps: [{ name: 'a', script: 'x' }],
      sockets: addresses.map((address, index) => ({ name: `s${index}`, address, service: 'a' })),
    });
  const taken = 'is already taken by sockets[0].address';
  t.strictSame(await conflicts('127.0.0.1:80', 80), [
    `CONFIG_DUPLICATE sockets[1].address: the address "127.0.0.1:80" ${taken}`,
  ]);
  t.strictSame(await conflicts('*:80', '0.0.0.0:80', '[0:0::0]:80'), [
    `CONFIG_DUPLICATE sockets[1].address: the address "0.0.0.0:80" ${taken}`,
    `CONFIG_DUPLICATE sockets[2].address: the address "[0:0::0]:80" ${taken}`,
  ]);
  t.strictSame(await conflicts('localhost:80', '[0:0::1]:80', 'LOCALHOST:80'), [
    `CONFIG_DUPLICATE sockets[1].address: the address "[0:0::1]:80" ${taken}`,
    `CONFIG_DUPLICATE sockets[2].address: the address "localhost:80" ${taken}`,
  ]);
  t.strictSame(await conflicts('*:80', '127.0.0.2:80'), [
    `CONFIG_DUPLICATE sockets[1].address: the address "127.0.0.2:80" ${taken}`,
  ]);
  t.strictSame(await conflicts('127.0.0.2:80', '*:80'), [
    `CONFIG_DUPLICATE sockets[1].address: the address "*:80" ${taken}`,
  ]);
  t.strictSame(await conflicts('*:80', '*:81', '127.0.0.2:82', 'constructor:80', '127.0.0.1:0', 0, 0), []);
});

t.test('an entrypoint of a service that has none', async (t) => {
  const target = { service: 'internet', entrypoint: 'Api' };
  const wrong = 'expected no entrypoint, as "internet" has none, found "Api"';
  t.strictSame(
    await refuse({
      apps: [{ name: 'a', script: 'x', bindings: { OUT: target }, globalOutbound: target }],
      sockets: [{ name: 's', address: 0, service: target }],
    }),
    [
      `CONFIG_VALUE apps[0].bindings.OUT: ${wrong}`,
      `CONFIG_VALUE apps[0].globalOutbound: ${wrong}`,
      `CONFIG_VALUE sockets[0].service: ${wrong}`,
    ],
  );
});

t.test('circles of bindings are shown', async (t) => {
  t.strictSame(await refuse({ apps: apps({ a: ['a'] }) }), [
    'CONFIG_CYCLE apps[0].bindings.TO_a: the bindings form a cycle: a -> a',
  ]);
  t.strictSame(await refuse({ apps: apps({ a: ['b'], b: ['c'], c: ['b', 'd'], d: [] }) }), [
    'CONFIG_CYCLE apps[2].bindings.TO_b: the bindings form a cycle: b -> c -> b',
  ]);
  t.strictSame(
    await refuse({ apps: apps({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }) }),
    [],
    'a diamond is none',
  );
  t.strictSame(await refuse({ apps: apps({ a: ['b'], b: ['a'], c: ['d'], d: ['c'] }) }), [
    'CONFIG_CYCLE apps[1].bindings.TO_a: the bindings form a cycle: a -> b -> a',
    'CONFIG_CYCLE apps[3].bindings.TO_c: the bindings form a cycle: c -> d -> c',
  ]);
});

t.test('globalOutbound closes a circle as well', async (t) => {
  const outbound = [
    { name: 'a', script: 'x', globalOutbound: 'b' },
    { name: 'b', script: 'x', bindings: { A: { service: 'a', entrypoint: 'Other' } } },
  ];
  t.strictSame(await refuse({ apps: outbound }), [
    'CONFIG_CYCLE apps[1].bindings.A: the bindings form a cycle: a -> b -> a',
  ]);
});

t.test('circles are fine where they are allowed', async (t) => {
  const config = await accept({ apps: apps({ a: ['b', 'a'], b: ['a'] }), allowBindingCycles: true });
  t.equal(config.services.length, 3);
});

t.test('a circle of thousands is found without recursion and shown in short', async (t) => {
  const size = 20_000;
  const ring = Object.fromEntries(Array.from({ length: size }, (_, i) => [`n${i}`, [`n${(i + 1) % size}`]]));
  t.strictSame(await refuse({ apps: apps(ring) }), [
    'CONFIG_CYCLE apps[19999].bindings.TO_n0: the bindings form a cycle: ' +
      'n0 -> n1 -> n2 -> n3 -> n4 -> … (19991 more) -> n19996 -> n19997 -> n19998 -> n19999 -> n0',
  ]);
});

t.test('a graph without the edges that close circles has none', (t) => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 200; round += 1) {
    const size = 1 + random(8);
    const graph = new Map(
      Array.from({ length: size }, (_, from) => [
        `${from}`,
        Array.from({ length: random(4) }, (_, n) => ({ to: `${random(size)}`, label: `${from}/${n}` })),
      ]),
    );
    const cycles = findCycles(graph);
    for (const { names } of cycles) {
      if (names[0] !== names.at(-1)) t.fail('a circle ends where it starts');
      for (let i = 1; i < names.length; i += 1) {
        const edges = graph.get(names[i - 1] ?? '') ?? [];
        if (!edges.some((edge) => edge.to === names[i])) t.fail('a circle goes along edges');
      }
    }
    const closing = new Set(cycles.map((cycle) => cycle.closedBy));
    const rest = new Map(
      [...graph].map(([name, edges]) => [name, edges.filter((edge) => !closing.has(edge.label))]),
    );
    if (findCycles(rest).length > 0) t.fail('a circle was missed');
  }
  t.end();
});
