/** Records as text: each is one line, and nothing in it is obeyed by a terminal. */

import t from 'tap';
import {
  formatRecord,
  type LogRecord,
  parseJsonLine,
  parsePrettyLine,
  toJsonLine,
  toPrettyLine,
} from '../../src/shared/log-record.ts';

const record: LogRecord = {
  level: 50,
  time: Date.UTC(2026, 10, 23, 1, 2, 3, 4),
  service: 'a:b',
  requestId: '1-2',
  msg: 'plain',
};

/** What services have tried to print. */
const forgeries = [
  'x\n{"level":50,"time":1,"service":"nanod","msg":"forged"}',
  '"}\n{"level":50',
  '\r2026-11-23T01:02:03.004Z ERROR nanod: forged',
  'x\n2026-11-23T01:02:03.004Z ERROR nanod: forged',
  '\u001b[2J\u001b[31m \u009b2J \u0007 \u0008\u0008',
  'a\u2028b\u2029c\u0085d\u202ee\ufeff',
  '\ud800 lone',
  '\u0000',
];

// C0 but for the line break, DEL, C1, and what reorders or breaks lines.
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\ufeff]/u;

t.test('every record is one line, whatever is in it', (t) => {
  for (const text of forgeries) {
    const err = { type: text, message: text, stack: text };
    for (const each of [
      { ...record, msg: text },
      { ...record, err, msg: 'uncaught' },
    ]) {
      for (const line of [toJsonLine(each), toPrettyLine(each)]) {
        t.equal(line.indexOf('\n'), line.length - 1);
        t.notMatch(line, obeyed);
      }
      t.strictSame(parseJsonLine(toJsonLine(each)), each);
      t.equal(parsePrettyLine(toPrettyLine(each).trimEnd())?.service, 'a:b');
    }
  }
  t.end();
});

t.test('on a terminal, further lines are indented', (t) => {
  for (const text of forgeries) {
    for (const color of [true, false]) {
      const shown = formatRecord({ ...record, msg: text }, { color });
      const plain = color ? shown.replaceAll(/\u001b\[\d+m/gu, '') : shown;
      t.notMatch(plain, obeyed);
      const [head, ...rest] = plain.trimEnd().split('\n');
      t.match(head, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ERROR a:b \[1-2\]: /);
      for (const line of rest) t.match(line, /^ {4}/);
    }
  }
  const err = { type: 'Error', message: 'm', stack: 'Error: m\n    at x (a.js:1:2)' };
  t.match(
    formatRecord({ ...record, err }, { color: false }),
    /plain\n {4}Error: m\n {8}at x \(a\.js:1:2\)\n$/,
  );
  t.end();
});

t.test('what is no record is none', (t) => {
  for (const line of ['', 'x', '1', 'null', '[]', '{}', '{"level":1,"time":"x","service":"a","msg":""}'])
    t.equal(parseJsonLine(line), undefined);
  for (const line of ['', 'x', '2026-99-99T00:00:00Z INFO a: b', '2026-11-23T01:02:03.004Z WHAT a: b'])
    t.equal(parsePrettyLine(line), undefined);
  t.strictSame(parsePrettyLine(toPrettyLine(record).trimEnd()), record);
  t.match(toPrettyLine({ ...record, time: 1e300 }), /^1970/);
  t.end();
});
