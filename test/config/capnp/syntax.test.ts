/** The text of capnp files: tokens, statements, and errors where the text goes wrong. */
import t from 'tap';
import { parseCapnp } from '../../../src/config/capnp/parser.ts';
import { Source } from '../../../src/config/capnp/source.ts';
import type { Expression } from '../../../src/config/capnp/syntax.ts';
import { describeError } from '../../../src/shared/errors.ts';

function parse(text: string): ReturnType<typeof parseCapnp> {
  return parseCapnp(new Source('/base/x.capnp', 'x.capnp', text));
}

/** `line:column: message` of every error. */
function errorsOf(text: string): string[] {
  const parsed = parse(text);
  return 'errors' in parsed ? parsed.errors.map((error) => describeError(error).replace('x.capnp:', '')) : [];
}

/** The value of `const x :Text = …;`. */
function valueOf(written: string): Expression | string[] {
  const parsed = parse(`const x :T = ${written};`);
  if ('errors' in parsed) return parsed.errors.map(describeError);
  const [declaration] = parsed.tree.declarations;
  return declaration?.kind === 'const' ? declaration.value : [];
}

t.test('numbers in every notation', (t) => {
  const integers: readonly [string, bigint][] = [
    ['0', 0n],
    ['1024', 1024n],
    ['-5', -5n],
    ['0x1F', 31n],
    ['-0xff', -255n],
    ['017', 15n],
    ['18446744073709551615', 18446744073709551615n],
    ['- 3', -3n],
  ];
  for (const [written, value] of integers) t.match(valueOf(written), { kind: 'integer', value }, written);
  const floats: readonly [string, number][] = [
    ['1.5', 1.5],
    ['-0.25', -0.25],
    ['1e3', 1000],
    ['2.5E-1', 0.25],
    ['-inf', -Infinity],
  ];
  for (const [written, value] of floats) t.match(valueOf(written), { kind: 'float', value }, written);
  t.end();
});

t.test('text with escapes, in pieces, and line by line', (t) => {
  const texts: readonly [string, string][] = [
    ['""', ''],
    ['"plain"', 'plain'],
    [String.raw`"\a\b\f\n\r\t\v\'\"\\\?"`, '\u0007\b\f\n\r\t\v\'"\\?'],
    [String.raw`"\x41\101\x7e"`, 'AA~'],
    [String.raw`"\xe2\x82\xac"`, '€'],
    [String.raw`"\0"`, '\0'],
    ['"é€😀"', 'é€😀'],
    ['"one " "two " # a comment\n "three"', 'one two three'],
    ['`first\n  `second "quoted" \\n\n', 'first\nsecond "quoted" \\n\n'],
    ['"tab\there"', 'tab\there'],
  ];
  for (const [written, text] of texts) t.match(valueOf(written), { kind: 'text', text }, written);
  t.end();
});

t.test('bytes', (t) => {
  const bytes = valueOf('0x"c0 FF\n ee"');
  t.match(bytes, { kind: 'data' });
  t.strictSame([...('bytes' in bytes ? (bytes.bytes ?? []) : [])], [0xc0, 0xff, 0xee]);
  t.match(valueOf('0x""'), { kind: 'data', bytes: { length: 0 } });
  t.end();
});

t.test('lists, tuples, references, embedded files', (t) => {
  t.match(valueOf('[1, 2, ]'), { kind: 'list', items: [{ value: 1n }, { value: 2n }] });
  t.match(valueOf('[]'), { kind: 'list', items: { length: 0 } });
  t.match(valueOf('()'), { kind: 'tuple', fields: { length: 0 } });
  t.match(valueOf('(a = 1, b = (c = "x",),)'), {
    kind: 'tuple',
    fields: [{ name: { text: 'a' } }, { name: { text: 'b' }, value: { kind: 'tuple' } }],
  });
  t.match(valueOf('("x")'), { kind: 'text', text: 'x' }, 'one value in parentheses is that value');
  t.match(valueOf('.other'), { kind: 'reference', from: 'file', names: [{ text: 'other' }] });
  t.match(valueOf('a.b.c'), { kind: 'reference', from: 'scope', names: { length: 3 } });
  t.match(valueOf('import "f.capnp".x'), { from: { text: 'f.capnp' }, names: [{ text: 'x' }] });
  t.match(valueOf('embed "worker.js"'), { kind: 'embed', path: { text: 'worker.js' } });
  t.end();
});

t.test('everything else that a file may hold', (t) => {
  const parsed = parse(`\ufeff@0xbf5147cbbecf40c1;  # an id
    $Cxx.namespace("x");
    using Cxx = import "/capnp/c++.capnp";
    using import "other.capnp".Thing;
    using Short = Cxx.Long;
    struct Point @0x8ffb1bbbd9e9e9e9 (T) $a(1) {
      x @0 :Int32 = 5; # a field
      union { a @1 :Void; b :group { c @2 :Text; } }
      const origin :Text = "o";
      enum Color { red @0; green @1; }
      using Alias = Short;
    }
    interface Foo extends(Bar) { get @0 (a :Text = "}") -> (b :List(Text)); }
    annotation note(struct, field) :Text;
    const last :Text $a = "x";`);
  t.strictSame('errors' in parsed ? parsed.errors.map(describeError) : [], [
    'x.capnp:15:22: expected `=` and the value of the constant, found "$"',
  ]);
  const good = parse(
    'struct A { const x :Text = "1"; struct B { const y :Text = "2"; } } const z :Text = "3" $a;',
  );
  t.match('tree' in good ? good.tree.declarations : good.errors, [
    { kind: 'type', members: [{ name: { text: 'x' } }, { members: [{ name: { text: 'y' } }] }] },
    { name: { text: 'z' } },
  ]);
  t.end();
});

t.test('errors stand where the text goes wrong, and say what was expected', (t) => {
  const cases: readonly [string, string][] = [
    ['const', '1:6: expected the name of the constant, found the end of the file'],
    ['const x', '1:8: expected `:` and the type of the constant, found the end of the file'],
    ['const x :Text', '1:14: expected `=` and the value of the constant, found the end of the file'],
    ['const x :Text = ', '1:17: expected a value, found the end of the file'],
    ['const x :Text = "a"', '1:20: expected `;`, found the end of the file'],
    ['const x :Text = ;', '1:17: expected a value, found ";"'],
    ['const x :T = (a = 1;', '1:20: expected `,` or `)`, found ";"'],
    ['const x :T = (a = 1', '1:14: the `(` that stands here is not closed'],
    ['const x :T = [1, 2', '1:14: the `[` that stands here is not closed'],
    ['const x :T = [1 2];', '1:17: expected `,` or `]`, found the number 2'],
    ['const x :T = (1 = 2);', '1:15: expected the name of a field before `=`'],
    ['const x :T = (a.b = 2);', '1:15: expected the name of a field before `=`'],
    ['const x :T = -"a";', '1:15: expected a number, found the text "a"'],
    ['const x :T = embed worker;', '1:20: expected the name of a file in double quotes, found "worker"'],
    ['const x :T = a.;', '1:16: expected the name of a member, found ";"'],
    ['cosnt x :T = 1;', '1:1: expected `using` or `const`, found "cosnt"'],
    ['"x";', '1:1: expected a statement such as `using` or `const`, found the text "x"'],
    ['}', '1:1: expected a statement such as `using` or `const`, found "}"'],
    ['using import "a";', '1:17: expected `=`: `using Name = import "file.capnp";`, found ";"'],
    ['using a.b = c;', '1:7: expected a name before `=`'],
    ['struct A {', '1:10: the `{` that stands here has no `}`'],
    ['@x;', '1:2: expected a number, found "x"'],
    ['const x :Text = "a\n";', '1:17: the text that starts here has no end on its line'],
    [String.raw`const x :Text = "\q";`, String.raw`1:18: there is no escape "\\q"`],
    [`const x :Text = 'a';`, `1:17: "'" has no meaning here`],
    ['const x :T = 0x"c";', '1:14: half a byte: bytes are pairs of hexadecimal digits'],
    ['const x :T = 0x"zz";', '1:14: the bytes that start here have no end'],
    ['const x :T = 5px;', '1:14: "5px" is not a number'],
    ['const x :T = 08;', '1:14: "08" is not a number'],
    ['const x :T = 18446744073709551616;', '1:14: the number 18446744073709551616 is too large'],
    [`const x :T = ${'9'.repeat(200)};`, '1:14: a number of 200 characters is too long'],
    ['ünder', '1:1: "ü" has no meaning here'],
  ];
  for (const [text, expected] of cases) t.equal(errorsOf(text)[0], expected, text.slice(0, 60));
  t.end();
});

t.test('a file is read on after an error, statement by statement', (t) => {
  const text = `const a :Text = ;
const b :Text = "fine";
const c Text = "x";
struct S { const d :Text = (; }
const e :Text = [;
const f :Text = (a = ;, b = (c = 1;));
const g :Text = "fine";`;
  t.strictSame(errorsOf(text), [
    '1:17: expected a value, found ";"',
    '3:9: expected `:` and the type of the constant, found "Text"',
    '4:29: expected a value, found ";"',
    '5:18: expected a value, found ";"',
    '6:22: expected a value, found ";"',
  ]);
  t.end();
});

t.test('an error shows the lines around it', (t) => {
  const parsed = parse('using A = B;\nconst x :T = ;\n');
  const [error] = 'errors' in parsed ? parsed.errors : [];
  t.equal(error?.place.frame, '  1 | using A = B;\n> 2 | const x :T = ;\n    |              ^\n  3 |');
  t.end();
});
