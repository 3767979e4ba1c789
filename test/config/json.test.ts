import t from 'tap';
import { JsonTextError, offsetOfPath, parseJsonText } from '../../src/config/json-text.ts';

const limits = { depth: 100, values: 10_000 };

function parse(text: string): unknown {
  return parseJsonText(text, limits).root.value;
}

/** `offset message`, or `accepted`. */
function failure(text: string): string {
  try {
    parse(text);
    return 'accepted';
  } catch (error) {
    return error instanceof JsonTextError ? `${error.offset} ${error.message}` : String(error);
  }
}

const documents = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1.5e+3',
  '-12E-2',
  '1e400',
  '""',
  '"\\u00e9\\n\\"\\\\\\/"',
  '"\ud83d\ude00"',
  '"\\ud800"',
  '[]',
  '{}',
  ' [ 1 , [ ] , { } ] ',
  '{"a":{"b":[1,{"c":null}]},"":1}',
  '\t\r\n1\n',
  '"\u007f\u2028"',
];

t.test('valid texts give what JSON.parse gives', (t) => {
  for (const text of documents) t.equal(JSON.stringify(parse(text)), JSON.stringify(JSON.parse(text)));
  t.equal(parse('\ufeff1'), 1, 'a byte order mark is skipped');
  t.end();
});

t.test('errors stand where the text goes wrong', (t) => {
  const cases: readonly [string, string][] = [
    ['', '0 expected a value, found the end of the file'],
    ['{"a":', '5 expected a value, found the end of the file'],
    ['{"a" 1}', '5 expected `:`, found "1"'],
    ['{"a":1 "b":2}', '7 expected `,` or `}`, found "\\""'],
    ['{"a":1,}', '7 expected a key in double quotes, found "}"'],
    ['{a:1}', '1 expected a key in double quotes, found "a"'],
    ["['x']", '1 expected a value, found "\'"'],
    ['[1 2]', '3 expected `,` or `]`, found "2"'],
    ['[1,]', '3 expected a value, found "]"'],
    ['[1', '2 expected `,` or `]`, found the end of the file'],
    ['1 2', '2 expected the end of the file, found "2"'],
    ['nul', '0 expected a value, found "nul"'],
    ['True', '0 expected a value, found "True"'],
    ['undefined', '0 expected a value, found "undefined"'],
    ['NaN', '0 expected a value, found "NaN"'],
    ['01', '0 expected a value, found "01"'],
    ['1.', '0 expected a value, found "1"'],
    ['.5', '0 expected a value, found "."'],
    ['+1', '0 expected a value, found "+"'],
    ['--1', '0 expected a value, found "-"'],
    ['0x10', '0 expected a value, found "0x10"'],
    ['1e', '0 expected a value, found "1e"'],
    ['"abc', '0 the string that starts here has no end on its line'],
    ['["a\nb"]', '1 the string that starts here has no end on its line'],
    ['"a\tb"', '2 a control character stands in a string; write it as \\u and four digits'],
    ['"\\x41"', '1 JSON has no such escape'],
    ['"\\u12"', '1 JSON has no such escape'],
    ['"\\', '1 JSON has no such escape'],
    ['[// x\n1]', '1 expected a value, found "/"'],
  ];
  for (const [text, expected] of cases) {
    t.equal(failure(text), expected, JSON.stringify(text));
    t.throws(() => JSON.parse(text) as unknown, SyntaxError);
  }
  t.end();
});

t.test('advice for what people are used to from JavaScript', (t) => {
  const advice = (text: string): string | undefined => {
    try {
      parse(text);
      return 'accepted';
    } catch (error) {
      return error instanceof JsonTextError ? error.advice : undefined;
    }
  };
  t.match(advice('{"a": 1, // x\n}'), /no comments/);
  t.match(advice('{"a": 1 /* x */}'), /no comments/);
  t.match(advice("{'a': 1}"), /double quotes/);
  t.match(advice('[1, ]'), /no comma after the last item/);
  t.equal(advice('[}'), undefined);
  t.end();
});

t.test('any text is accepted or refused exactly as JSON.parse does', (t) => {
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const alphabet = '{}[]:,"\\ntrue0123.eE+- \n\ta/\'u\u0000\ud83d';
  for (let round = 0; round < 20_000; round += 1) {
    let text = documents[random(documents.length)] ?? '';
    for (let edits = random(4); edits > 0; edits -= 1) {
      const at = random(text.length + 1);
      text = text.slice(0, at) + (alphabet[random(alphabet.length)] ?? '') + text.slice(at + random(2));
    }
    let expected = 'refused';
    try {
      expected = JSON.stringify(JSON.parse(text));
    } catch {
      // refused
    }
    const outcome = failure(text);
    const found = outcome === 'accepted' ? JSON.stringify(parse(text)) : 'refused';
    if (found !== expected) t.equal(found, expected, JSON.stringify(text));
    if (outcome.startsWith('SyntaxError')) t.fail(`${JSON.stringify(text)} threw ${outcome}`);
  }
  t.end();
});

t.test('positions of values', (t) => {
  const text = '{"apps": [{"name": "a"}, {"name": "b"}]}';
  const { root } = parseJsonText(text, limits);
  const at = (...path: (string | number)[]): string => text.slice(offsetOfPath(root, path)).slice(0, 6);
  t.equal(at(), '{"apps');
  t.equal(at('apps'), '"apps"');
  t.equal(at('apps', 1), '{"name');
  t.equal(at('apps', 1, 'name'), '"name"');
  t.equal(offsetOfPath(root, ['apps', 1, 'name']), text.lastIndexOf('"name"'));
  t.equal(
    offsetOfPath(root, ['apps', 1, 'script']),
    offsetOfPath(root, ['apps', 1]),
    'what is missing is where it should be',
  );
  t.equal(offsetOfPath(root, ['apps', 7]), offsetOfPath(root, ['apps']));
  t.end();
});

t.test('keys that an object has twice', (t) => {
  const { root, duplicates } = parseJsonText('{"a":1,"b":[{"c":1,"\\u0063":2}],"a":3}', limits);
  t.strictSame(duplicates, [
    { key: 'c', offset: 19, firstOffset: 13, path: ['b', 0, 'c'] },
    { key: 'a', offset: 32, firstOffset: 1, path: ['a'] },
  ]);
  t.equal(JSON.stringify(root.value), '{"a":3,"b":[{"c":2}]}');
  t.end();
});

t.test('depth and size are bounded', (t) => {
  t.equal(failure('['.repeat(1_000_000)), '100 the nesting is too deep');
  t.equal(failure('{"a":'.repeat(1_000_000)), '500 the nesting is too deep');
  t.match(failure(`[${'0,'.repeat(20_000)}0]`), /the configuration has too many values/);
  t.equal(failure('['.repeat(100) + ']'.repeat(100)), 'accepted');
  t.match(failure(`"${'x'.repeat(5_000_000)}`), /no end/);
  t.equal(failure(`"${'\\\\'.repeat(2_000_000)}"`), 'accepted');
  t.equal(failure(' '.repeat(5_000_000)), '5000000 expected a value, found the end of the file');
  t.end();
});
