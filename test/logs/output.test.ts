/** Standard error as the place of a log, with a reader who stops. */

import t from 'tap';
import { makeLogOutput } from '../../src/supervisor/log-output.ts';

t.test('what does not fit is counted, and said once there is room', (t) => {
  const written: string[] = [];
  const stream = { writableLength: 0, write: (text: string) => written.push(text) };
  const output = makeLogOutput({ stream, most: 10, droppedLine: (count) => `dropped ${count}` });
  output.write('one');
  stream.writableLength = 9;
  output.write('two');
  output.write('three');
  t.strictSame(written, ['one']);
  stream.writableLength = 0;
  output.write('four');
  t.strictSame(written, ['one', 'dropped 2', 'four']);
  t.end();
});
