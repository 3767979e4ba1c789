/** Capnp files that are made to hurt: each is refused with an error, within the limits of what is read. */
import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { loadConfig } from '../../../src/config/load.ts';
import { makeConfigPowers } from '../../../src/config/powers.ts';
import { describeError } from '../../../src/shared/errors.ts';
import { load, loadConfigValue, powersOver, withSchema } from '../../helpers/capnp.ts';

const config = (value: string): string => withSchema(`const config :Workerd.Config = ${value};`);

/** The first error of a file, which must be one of a few. */
async function refusal(
  t: Test,
  text: string | Uint8Array,
  files: Record<string, string> = {},
): Promise<string> {
  const { described } = await load({ ...files, 'config.capnp': text });
  t.ok(described.length > 0 && described.length <= 202, 'it is refused, with a bounded number of errors');
  t.ok(
    described.every((error) => error.length < 1500),
    'no error repeats the file',
  );
  return described[0] ?? '';
}

const million = 1_000_000;
const many = 200_000;

t.test('nesting of every kind', async (t) => {
  const deep: readonly [string, string][] = [
    ['(', ')'],
    ['[', ']'],
    ['(a = ', ')'],
    ['[(a = [', '])]'],
    ['A(', ')'],
  ];
  for (const [open, close] of deep) {
    const opened = open.repeat(many);
    for (const value of [opened, opened + close.repeat(many)]) {
      t.match(
        await refusal(t, config(value)),
        /^CONFIG_TOO_LARGE .*the nesting is too deep; the limit is 64 levels$/,
      );
    }
  }
  t.match(await refusal(t, `const x :${'List('.repeat(many)}`), /the nesting is too deep/);
  t.match(await refusal(t, 'struct A {'.repeat(many)), /the nesting is too deep/);
  t.match(await refusal(t, `interface A { m @0 (${'{'.repeat(many)}`), /CONFIG_SYNTAX/);
});

t.test('everything unterminated', async (t) => {
  const starts = [
    '"',
    '`',
    '0x"',
    '(',
    '[',
    'struct A {',
    'using',
    'const',
    'const a :',
    '$',
    '@',
    '-',
    '#',
    '"\\',
    '.',
  ];
  for (const start of starts) {
    for (const text of [start, start + 'x'.repeat(many), start + '\n'.repeat(many), start.repeat(many / 4)]) {
      const { described } = await load({ 'config.capnp': text });
      t.ok(
        described.length > 0 && described.length <= 20,
        `${start} ${text.length}: ${described.length} errors`,
      );
    }
  }
});

t.test('large files of one thing', async (t) => {
  const large = 1024 * 1024;
  const parts = [
    ';',
    '\n',
    ' ',
    '#\n',
    '"',
    '\\',
    'a',
    '9',
    '0x',
    '\u0000',
    'é',
    '{',
    '}',
    '$a',
    'const a :A = 1;',
    'using a=b;',
  ];
  for (const part of parts) {
    const text = part.repeat(Math.floor(large / Buffer.byteLength(part)));
    t.match(await refusal(t, text), /^CONFIG_/, JSON.stringify(part));
  }
});

t.test('a file of more than 16 MiB is not read to its end, and one that is no text is refused', async (t) => {
  const read: number[] = [];
  const { readBytes, ...powers } = powersOver({ 'config.capnp': new Uint8Array(100 * million) });
  const { errors = [] } = await loadConfig('config.capnp', {
    ...powers,
    readBytes: async (path, most) => {
      const bytes = await readBytes(path, most);
      read.push(bytes.byteLength);
      return bytes;
    },
  });
  t.match(errors.map(describeError), ['config.capnp: the file is too large; the limit is 16 MiB']);
  t.ok(read.every((bytes) => bytes <= 16 * 1024 * 1024 + 1));
  t.match(await refusal(t, Buffer.from('ff00fe', 'hex')), /the file is not UTF-8 text/);
});

t.test('constants that refer to each other in circles, in chains, and exponentially often', async (t) => {
  t.match(await refusal(t, config('.config')), /is defined by itself/);
  const consts = (count: number, of: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => of(index)).join('\n');
  const chain = consts(20_000, (i) => `const c${i} :List(Text) = .c${i + 1};`);
  t.match(await refusal(t, config('(v8Flags = .c0)') + chain), /CONFIG_TOO_LARGE .*references lead too deep/);
  const aliases = consts(20_000, (i) => `using A${i} = A${i + 1};`);
  t.match(
    await refusal(t, `${aliases} const config :A0 = ();`),
    /CONFIG_TOO_LARGE .*references lead too deep/,
  );
  const doubled = consts(60, (i) => {
    const inner = `(name = "x", wrapped = (moduleName = "m", innerBindings = .b${i + 1}))`;
    return `const b${i} :List(Workerd.Worker.Binding) = [${inner}, (name = "y", wrapped = (innerBindings = .b${i + 1}))];`;
  });
  const last = 'const b60 :List(Workerd.Worker.Binding) = [];';
  const worker = '(services = [(name = "w", worker = (serviceWorkerScript = "", bindings = .b0))])';
  t.match(await refusal(t, config(worker) + doubled + last), /too many values; the limit is 500,000/);
  const wide = `const s :Workerd.Service = (name = "s", worker = (modules = .m));
    const m :List(Workerd.Worker.Module) = [${'.one,'.repeat(2000)}];
    const one :Workerd.Worker.Module = (name = "m", esModule = "");`;
  t.match(await refusal(t, config(`(services = [${'.s,'.repeat(2000)}])`) + wide), /too many values/);
});

t.test('imports in circles, in chains, and in crowds', async (t) => {
  const circle = {
    'a.capnp': 'using B = import "b.capnp"; using X = B.X;',
    'b.capnp': 'using A = import "a.capnp"; using X = A.X;',
  };
  t.match(
    await refusal(t, 'using A = import "a.capnp"; const config :A.X = ();', circle),
    /is defined by itself/,
  );
  const chain: Record<string, string> = {};
  for (let i = 0; i < 200; i += 1) chain[`f${i}.capnp`] = `using N = import "f${i + 1}.capnp";`;
  t.match(
    await refusal(t, 'using N = import "f0.capnp";', chain),
    /too many files import each other; the limit is 64/,
  );
  const crowd = Array.from({ length: 20_000 }, (_, i) => `using N${i} = import "gone${i}.capnp";`).join('\n');
  t.match(await refusal(t, crowd), /does not exist/);
});

t.test('values by the million', async (t) => {
  t.match(
    await refusal(t, config(`(v8Flags = [${'"",'.repeat(600_000)}])`)),
    /the file has too many values; the limit is 500,000/,
  );
  t.match(await refusal(t, config(`(v8Flags = [${'5,'.repeat(many)}])`)), /expected text in double quotes/);
  t.match(await refusal(t, config(`(${'x = 1,'.repeat(many)})`)), /unknown key "x"/);
});

t.test('names that mean something to JavaScript', async (t) => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
  for (const name of names) {
    t.match(await refusal(t, config(`(${name} = 1)`)), new RegExp(`unknown key "${name}"`));
    t.match(await refusal(t, `const config :${name} = ();`), /nothing here is named/);
    t.match(
      await refusal(t, config(`(sockets = [(http = (style = ${name}))])`)),
      /expected one of host, proxy/,
    );
    const binding = `(services = [(name = "w", worker = (serviceWorkerScript = "", bindings = [(name = "${name}", text = "")]))])`;
    const { described, value } = await loadConfigValue(binding);
    t.strictSame(described, []);
    t.match(JSON.stringify(value), `{"${name}":""}`);
  }
  const { errors = [] } = await loadConfig(
    'config.capnp',
    powersOver({
      'config.capnp': config(
        '(services = [(name = "w", worker = (serviceWorkerScript = "", bindings = [(name = "__proto__", text = "")]))])',
      ),
    }),
  );
  t.match(errors.map(describeError), [/the key "__proto__" is not allowed/]);
});

t.test('files that are no regular files, or too large, are not embedded', async (t) => {
  const directory = t.testdir({ folder: {} });
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  writeFileSync(join(directory, 'large'), '');
  truncateSync(join(directory, 'large'), 100 * million);
  const path = join(directory, 'config.capnp');
  const refused = async (embed: string): Promise<string> => {
    const bindings = `[(name = "B", text = embed "${embed}")]`;
    writeFileSync(
      path,
      config(`(services = [(name = "w", worker = (serviceWorkerScript = "", bindings = ${bindings}))])`),
    );
    const { errors = [] } = await loadConfig(path, makeConfigPowers({ cwd: directory, environment: {} }));
    return errors.map(describeError).join('\n');
  };
  t.match(await refused('pipe'), /the embedded file "pipe" is not a file$/m);
  t.match(await refused('/dev/zero'), /the embedded file "\/dev\/zero" is not a file$/m);
  t.match(await refused('folder'), /the embedded file "folder" is a directory$/m);
  t.match(await refused('large'), /the embedded files are too long; the limit is 64 MiB$/m);
  t.match(await refused('a\\0b'), /does not exist$/m);
});
