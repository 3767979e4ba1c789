import t from 'tap';
import { Problems } from '../../src/config/problems.ts';
import { Oddity, deepestNesting, plainCopy } from '../../src/config/plain-copy.ts';
import { describeError } from '../../src/shared/errors.ts';
import { accept, refuse, workerOf } from '../helpers/config.ts';

function withBinding(value: unknown): unknown {
  return { apps: [{ name: 'a', script: 'a', bindings: { B: value } }] };
}

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = wrap(value);
  return value;
}

t.test('keys that reach for prototypes are refused wherever they stand', async (t) => {
  const root = JSON.parse(
    '{"__proto__": {"threads": 5}, "apps": [{"name": "a", "script": "a", "__proto__": {"group": "x"}, "bindings": {"__proto__": "x", "J": {"deep": {"__proto__": {"polluted": 1}}}}}]}',
  ) as unknown;
  t.strictSame(await refuse(root), [
    'CONFIG_FORBIDDEN_KEY __proto__: the key "__proto__" is not allowed',
    'CONFIG_FORBIDDEN_KEY apps[0].__proto__: the key "__proto__" is not allowed',
    'CONFIG_FORBIDDEN_KEY apps[0].bindings.__proto__: the key "__proto__" is not allowed',
    'CONFIG_FORBIDDEN_KEY apps[0].bindings.J.deep.__proto__: the key "__proto__" is not allowed',
  ]);
  t.notOk('polluted' in {});
});

t.test('nothing is taken from a prototype', async (t) => {
  const inherited: unknown = Object.create({ name: 'a', script: 'a' });
  t.match(await refuse({ apps: [inherited] }), [/CONFIG_VALUE apps\[0\]: expected an app/]);
  Object.defineProperty(Object.prototype, 'group', {
    value: 'polluted',
    configurable: true,
    enumerable: true,
  });
  t.teardown(() => Reflect.deleteProperty(Object.prototype, 'group'));
  const config = await accept({ apps: [{ name: 'a', script: 'a' }] });
  t.equal(workerOf(config, 'a').group, 'default');
});

t.test('nesting is bounded, in data and in places where it makes no sense', async (t) => {
  for (const wrap of [(inner: unknown) => [inner], (inner: unknown) => ({ inner })]) {
    const value = nested(10_000, wrap);
    for (const config of [value, withBinding(value), { apps: value }, { apps: [], sockets: value }]) {
      const errors = await refuse(config);
      const deep = errors.filter((error) => error.startsWith('CONFIG_TOO_LARGE'));
      t.match(deep, [/the nesting is too deep; the limit is 100 levels$/]);
      t.ok(errors.every((error) => error.length < 1000));
    }
  }
  // The configuration, its apps, the app and its bindings are four levels.
  t.strictSame(await refuse(withBinding(nested(deepestNesting - 4, (inner) => [inner]))), []);
  t.equal((await refuse(withBinding(nested(deepestNesting - 3, (inner) => [inner])))).length, 1);
});

t.test('arrays that are huge, sparse, or lie about their length', async (t) => {
  const tooMany = /^CONFIG_TOO_LARGE .*the configuration has too many values; the limit is 500,000$/;
  const lying = new Proxy([], {
    get: (target, key) => (key === 'length' ? Infinity : Reflect.get(target, key)),
  });
  const values = [new Array(4_000_000_000), new Array(600_000).fill(0), lying];
  for (const value of values) {
    t.match(await refuse(withBinding(value)), [tooMany]);
    t.match(await refuse({ apps: value }), [tooMany]);
  }
});

t.test('a few objects that refer to each other exponentially often', async (t) => {
  const lol = nested(60, (inner) => ({ a: inner, b: inner }));
  t.match(await refuse(withBinding(lol)), [/too many values/]);
  const functions = new Array(400_000).fill(() => {});
  t.match(await refuse(withBinding(new Array(1000).fill(functions))), [/too many values/]);
  const text = 'x'.repeat(1_000_000);
  t.match(await refuse(withBinding(new Array(1000).fill(text))), [
    /strings and the data .* too long; the limit is 64 MiB/,
  ]);
  const bytes = { data: new Uint8Array(10_000_000) };
  t.match(await refuse(withBinding(new Array(10).fill(bytes))), [/strings and the data .* too long/]);
});

t.test('many keys', async (t) => {
  const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
  const errors = await refuse({ apps: [], ...keys });
  t.equal(errors.length, 201);
  t.match(errors.at(-1), /99800 more errors are not shown/);
});

t.test('cyclic objects', async (t) => {
  const object: Record<string, unknown> = { name: 'a', script: 'a' };
  object['bindings'] = { SELF: object };
  t.strictSame(await refuse({ apps: [object] }), [
    'CONFIG_VALUE apps[0].bindings.SELF: expected a string, a JSON value, or one of { text }, { data }, { json }, { fromEnvironment }, { service }, { wasmModule }, { cryptoKey }, { memoryCache }, { ratelimit }, { versionMetadata }, { workerLoader }, { parameter }, { wrapped }, found an object that contains itself',
  ]);
  const array: unknown[] = [];
  array.push({ array });
  t.match(await refuse(withBinding({ json: array })), [
    /^CONFIG_VALUE apps\[0\]\.bindings\.B\.json\[0\]\.array: expected a value that JSON can express, found an object that contains itself$/,
  ]);
  const shared = { x: 1 };
  t.strictSame(await refuse(withBinding([shared, shared])), [], 'the same object twice is no cycle');
});

t.test('getters run once, and may throw', async (t) => {
  let runs = 0;
  const app = {
    get name() {
      runs += 1;
      return `a${runs}`;
    },
    get script(): string {
      throw new Error('no script\nfor you');
    },
    get group(): string {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a hostile file may do
      throw {
        toString: () => {
          throw new Error('again');
        },
      };
    },
  };
  t.strictSame(await refuse({ apps: [app] }), [
    'CONFIG_THREW apps[0].script: the configuration threw: no script',
    'CONFIG_THREW apps[0].group: the configuration threw: a value that cannot be described',
  ]);
  t.equal(runs, 1);
});

t.test('proxies whose traps throw or never agree', async (t) => {
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const traps = ['getPrototypeOf', 'ownKeys'] as const;
  const fail = (): never => {
    throw new Error('trap');
  };
  const proxies = [revoked, ...traps.map((trap) => new Proxy({}, { [trap]: fail }))];
  for (const proxy of proxies) {
    t.match(await refuse({ apps: [proxy] }), [/^CONFIG_THREW apps\[0\]: the configuration threw: /]);
    t.match(await refuse(proxy), [/^CONFIG_THREW the configuration threw: /]);
  }
  const fickle = new Proxy({ name: '' }, { get: () => Math.random() });
  t.match(await refuse({ apps: [fickle] }), [
    /apps\[0\]\.script: is missing/,
    /apps\[0\]\.name: expected a name/,
  ]);
});

t.test('objects that are not plain are named, not read', async (t) => {
  class Fancy {
    name = 'a';
    toJSON(): never {
      throw new Error('read');
    }
  }
  const nameless: unknown = Object.create({ constructor: undefined });
  const values: readonly [unknown, string][] = [
    [new Fancy(), 'an instance of "Fancy"'],
    [new Map([[1, 2]]), 'an instance of "Map"'],
    [new Date(NaN), 'an instance of "Date"'],
    [/x/u, 'an instance of "RegExp"'],
    [new Uint16Array(2), 'an instance of "Uint16Array"'],
    [Object(1), 'an instance of "Number"'],
    [nameless, 'an object that is not plain'],
    [Math.max, 'a function'],
    [Symbol.iterator, 'a symbol'],
    [1n, 'the bigint 1n'],
    [new Uint8Array(2), '2 bytes'],
    [undefined, 'nothing'],
    [-Infinity, 'the number -Infinity'],
  ];
  for (const [value, found] of values) {
    const path = 'apps[0].bindings.B.json.x[0]';
    const expected = `CONFIG_VALUE ${path}: expected a value that JSON can express, found ${found}`;
    t.strictSame(await refuse(withBinding({ json: { x: [value] } })), [expected]);
  }
});

t.test('what a constructor is called is quoted', async (t) => {
  const odd: unknown = Object.create({
    constructor: Object.defineProperty(() => {}, 'name', { value: '\u001b[2J' }),
  });
  const [error = ''] = await refuse({ apps: odd });
  t.match(error, 'an instance of "\\u001b[2J"');
});

t.test('a copy is plain through and through', (t) => {
  const problems = new Problems();
  const original = {
    a: [1, 'x', null, true, undefined],
    b: { c: undefined, d: Object.create(null) as unknown },
  };
  const copy = plainCopy(original, problems);
  t.strictSame(JSON.parse(JSON.stringify(copy)), { a: [1, 'x', null, true, null], b: { d: {} } });
  t.equal(Object.getPrototypeOf(copy), null);
  t.ok(plainCopy(() => {}, problems) instanceof Oddity);
  t.strictSame(problems.list().map(describeError), []);
  t.end();
});

t.test(
  'thousands of wrong names among thousands of apps get suggestions for those that are shown',
  async (t) => {
    const apps = Array.from({ length: 2000 }, (_, index) => ({
      name: `service-number-${index}`,
      script: 'a',
      bindings: { X: { service: `srvice-nunber-${index}x` } },
    }));
    const errors = await refuse({ apps });
    t.equal(errors.length, 201);
    t.match(errors[0], 'did you mean "service-number-0"?');
  },
);
