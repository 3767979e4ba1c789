import { readFileSync, readdirSync } from 'node:fs';
import t from 'tap';
import { errorsDoc } from '../../scripts/errors-doc.ts';
import { compareGenerated } from '../../scripts/generated-file.ts';
import { NanodError, describeError, errorTable, formatErrors, makeError } from '../../src/shared/errors.ts';
import type { ErrorEntry, ErrorPlace } from '../../src/shared/errors.ts';

const root = new URL('../../', import.meta.url);

t.test('the table is in alphabetical order, and every row says what it is', (t) => {
  const rows = Object.entries(errorTable) as [string, ErrorEntry<never>][];
  const codes = rows.map(([code]) => code);
  t.strictSame(codes, codes.toSorted());
  for (const [code, { summary, exitStatus, httpStatus }] of rows) {
    t.match(code, /^[A-Z]+(?:_[A-Z0-9]+)*$/);
    t.match(summary, /\.$/, `the summary of ${code} is a sentence`);
    t.ok(exitStatus !== undefined || httpStatus !== undefined, `${code} has a status`);
  }
  t.end();
});

t.test('every code is used', (t) => {
  const files = ['src', 'bin'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file}`,
    ),
  );
  const sources = files.filter((file) => /\.(?:ts|cjs)$/u.test(file) && file !== 'src/shared/errors.ts');
  const text = sources.map((file) => readFileSync(new URL(file, root), 'utf8')).join('\n');
  const unused = Object.keys(errorTable).filter((code) => !new RegExp(`['"\`]${code}['"\`]`, 'u').test(text));
  t.strictSame(unused, []);
  t.end();
});

t.test('docs/errors.md is what the table says', async (t) => {
  const { wanted, present } = await compareGenerated(errorsDoc);
  t.equal(present, wanted, 'npm run docs:errors');
  for (const code of Object.keys(errorTable)) t.match(present, `\n## ${code}\n`);
});

function at(place: ErrorPlace): string {
  return describeError(new NanodError('INTERNAL', 'message', undefined, place));
}

t.test('an error says where it stands, whatever is known of that', (t) => {
  t.equal(at({}), 'message');
  t.equal(at({ path: '' }), 'message');
  t.equal(at({ path: 'apps[0].script' }), 'apps[0].script: message');
  t.equal(at({ file: 'src/a.ts' }), 'src/a.ts: message');
  t.equal(at({ file: 'src/a.ts', line: 3 }), 'src/a.ts:3: message');
  t.equal(at({ file: 'src/a.ts', line: 3, column: 7 }), 'src/a.ts:3:7: message');
  t.equal(
    at({ file: 'src/a.ts', column: 7 }),
    'src/a.ts: message',
    'a column means nothing without its line',
  );
  t.equal(at({ line: 3, column: 7 }), 'line 3:7: message');
  t.equal(at({ path: 'apps[0]', file: 'a.json', line: 3, column: 7 }), 'apps[0] (a.json:3:7): message');
  t.end();
});

t.test('an error has the statuses of its row', (t) => {
  const config = makeError('CONFIG_VALUE', { expected: 'a', found: 'b' });
  t.match(config, { code: 'CONFIG_VALUE', exitStatus: 2, httpStatus: 500, message: 'expected a, found b' });
  t.equal(config.hint, undefined);
  const internal = makeError('INTERNAL', { reason: 'x' });
  t.match(internal, { exitStatus: 1, httpStatus: 500, name: 'NanodError' });
  t.end();
});

t.test('errors as the command line prints them', (t) => {
  t.equal(formatErrors([]), '');
  const errors = [
    new NanodError('CONFIG_VALUE', 'first', 'try this', { path: 'apps[0]' }),
    new NanodError('CONFIG_SYNTAX', 'second', undefined, {
      file: 'a.js',
      line: 1,
      column: 2,
      frame: '> 1 | x\n    |  ^',
    }),
    new NanodError('INTERNAL', 'on two\nlines\n', 'as\nis this', {}),
  ];
  t.equal(
    formatErrors(errors),
    `error[CONFIG_VALUE]: apps[0]: first
  hint: try this
error[CONFIG_SYNTAX]: a.js:1:2: second
  > 1 | x
      |  ^
error[INTERNAL]: on two
    lines
  hint: as
    is this
`,
  );
  t.end();
});

t.test('nothing in an error can drive the terminal', (t) => {
  const evil = '\u001b]0;x\u0007\r\u009b1m\u202e';
  const text = formatErrors([new NanodError('INTERNAL', evil, evil, { path: evil, frame: evil })]);
  t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  t.match(text, '\\u001b]0;x\\u0007');
  t.end();
});
