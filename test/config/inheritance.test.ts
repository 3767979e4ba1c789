/** Workers that inherit others, and the parameters that they fill. */
import t from 'tap';
import { accept, check, refuse, workerOf } from '../helpers/config.ts';
import { load, powersOver } from '../helpers/capnp.ts';
import { loadConfig } from '../../src/config/load.ts';

const shop = {
  name: 'shop',
  modules: [{ name: 'shop.js', esModule: 'export default {}' }],
  compatibilityDate: '2026-02-03',
  compatibilityFlags: ['nodejs_compat'],
  group: 'shops',
  globalOutbound: 'back',
  bindings: {
    CURRENCY: { parameter: { type: 'text' } },
    EXTRA: { parameter: { type: 'json', optional: true } },
    STOCK: { service: 'back' },
    LIMIT: 5,
  },
};
const back = { name: 'back', script: 'back.js' };
const groups = { shops: { threads: 1 } };

t.test('a worker that inherits is the other one with other bindings', async (t) => {
  const config = await accept(
    {
      groups,
      apps: [
        { name: 'eu', inherit: 'shop', bindings: { CURRENCY: 'EUR', LIMIT: 6 } },
        shop,
        back,
        {
          name: 'us',
          inherit: 'shop',
          group: 'default',
          globalOutbound: 'internet',
          bindings: {
            CURRENCY: { fromEnvironment: 'USD' },
            EXTRA: { json: [1] },
            STOCK: { service: 'back', entrypoint: 'Fake' },
          },
        },
        { name: 'eu2', inherit: 'eu', bindings: { LIMIT: 7 } },
      ],
      sockets: [{ name: 's', address: 0, service: 'eu2' }],
    },
    { environment: { USD: 'USD' } },
  );
  t.strictSame(
    config.services.map(({ name }) => name),
    ['eu', 'back', 'us', 'eu2', 'internet'],
    'what lacks a parameter is no service',
  );
  const { source, compatibilityDate, compatibilityFlags } = workerOf(config, 'eu');
  t.match(source, { kind: 'modules', modules: [{ name: 'shop.js' }] });
  t.strictSame([compatibilityDate, compatibilityFlags], ['2026-02-03', ['nodejs_compat']]);
  t.match(workerOf(config, 'eu'), { group: 'shops', globalOutbound: { service: 'back' } });
  t.match(workerOf(config, 'us'), { group: 'default', globalOutbound: { service: 'internet' } });
  t.strictSame(workerOf(config, 'eu').bindings, [
    { kind: 'text', name: 'CURRENCY', text: 'EUR' },
    { kind: 'service', name: 'STOCK', service: 'back' },
    { kind: 'json', name: 'LIMIT', json: '6' },
  ]);
  t.match(workerOf(config, 'us').bindings, [
    { name: 'CURRENCY', text: 'USD' },
    { name: 'EXTRA', json: '[1]' },
    { name: 'STOCK', entrypoint: 'Fake' },
    { name: 'LIMIT', json: '5' },
  ]);
  t.match(workerOf(config, 'eu2').bindings, [{ text: 'EUR' }, {}, { json: '7' }]);
});

t.test('a worker that needs no parameter is a service as well', async (t) => {
  const config = await accept({
    apps: [
      { ...back, bindings: { A: { parameter: { type: 'service', optional: true } }, B: 'b' } },
      { name: 'heir', inherit: 'back', bindings: { A: { service: 'back' } }, env: { B: 'c' } },
    ],
  });
  t.strictSame(workerOf(config, 'back').bindings, [{ kind: 'text', name: 'B', text: 'b' }]);
  t.match(workerOf(config, 'heir').bindings, [{ service: 'back' }, { text: 'c' }]);
});

t.test('everything that is wrong is said, where it stands', async (t) => {
  const errors = await refuse({
    groups,
    apps: [
      shop,
      back,
      { name: 'a', inherit: 'shpo' },
      { name: 'b', inherit: 'internet' },
      { name: 'c', inherit: 'net' },
      { name: 'd', inherit: 'shop', bindings: { CURENCY: 'x', STOCK: 'text', CURRENCY: { json: 1 } } },
      { name: 'e', inherit: 'shop', compatibilityDate: '2026-01-01', compatibilityFlags: [], minify: true },
      { name: 'f', inherit: 'shop', script: 'x.js' },
      { name: 'g', script: 'x.js', bindings: { S: { service: 'shop' } }, globalOutbound: 'shop' },
      {
        name: 'h',
        script: 'x.js',
        bindings: { P: { parameter: { type: 'wasmModule' } }, Q: { parameter: {} } },
      },
    ],
    services: [{ name: 'net', kind: 'network' }],
    sockets: [{ name: 's', address: 0, service: 'shop' }],
  });
  t.match(errors, [
    /^CONFIG_VALUE apps\[7\]: expected exactly one of script, modules, serviceWorkerScript, inherit, found script and inherit/u,
    /^CONFIG_VALUE apps\[9\]\.bindings\.P\.parameter\.type: expected one of "text", /u,
    /^CONFIG_MISSING apps\[9\]\.bindings\.Q\.parameter\.type/u,
    /^CONFIG_VALUE apps\[6\]\.minify: expected nothing/u,
    /^CONFIG_VALUE apps\[6\]\.compatibilityDate: expected nothing, as the worker inherits it/u,
    /^CONFIG_VALUE apps\[6\]\.compatibilityFlags: expected nothing/u,
    /^CONFIG_UNKNOWN_NAME apps\[2\]\.inherit: no worker named "shpo"; did you mean "shop"\?/u,
    /^CONFIG_UNKNOWN_NAME apps\[3\]\.inherit: no worker named "internet"/u,
    /^CONFIG_VALUE apps\[4\]\.inherit: expected the name of a worker, found a service of the kind "network"/u,
    /^CONFIG_UNKNOWN_NAME apps\[5\]\.bindings\.CURENCY: no binding of the worker "shop" named "CURENCY"; did you mean "CURRENCY"\?/u,
    /^CONFIG_VALUE apps\[5\]\.bindings\.STOCK: expected a binding of the kind "service", as it is inherited, found "text"/u,
    /^CONFIG_VALUE apps\[5\]\.bindings\.CURRENCY: expected a binding of the kind "text", .*found "json"/u,
    /^CONFIG_PARAMETERS apps\[8\]\.bindings\.S: the worker "shop" can only be inherited: nothing fills "CURRENCY"/u,
    /^CONFIG_PARAMETERS apps\[8\]\.globalOutbound/u,
    /^CONFIG_PARAMETERS sockets\[0\]\.service/u,
  ]);
  t.equal(errors.length, 15);
});

t.test('workers do not inherit in circles, nor from themselves', async (t) => {
  t.match(await refuse({ apps: [{ name: 'a', inherit: 'a' }] }), [
    /^CONFIG_VALUE apps\[0\]\.inherit: expected a worker that does not inherit from this one, found "a" -> "a"$/u,
  ]);
  const errors = await refuse({
    apps: ['a', 'b', 'c'].map((name, index) => ({ name, inherit: ['b', 'c', 'a'][index] })),
  });
  t.match(errors, [/"a" -> "b" -> "c" -> "a"/u]);
  t.equal(errors.length, 1);
});

t.test('a circle of bindings that is inherited is a circle', async (t) => {
  const apps = [
    { name: 'a', script: 'a.js', bindings: { B: { service: 'b' } } },
    { name: 'b', script: 'b.js', bindings: { A: { parameter: { type: 'service' } } } },
    { name: 'c', inherit: 'b', bindings: { A: { service: 'd' } } },
    { name: 'd', script: 'd.js', bindings: { C: { service: 'c' } } },
  ];
  t.match(await refuse({ apps }), [/^CONFIG_PARAMETERS/u, /^CONFIG_CYCLE.*c -> d -> c/u]);
});

t.test('wrapped bindings have no parameters', async (t) => {
  const extension = { modules: [{ name: 'x:y', internal: true, esModule: '' }] };
  const inner = { P: { parameter: { type: 'text' } } };
  const bindings = { W: { wrapped: { moduleName: 'x:y', innerBindings: inner } } };
  const { errors = [] } = await check({ apps: [{ ...back, bindings }], extensions: [extension] });
  t.match(errors, [{ code: 'CONFIG_VALUE', place: { path: 'apps[0].bindings.W.wrapped.innerBindings.P' } }]);
});

const capnp = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "base", worker = (
      modules = [(name = "w", esModule = "export default {}")],
      compatibilityDate = "2026-01-01",
      bindings = [
        (name = "P", parameter = (type = (text = void))),
        (name = "K", parameter = (type = (cryptoKey = [encrypt]), optional = true)),
        (name = "S", service = "heir"),
      ],
    )),
    (name = "heir", worker = (inherit = "base", bindings = [(name = "P", text = "p")])),
  ],
);`;

t.test("workerd's configuration inherits as its schema says", async (t) => {
  const { value, described } = await load({ 'config.capnp': capnp });
  t.strictSame(described, []);
  t.match(value, {
    allowBindingCycles: true,
    apps: [
      {
        bindings: {
          P: { parameter: { type: 'text' } },
          K: { parameter: { type: 'cryptoKey', optional: true } },
        },
      },
      { name: 'heir', inherit: 'base', bindings: { P: 'p' } },
    ],
  });
  const { config, errors = [] } = await loadConfig('config.capnp', powersOver({ 'config.capnp': capnp }), {});
  t.strictSame(errors, []);
  t.match(config?.services, [
    { name: 'heir', bindings: [{ name: 'P', text: 'p' }, { service: 'heir' }] },
    {},
  ]);
});
