/** Fuzzes the reader of workerd's text configuration: the parser alone, and everything up to a `Config`. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCapnp } from '../../src/config/capnp/parser.ts';
import { Source, TooLarge } from '../../src/config/capnp/source.ts';
import type { Expression } from '../../src/config/capnp/syntax.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ConfigPowers } from '../../src/config/powers.ts';
import { assertGoodErrors } from './target.ts';
import type { FuzzTarget } from './target.ts';

const path = '/base/config.capnp';

const sample = `# A configuration.
using Workerd = import "/workerd/workerd.capnp";
using Other = import "other.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "files", disk = "dir"), (name = "net", network = (allow = ["public"]))],
  sockets = [(name = "http", address = "*:80", http = (style = proxy), service = (name = "main", props = (json = "{}")))],
);
const main :Workerd.Worker = (
  modules = [(name = "w", esModule = embed "w.js"), (name = "d", data = 0x"00 ff")],
  bindings = [(name = "T", text = "a\\x41\\n" "b"), (name = "M", memoryCache = (limits = (maxKeys = 0x10)))],
  compatibilityDate = "2026-01-01", globalOutbound = "net",
);
struct Own { const x :List(Text) = [.y, Other.z]; }
const y :Text = \`line
;
`;
const files = new Map([
  ['/base/other.capnp', 'using C = import "config.capnp"; const z :Text = C.y;'],
  ['/base/w.js', 'export default {}'],
]);

const words = [
  ...'()[]{},;.:=-$@"`#\\'.split(''),
  ...[
    'using',
    'const',
    'struct',
    'import',
    'embed',
    'true',
    'void',
    'inf',
    'List',
    'Text',
    'Data',
    'Workerd',
    'Config',
    'Other',
  ],
  ...[
    'config',
    'main',
    'name',
    'services',
    'worker',
    'bindings',
    'wrapped',
    'innerBindings',
    '"/workerd/workerd.capnp"',
    '"w.js"',
  ],
  ...[
    '0x',
    '0x"',
    '017',
    '1e9',
    '18446744073709551616',
    '-',
    '\\x80',
    '\\777',
    '\n',
    '\u0000',
    '\ufeff',
    '__proto__',
    'constructor',
  ],
];

const piece = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const soup = fc
  .array(piece, { maxLength: 60 })
  .chain((parts) => fc.constantFrom('', ' ').map((gap) => parts.join(gap)));

/** The sample with some of it replaced. */
const mutated = fc
  .array(fc.tuple(fc.nat({ max: sample.length }), fc.nat({ max: 12 }), fc.oneof(piece, soup)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((edits) =>
    edits.reduce((text, [at, length, by]) => text.slice(0, at) + by + text.slice(at + length), sample),
  );

const anyText = fc.oneof(
  { weight: 3, arbitrary: mutated },
  { weight: 2, arbitrary: soup },
  fc.string({ unit: 'binary' }),
);

function powersFor(text: string): ConfigPowers {
  const refuse = (): Promise<never> => Promise.reject(new Error('nothing is run'));
  const contents = new Map([...files, [path, text]]);
  return {
    cwd: '/base',
    environment: {},
    statKind: (wanted) => Promise.resolve(contents.has(wanted) ? 'file' : 'missing'),
    readBytes: (wanted) => Promise.resolve(Buffer.from(contents.get(wanted) ?? '', 'utf8')),
    stampOf: () => Promise.resolve(''),
    importModule: refuse,
    delay: refuse,
  };
}

/** A value and the text of it. */
interface Written {
  readonly expression: unknown;
  readonly text: string;
}

const gap = fc.constantFrom('', ' ', '\n', ' # a comment\n', '\t');
const name = fc.stringMatching(/^[a-z]{1,6}$/u).filter((word) => !['import', 'embed', 'inf'].includes(word));

function escapeText(text: string): string {
  return text.replace(/["\\\n]/gu, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

const { value: written } = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc
      .bigInt({ min: 0n, max: 2n ** 64n - 1n })
      .map((value) => ({ expression: { kind: 'integer', value }, text: `${value}` })),
    fc
      .bigInt({ min: 0n, max: 2n ** 64n - 1n })
      .map((value) => ({ expression: { kind: 'integer', value: -value }, text: `-0x${value.toString(16)}` })),
    fc
      .string({ unit: 'grapheme' })
      .map((text) => ({ expression: { kind: 'text', text }, text: `"${escapeText(text)}"` })),
    fc.uint8Array({ maxLength: 8 }).map((bytes) => ({
      expression: { kind: 'data', bytes: [...bytes] },
      text: `0x"${Buffer.from(bytes).toString('hex')}"`,
    })),
    name.map((word) => ({ expression: { kind: 'reference', names: [word] }, text: `.${word}` })),
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), gap).map(([items, space]) => ({
      expression: { kind: 'list', items: items.map((item) => item.expression) },
      text: `[${items.map(({ text }) => space + text + space).join(',')}]`,
    })),
    fc.tuple(fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }), gap).map(([fields, space]) => ({
      expression: { kind: 'tuple', fields: fields.map(([key, value]) => [key, value.expression]) },
      text: `(${fields.map(([key, { text }]) => `${space}${key}${space}=${space}${text}`).join(',')}${space})`,
    })),
  ),
}));

/** A syntax tree without its positions. */
function plainTree(expression: Expression): unknown {
  switch (expression.kind) {
    case 'integer':
    case 'float':
      return { kind: expression.kind, value: expression.value };
    case 'text':
      return { kind: 'text', text: expression.text };
    case 'data':
      return { kind: 'data', bytes: [...expression.bytes] };
    case 'list':
      return { kind: 'list', items: expression.items.map(plainTree) };
    case 'tuple':
      return {
        kind: 'tuple',
        fields: expression.fields.map(({ name: key, value }) => [key?.text, plainTree(value)]),
      };
    case 'reference':
      return { kind: 'reference', names: expression.names.map(({ text }) => text) };
    case 'embed':
      return { kind: 'embed' };
  }
}

export const capnp: FuzzTarget = {
  name: 'capnp',
  properties: {
    'a text is parsed, or refused with errors at places in it': fc.asyncProperty(anyText, async (text) => {
      try {
        const parsed = parseCapnp(new Source(path, 'config.capnp', text));
        if ('errors' in parsed) assertGoodErrors(parsed.errors, text, 'config.capnp');
      } catch (error) {
        if (!(error instanceof TooLarge)) throw error;
        assertGoodErrors([error.error], text, 'config.capnp');
      }
    }),
    'a literal is parsed to what was written': fc.asyncProperty(written, async ({ text, expression }) => {
      const parsed = parseCapnp(new Source(path, 'config.capnp', `const x :T = ${text};`));
      const [declaration] = 'tree' in parsed ? parsed.tree.declarations : [];
      assert.ok(declaration?.kind === 'const', text);
      assert.deepEqual(plainTree(declaration.value), expression);
    }),
    'a file gives a configuration, or errors': fc.asyncProperty(anyText, async (text) => {
      const { errors } = await loadConfig('config.capnp', powersFor(text));
      if (errors !== undefined) assertGoodErrors(errors, text, 'config.capnp');
    }),
  },
};
