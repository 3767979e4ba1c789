/** workerd's text configuration by way of the command line. */

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Test } from 'tap';
import { runNanod, serve, single } from '../helpers/nanod.ts';

const fixture = fileURLToPath(new URL('../fixtures/capnp/', import.meta.url));

function copyOfFixture(t: Test): string {
  const directory = t.testdir();
  cpSync(fixture, directory, { recursive: true });
  return directory;
}

const answer = {
  greeting: 'Hello, café!',
  limits: { perMinute: 60 },
  bytes: [0, 255],
  motto: true,
  name: 'café',
};

t.test('a configuration of workerd is served, with the address from the command line', async (t) => {
  const nanod = await serve(t, { args: [join(fixture, 'config.capnp'), 'config', '-s', 'http=127.0.0.1:0'] });
  t.strictSame(await (await fetch(nanod.url)).json(), answer);
  await nanod.stop();
});

t.test('the constant that is named is served', async (t) => {
  const args = [join(fixture, 'config.capnp'), 'other', '--socket-addr=http=127.0.0.1:0'];
  const nanod = await serve(t, { args });
  t.equal(await (await fetch(nanod.url)).text(), 'Hello, café!');
  await nanod.stop();
});

t.test('what is converted answers as what it was made from', async (t) => {
  const directory = copyOfFixture(t);
  const output = join(directory, 'ecosystem.config.mjs');
  const args = ['config', 'convert', join(directory, 'config.capnp'), 'config', '-o', output];
  const { status, stdout, stderr } = await runNanod(t, { args });
  t.strictSame([status, stdout, stderr], [0, '', '']);
  rmSync(join(directory, 'config.capnp'));
  const nanod = await serve(t, { args: [directory, '-s', 'http=127.0.0.1:0'] });
  t.strictSame(await (await fetch(nanod.url)).json(), answer);
  await nanod.stop();
});

t.test('nanod config convert prints, or writes a file that is not there yet', async (t) => {
  const directory = copyOfFixture(t);
  const file = join(directory, 'config.capnp');
  const printed = await runNanod(t, { args: ['config', 'convert', file, 'other'] });
  t.strictSame([printed.status, printed.stderr], [0, '']);
  t.match(
    printed.stdout,
    /^\/\/ Made from .*config\.capnp by `nanod config convert`\.\n\nexport default \{\n/,
  );
  const json = join(directory, 'made.json');
  const convert = ['config', 'convert', file, 'config', '--to', 'ecosystem', '--output', json];
  t.equal((await runNanod(t, { args: convert })).status, 0);
  t.match(JSON.parse(readFileSync(json, 'utf8')), { apps: [{ name: 'gateway' }, { name: 'greeter' }] });
  const again = await runNanod(t, { args: convert });
  t.equal(again.status, 1);
  t.match(again.stderr, /^error\[OUTPUT_UNWRITABLE\]: .*made\.json: cannot be written: it exists already/);
});

t.test('what is wrong with a capnp file is printed with its lines', async (t) => {
  const directory = copyOfFixture(t);
  const file = join(directory, 'config.capnp');
  const several = await runNanod(t, { args: ['check', file] });
  t.equal(several.status, 2);
  t.match(
    several.stderr,
    /^error\[CONFIG_REFERENCE\]: .*: the file has 2 constants of the type Config: config, other\n/,
  );
  writeFileSync(file, readFileSync(file, 'utf8').replace('worker = .gateway', 'worker = ;'));
  const broken = await runNanod(t, { args: ['check', file, 'config'] });
  t.equal(broken.status, 2);
  t.match(broken.stderr, /config\.capnp:8:33: expected a value, found ";"\n/);
  t.match(broken.stderr, /\n {2}> {2}8 \| {5}\(name = "gateway", worker = ;\),\n/);
});

t.test('options about names work with every kind of configuration', async (t) => {
  const hello = single(`export default { fetch: () => new Response('hello') };`);
  const config = {
    threads: 1,
    apps: [{ name: 'main', script: 'main.js' }],
    sockets: [{ name: 'http', service: 'main' }],
  };
  const nanod = await serve(t, { ...hello, config, args: ['--socket-addr', 'http=127.0.0.1:0'] });
  t.equal(await (await fetch(nanod.url)).text(), 'hello');
  await nanod.stop();
  const wrong: Readonly<Record<string, RegExp>> = {
    'check -s http': /^error\[USAGE\]: --socket-addr: expected NAME=VALUE\n/,
    'check -e =x': /^error\[USAGE\]: --external-addr: expected NAME=VALUE\n/,
    'check -d files=': /^error\[USAGE\]: --directory-path: expected NAME=VALUE\n/,
    'check -s nope=*:1': /^error\[CONFIG_UNKNOWN_NAME\]: --socket-addr nope=\*:1: no socket named "nope"\n/,
    'check . constant': /only a capnp file has constants that can be named\n/,
    'config convert ecosystem.config.json': /^error\[CONFIG_FORMAT\]/,
    'config convert gone.capnp': /^error\[CONFIG_NOT_FOUND\]/,
    'config convert gone.capnp -o x.toml': /^error\[USAGE\]: --output: expected a file that ends in /,
    'config revert x.capnp': /^error\[USAGE\]: .*convert/s,
  };
  for (const [line, message] of Object.entries(wrong)) {
    const { status, stdout, stderr } = await runNanod(t, { ...hello, args: line.split(' ') });
    t.strictSame([status, stdout], [2, ''], line);
    t.match(stderr, message);
  }
});
