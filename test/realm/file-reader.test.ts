/** FileReader: its events, and what a blob becomes. */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

const READ = `
  const read = (blob, method, ...args) => new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader[method](blob, ...args);
  });`;

t.test('a blob is read as text, bytes, a data URL or a binary string', async (t) => {
  const results = await evaluate(`${READ}
    const bytes = (...values) => new Blob([new Uint8Array(values)]);
    const buffer = await read(bytes(1, 255), 'readAsArrayBuffer');
    return [
      await read(new Blob(['hé']), 'readAsText'), await read(bytes(0xe9), 'readAsText', 'latin1'), await read(bytes(0xe9), 'readAsText', 'no such'),
      await read(new Blob([new Uint8Array([0xe9])], { type: 'text/plain;charset=iso-8859-1' }), 'readAsText'),
      await read(bytes(0xfe, 0xff, 0, 0x68), 'readAsText'), await read(bytes(0xef, 0xbb, 0xbf, 0x68), 'readAsText', 'latin1'),
      buffer instanceof ArrayBuffer, [...new Uint8Array(buffer)],
      await read(new Blob(['TEST'], { type: 'text/plain' }), 'readAsDataURL'), await read(bytes(255), 'readAsDataURL'),
      await read(bytes(1, 255, 0x80), 'readAsBinaryString') === '\\u0001\\u00ff\\u0080', await read(new Blob([]), 'readAsText'),
    ];`);
  t.same(results, [
    'hé',
    'é',
    '\ufffd',
    'é',
    'h',
    'h',
    true,
    [1, 255],
    'data:text/plain;base64,VEVTVA==',
    'data:application/octet-stream;base64,/w==',
    true,
    '',
  ]);
});

t.test('the events come in tasks of their own, and abort ends a read at once', async (t) => {
  const results = await evaluate(`
    const seen = [];
    const reader = new FileReader();
    const types = ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend'];
    for (const type of types) {
      reader.addEventListener(type, (event) => seen.push([type, reader.readyState, reader.result, event.loaded, event.total, event instanceof ProgressEvent]));
    }
    const code = (f) => { try { return f(); } catch (e) { return e.name; } };
    reader.readAsText(new Blob(['abc']));
    const busy = code(() => reader.readAsText(new Blob(['abc'])));
    await new Promise((resolve) => { reader.onloadend = resolve; });
    const events = seen.splice(0);
    reader.onloadend = null;
    reader.readAsText(new Blob(['abc']));
    reader.abort();
    const aborted = seen.splice(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return [busy, events, aborted, seen, reader.error, FileReader.LOADING, reader.DONE, code(() => reader.readAsText('x')), code(() => FileReader())];`);
  t.same(results, [
    'InvalidStateError',
    [
      ['loadstart', 1, null, 0, 3, true],
      ['progress', 1, null, 3, 3, true],
      ['load', 2, 'abc', 3, 3, true],
      ['loadend', 2, 'abc', 3, 3, true],
    ],
    [
      ['abort', 2, null, 0, 0, true],
      ['loadend', 2, null, 0, 0, true],
    ],
    [],
    null,
    1,
    2,
    'TypeError',
    'TypeError',
  ]);
});
