/** What the command line says over a configuration, in every dialect. */
import t from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import type { Overrides } from '../../src/config/overrides.ts';
import { applyOverrides, OverridePlaces } from '../../src/config/overrides.ts';
import { Problems } from '../../src/config/problems.ts';
import { describeError } from '../../src/shared/errors.ts';
import { powersOver } from '../helpers/capnp.ts';

const app = '{ "name": "w", "script": "w.js" }';
const json = `{
  "apps": [${app}],
  "sockets": [
    { "name": "http", "address": "*:80", "service": "w" },
    { "name": "admin", "service": "w" }
  ]
}`;

async function load(overrides: Overrides): Promise<unknown> {
  const powers = powersOver({ 'x.json': json, 'w.js': '' });
  const { config, errors = [] } = await loadConfig('x.json', powers, { overrides });
  return config?.sockets.map(({ name, address }) => [name, address]) ?? errors.map(describeError);
}

t.test('an address of the command line counts, and may be the only one', async (t) => {
  const admin = { name: 'admin', value: '127.0.0.1:0' };
  t.match(await load({}), [/^sockets\[1\]\.address \(x\.json:5:5\): is missing/]);
  t.strictSame(await load({ socketAddr: [admin] }), [
    ['http', { kind: 'tcp', host: '*', port: 80 }],
    ['admin', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
  ]);
  const twice = [admin, { name: 'http', value: '1' }, { name: 'http', value: '8080' }];
  t.match(await load({ socketAddr: twice }), [['http', { port: 8080 }], ['admin']]);
});

t.test('an error about it names the option, not the file', async (t) => {
  const socketAddr = [
    { name: 'admin', value: 'nowhere' },
    { name: 'htpp', value: '*:1' },
  ];
  t.strictSame(await load({ socketAddr }), [
    '--socket-addr htpp=*:1: no socket named "htpp"; did you mean "http"?',
    '--socket-addr admin=nowhere: "nowhere" is not an address to listen on: the port is missing',
  ]);
});

t.test('external servers and directories', (t) => {
  const problems = new Problems();
  const services = [
    { name: 'a', kind: 'external', protocol: 'https' },
    { name: 'b', kind: 'external', address: 'tcp://10.0.0.1:5' },
    { name: 'c', kind: 'external', address: 'http://x' },
    { name: 'd', kind: 'external' },
    { name: 'files', kind: 'disk' },
    { name: 'site', kind: 'assets' },
  ];
  const copy = { services };
  const overrides = {
    externalAddr: [
      { name: 'a', value: '127.0.0.1:443' },
      { name: 'b', value: 'unix:/run/b' },
      { name: 'c', value: 'https://y' },
      { name: 'd', value: 'localhost:1' },
    ],
    directoryPath: [
      { name: 'files', value: 'public' },
      { name: 'site', value: '/srv/site' },
      { name: 'a', value: 'x' },
    ],
  };
  applyOverrides(copy, overrides, { cwd: '/base', problems, places: new OverridePlaces() });
  t.match(copy.services, [
    { address: 'https://127.0.0.1:443' },
    { address: 'unix:/run/b', protocol: 'tcp' },
    { address: 'https://y' },
    { address: 'http://localhost:1' },
    { path: '/base/public' },
    { directory: '/srv/site' },
  ]);
  t.strictSame(problems.list().map(describeError), ['--directory-path a=x: no directory named "a"']);
  t.end();
});
