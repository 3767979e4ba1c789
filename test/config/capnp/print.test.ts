/** Configurations of workerd printed in dialect 1: what is printed means the same as what was read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import type { Test } from 'tap';
import { loadForConversion } from '../../../src/config/load.ts';
import { makeConfigPowers } from '../../../src/config/powers.ts';
import { printEcosystem } from '../../../src/config/print-ecosystem.ts';
import { valueOf } from '../../../src/config/traced.ts';
import type { Traced } from '../../../src/config/traced.ts';
import { withSchema } from '../../helpers/capnp.ts';

const files = {
  'config.capnp': withSchema(`const config :Workerd.Config = (
    services = [
      (name = "main", worker = .worker),
      (name = "files", disk = "public"),
    ],
    sockets = [(name = "http", address = "127.0.0.1:8080", service = "main")]);
  const worker :Workerd.Worker = (
    modules = [(name = "w", esModule = embed "src/w.js"), (name = "i", esModule = "\`\${1}\`;\\n\\\\"), (name = "it's", text = "a\\"b")],
    bindings = [
      (name = "T", text = embed "t.txt"),
      (name = "J", json = embed "j.json"),
      (name = "D", data = embed "d.bin"),
      (name = "K", json = "{\\"__proto__\\": 1, \\"a b\\": [null, true, 1.5, \\"x\\"]}"),
      (name = "L", text = "\\r\\x01\\xe2\\x80\\xa8"),
    ]);`),
  'src/w.js': 'export default {}',
  't.txt': 'text of a file',
  'j.json': '{"a": [1]}',
  'd.bin': 'bytes',
};

async function read(t: Test): Promise<{ directory: string; root: Traced }> {
  const directory = t.testdir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const powers = makeConfigPowers({ cwd: directory, environment: {} });
  const { root, errors } = await loadForConversion('config.capnp', powers);
  if (root === undefined || errors.length > 0)
    throw new Error(errors.map(({ message }) => message).join('\n'));
  return { directory, root };
}

/** As JSON, with bytes as base64. */
function comparable(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    const isBuffer =
      typeof item === 'object' && item !== null && 'type' in item && item.type === 'Buffer' && 'data' in item;
    return isBuffer ? Buffer.from(item.data as number[]).toString('base64') : item;
  });
}

t.test('as a module, in ES and in CommonJS, and as JSON', async (t) => {
  const { directory, root } = await read(t);
  const expected = comparable(valueOf(root, directory));
  for (const [ending, format] of [
    ['mjs', 'module'],
    ['cjs', 'commonjs'],
  ] as const) {
    const path = join(directory, `ecosystem.config.${ending}`);
    writeFileSync(path, printEcosystem(root, { directory, format, source: 'config.capnp' }));
    const { default: value } = (await import(pathToFileURL(path).href)) as { default: unknown };
    t.equal(comparable(value), expected, ending);
  }
  const json = printEcosystem(root, { directory, format: 'json', source: 'config.capnp' });
  t.equal(JSON.stringify(JSON.parse(json)), expected);
});

t.test('files are named, not pasted, and paths count from where the file is written', async (t) => {
  const { directory, root } = await read(t);
  const text = printEcosystem(root, {
    directory: join(directory, 'deploy'),
    format: 'module',
    source: 'a\nb.capnp',
  });
  t.match(text, /^\/\/ Made from a b\.capnp by `nanod config convert`\.\n/);
  t.match(text, "{ name: 'w', esModule: { file: '../src/w.js' } }");
  t.match(text, "T: read('../t.txt').toString()");
  t.match(text, "JSON.parse(read('../j.json').toString())");
  t.match(text, "path: '../public'");
  t.notMatch(text, 'text of a file');
});
