/** Blob and File inside a realm. https://w3c.github.io/FileAPI/ */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

t.test('a Blob holds a copy of parts of every kind', async (t) => {
  const results = await evaluate(`
    const bytes = Uint8Array.from([0x62, 0x63, 0x64, 0x65]);
    const blob = new Blob(['a', bytes.subarray(0, 1), new DataView(bytes.buffer, 1, 2), bytes.buffer, new Blob(['é']), 1, null, new String('s'), '\\ud800']);
    bytes.fill(0);
    const copy = await blob.arrayBuffer();
    new Uint8Array(copy).fill(0);
    return [await blob.text(), blob.size, blob.type, new Blob().size, await new Blob(Uint8Array.of(1, 2)).text(),
      await new Blob(new Set(['x', 'y'])).text(), Object.getPrototypeOf(copy) === ArrayBuffer.prototype, (await blob.bytes()).length];`);
  t.same(results, ['abcdbcdeé1nulls\ufffd', 19, '', 0, '12', 'xy', true, 19]);
});

t.test('options are converted in order, and wrong ones refused', async (t) => {
  const results = await evaluate(`
    const order = [];
    new File([{ toString() { order.push('part'); return ''; } }], { toString() { order.push('name'); return ''; } });
    const options = Object.create(null, { type: { get() { order.push('type'); } }, endings: { get() { order.push('endings'); } }, lastModified: { get() { order.push('lastModified'); } } });
    new File([], '', options);
    const error = (f) => { try { return f(); } catch (e) { return e.constructor === TypeError; } };
    return [order,
      [() => new Blob('text'), () => new Blob({}), () => new Blob(null), () => new Blob([], 1), () => new Blob([], { endings: 'x' }), () => Blob(), () => new File(), () => new File([]),
       () => new File(undefined, 'x'), () => new Blob([Symbol()])].map(error),
      ['TEXT/Html', 'a', 'é', 'a\\u0000', ' x ', '\\u212a'].map((type) => new Blob([], { type }).type),
      await new Blob(['a\\r\\nb\\rc\\n\\n'], { endings: 'native' }).text(), await new Blob(['a\\r\\nb'], { endings: 'transparent' }).text()];`);
  t.same(results, [
    ['part', 'name', 'endings', 'type', 'lastModified'],
    new Array(10).fill(true),
    ['text/html', 'a', '', '', ' x ', ''],
    'a\nb\nc\n\n',
    'a\r\nb',
  ]);
});

t.test('slice takes offsets from both ends, and shares no type', async (t) => {
  const results = await evaluate(`
    const blob = new Blob(['0123456789'], { type: 'text/x' });
    const slices = [[], [2], [2, 5], [-3], [-3, -1], [5, 2], [0, 99], [NaN, 3], [1.5, 3.5], [undefined, -8], ['1', '2'], [-99, 1], [Infinity]];
    const cut = blob.slice(1, 4, 'TEXT/Y');
    return [await Promise.all(slices.map((range) => blob.slice(...range).text())), cut.type, blob.slice().type, cut.slice(1).size, await cut.slice(1).text(),
      cut.constructor === Blob, blob.slice(0, 1, 'é').type];`);
  t.same(results, [
    ['0123456789', '23456789', '234', '789', '78', '', '0123456789', '012', '23', '01', '1', '0', ''],
    'text/y',
    '',
    2,
    '23',
    true,
    '',
  ]);
});

t.test('a Blob is read as text without its byte order mark, and as a stream', async (t) => {
  const results = await evaluate(`
    const big = new Blob([new Uint8Array(150_000).fill(7)]);
    const sizes = [];
    let sum = 0;
    for await (const chunk of big.stream()) { sizes.push(chunk.length); for (const byte of chunk) sum += byte; chunk.fill(0); }
    const again = (await big.bytes()).every((byte) => byte === 7);
    const reader = new Blob(['abc']).stream().getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(2));
    let empty = 0;
    for await (const chunk of new Blob().stream()) empty++;
    return [await new Blob([Uint8Array.of(0xef, 0xbb, 0xbf, 0x41, 0xff)]).text(), sizes, sum, again, Array.from(value), empty];`);
  t.same(results, ['A\ufffd', [65536, 65536, 18928], 1_050_000, true, [0x61, 0x62], 0]);
});

t.test('methods that give promises reject, and the others throw, on a wrong receiver', async (t) => {
  const results = await evaluate(`
    const outcome = async (f) => { let p; try { p = f(); } catch { return 'thrown'; } try { await p; return 'none'; } catch (e) { return e.constructor === TypeError; } };
    const { prototype } = Blob;
    return [await outcome(() => prototype.text.call({})), await outcome(() => prototype.arrayBuffer.call(1)), await outcome(() => prototype.bytes.call(null)),
      await outcome(() => prototype.slice.call({})), await outcome(() => prototype.stream.call({})), await outcome(() => prototype.size)];`);
  t.same(results, [true, true, true, 'thrown', 'thrown', 'thrown']);
});

t.test('a File has a name and a time', async (t) => {
  const results = await evaluate(`
    const file = new File(['x'], 'a/b\\ud800', { type: 'T/P', lastModified: 1.9 });
    const before = Date.now();
    const now = new File([], 'n').lastModified;
    return [file.name, file.type, file.lastModified, file.size, file instanceof Blob, String(file), file.slice() instanceof File,
      new File([], '', { lastModified: 'x' }).lastModified, new File([], '', { lastModified: -1.5 }).lastModified, now >= before && now <= Date.now(),
      Object.keys(File.prototype), File.length, Blob.length];`);
  t.same(results, [
    'a/b\ufffd',
    't/p',
    1,
    1,
    true,
    '[object File]',
    false,
    0,
    -1,
    true,
    ['name', 'lastModified'],
    2,
    0,
  ]);
});

t.test('a structured clone is a Blob or a File of its own with the same bytes', async (t) => {
  const results = await evaluate(`
    const file = new File(['bytes'], 'name', { type: 't/x', lastModified: 5 });
    const { file: copy, blob } = structuredClone({ file, blob: new Blob(['b'], { type: 'b/b' }) });
    return [copy !== file, copy instanceof File, copy.name, copy.type, copy.lastModified, await copy.text(), blob instanceof Blob, blob instanceof File, await blob.text()];`);
  t.same(results, [true, true, 'name', 't/x', 5, 'bytes', true, false, 'b']);
});

t.test('a body takes a Blob with its type, and gives one back', async (t) => {
  const results = await evaluate(`
    const whole = new Blob(['0123456789'], { type: 'text/x' });
    const response = new Response(whole.slice(2, 5, 'text/y'));
    const type = response.headers.get('content-type');
    const blob = await response.blob();
    const clean = await new Response('x', { headers: { 'content-type': 'TEXT/Html; Charset="UTF-8"; x=é' } }).blob();
    return [type, blob.type, await blob.text(), await whole.text(), clean.type, (await new Response('x', { headers: [['content-type', 'nonsense']] }).blob()).type];`);
  t.same(results, ['text/y', 'text/y', '234', '0123456789', 'text/html;charset=UTF-8;x="é"', '']);
});
