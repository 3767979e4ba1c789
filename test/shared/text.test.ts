import t from 'tap';
import { codeFrame, lineIndex } from '../../src/shared/code-frame.ts';
import { displayPath } from '../../src/shared/display-path.ts';
import { describeThrown, printable, quote, shorten } from '../../src/shared/text.ts';

t.test('quoted text is short, on one line and harmless', (t) => {
  t.equal(quote('plain'), '"plain"');
  t.equal(quote('a "b"\n'), '"a \\"b\\"\\n"');
  t.equal(quote('\u001b\u009b\u202e\u2028\ud800'), '"\\u001b\\u009b\\u202e\\u2028\\ud800"');
  t.equal(quote('é 日本 😀'), '"é 日本 😀"');
  t.equal(quote('x'.repeat(100)), `"${'x'.repeat(79)}…"`);
  t.end();
});

t.test('printable text keeps its lines', (t) => {
  t.equal(printable('a\nb\tc\r\u0000😀\ud800'), 'a\nb\\u0009c\\u000d\\u0000😀\\ud800');
  t.end();
});

t.test('text is cut with a mark', (t) => {
  t.equal(shorten('abc', 3), 'abc');
  t.equal(shorten('abcd', 3), 'ab…');
  t.end();
});

t.test('a thrown value is described without trusting it', (t) => {
  t.equal(describeThrown(new Error('one\ntwo')), 'one');
  t.equal(describeThrown('text'), 'text');
  t.equal(describeThrown(undefined), 'undefined');
  t.equal(describeThrown({ message: 5 }), '5');
  t.equal(describeThrown({ message: '' }), 'an error without a message');
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  t.equal(describeThrown(proxy), 'a value that cannot be described');
  t.equal(
    describeThrown({ message: { toString: () => 5, [Symbol.toPrimitive]: () => ({}) } }),
    'a value that cannot be described',
  );
  t.end();
});

t.test('a frame marks its position among two lines on each side', (t) => {
  const source = ['one', 'two', 'three', '\tfour', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].join('\n');
  t.equal(
    codeFrame(source, { line: 4, column: 2 }),
    `  2 | two
  3 | three
> 4 |   four
    |   ^
  5 | five
  6 | six`,
  );
  t.equal(
    codeFrame(source, { line: 10, column: 4 }),
    `   8 | eight
   9 | nine
> 10 | ten
     |    ^`,
  );
  t.equal(codeFrame('a\r\nb', { line: 2 }), '  1 | a\n> 2 | b');
  t.equal(codeFrame('', { line: 1, column: 1 }), '> 1 |\n    | ^');
  t.equal(codeFrame('a', { line: 2 }), undefined);
  t.equal(codeFrame('a', { line: 0 }), undefined);
  t.end();
});

t.test('a frame of a minified file is cut around the position', (t) => {
  const frame = codeFrame(`${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`, { line: 1, column: 5001 }) ?? '';
  const [line = '', marker = ''] = frame.split('\n');
  t.ok(line.length < 130);
  t.equal(line.slice(marker.indexOf('^')).slice(0, 4), 'HERE');
  t.end();
});

t.test('a frame escapes what a terminal would obey', (t) => {
  t.equal(codeFrame('a\u001b[2Jb', { line: 1, column: 6 }), '> 1 | a\\u001b[2Jb\n    |           ^');
  t.end();
});

t.test('offsets become positions', (t) => {
  const positionOf = lineIndex('ab\n\ncd\r\ne');
  const positions = [0, 2, 3, 4, 6, 8, 9].map(positionOf).map(({ line, column }) => `${line}:${column}`);
  t.strictSame(positions, ['1:1', '1:3', '2:1', '3:1', '3:3', '4:1', '4:2']);
  t.strictSame(lineIndex('')(0), { line: 1, column: 1 });
  t.end();
});

t.test('paths are shown from the working directory where that is shorter', (t) => {
  t.equal(displayPath('/srv/app/a.js', '/srv/app'), 'a.js');
  t.equal(displayPath('/srv/a.js', '/srv/app'), '../a.js');
  t.equal(displayPath('/etc/a.js', '/home/user/projects/app'), '/etc/a.js');
  t.equal(displayPath('/srv/app', '/srv/app'), '/srv/app');
  t.end();
});
