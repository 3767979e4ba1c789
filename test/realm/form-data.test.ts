/** FormData inside a realm, and multipart/form-data both ways. https://xhr.spec.whatwg.org/#interface-formdata */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

/** The entries of a multipart body with the boundary `b`, or the name of what parsing throws. */
function parse(body: string, contentType = 'multipart/form-data; boundary=b'): Promise<unknown> {
  return evaluate(`
    const init = { headers: { 'content-type': ${JSON.stringify(contentType)} } };
    try {
      const entries = [];
      for (const [name, value] of await new Response(${JSON.stringify(body)}, init).formData()) {
        entries.push(typeof value === 'string' ? [name, value] : [name, value.name, value.type, await value.text()]);
      }
      return entries;
    } catch (error) { return error.constructor === TypeError ? 'TypeError' : String(error); }`);
}

const part = (headers: string, value: string): string => `--b\r\n${headers}\r\n\r\n${value}\r\n`;

t.test('entries are added, found, replaced and removed', async (t) => {
  const results = await evaluate(`
    const form = new FormData();
    form.append('a', 1);
    form.append('a', '\\ud800');
    form.append('file', new Blob(['x'], { type: 't/x' }));
    form.append('named', new File(['y'], 'y.txt', { lastModified: 7 }), 'z.txt');
    const file = new File([], 'same');
    form.append('same', file);
    const seen = [form.get('a'), form.getAll('a'), form.get('file').name, form.get('file').type, form.get('named').name, form.get('named').lastModified,
      form.get('same') === file, form.has('x'), form.get('x'), form.getAll('x')];
    form.set('a', 'only');
    form.set('new', new Blob(), 'n');
    form.delete('file');
    seen.push([...form.keys()], form.get('a'), [...form.values()].map((v) => typeof v), [...form].length, String(form));
    form.forEach(function (value, name, self) { if (name === 'a') seen.push(value, self === form, this.t); }, { t: 1 });
    return seen;`);
  t.same(results, [
    '1',
    ['1', '\ufffd'],
    'blob',
    't/x',
    'z.txt',
    7,
    true,
    false,
    null,
    [],
    ['a', 'named', 'same', 'new'],
    'only',
    ['string', 'object', 'object', 'object'],
    4,
    '[object FormData]',
    'only',
    true,
    1,
  ]);
});

t.test('wrong arguments are TypeErrors', async (t) => {
  const all = await evaluate(`
    const form = new FormData();
    const calls = [() => new FormData(null), () => new FormData({}), () => form.append('a'), () => form.append('a', 'b', 'c'), () => form.set('a', {}, undefined),
      () => form.get(), () => form.delete(), () => form.forEach(), () => form.append(Symbol(), 1), () => FormData.prototype.get.call({}, 'a'), () => FormData()];
    return calls.map((call) => { try { call(); return 'no error'; } catch (e) { return e.constructor === TypeError; } });`);
  t.same(all, new Array(11).fill(true));
});

t.test('multipart is written as browsers write it', async (t) => {
  const [type, text] = (await evaluate(`
    const form = new FormData();
    form.append('a"\\r\\nb\\nc', 'x\\ry\\n');
    form.append('é', new File(['\\r\\n\\u0000'], 'q"\\n\\\\é%22', { type: 'T/X' }));
    form.append('e', new Blob([]));
    const response = new Response(form);
    return [response.headers.get('content-type'), await response.text()];`)) as [string, string];
  const boundary = /^multipart\/form-data; boundary=([\w-]{20,70})$/.exec(type)?.[1] ?? '';
  t.equal(
    text,
    [
      `--${boundary}`,
      'Content-Disposition: form-data; name="a%22%0D%0Ab%0D%0Ac"',
      '',
      'x\r\ny\r\n',
      `--${boundary}`,
      'Content-Disposition: form-data; name="é"; filename="q%22%0A\\é%22"',
      'Content-Type: t/x',
      '',
      '\r\n\u0000',
      `--${boundary}`,
      'Content-Disposition: form-data; name="e"; filename="blob"',
      'Content-Type: application/octet-stream',
      '',
      '',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  );
});

t.test('what is written is read again', async (t) => {
  const results = await evaluate(`
    const form = new FormData();
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);
    form.append('"quoted"', '--not a boundary\\r\\n--');
    form.append('\\ufefffile', new File([bytes], 'ä"ö.bin', { type: 'a/b' }));
    const read = await new Response(form).formData();
    const file = read.get('\\ufefffile');
    const empty = await new Response(new FormData()).formData();
    return [[...read.keys()], read.get('"quoted"'), file.name, file.type, (await file.bytes()).every((b, i) => b === bytes[i]), file.size, [...empty].length];`);
  t.same(results, [['"quoted"', '\ufefffile'], '--not a boundary\r\n--', 'ä"ö.bin', 'a/b', true, 1000, 0]);
});

t.test('multipart of other clients is read too', async (t) => {
  t.same(
    await parse(`${part('Content-Disposition: form-data; name="a"', '1')}--b--`),
    [['a', '1']],
    'no line end at the end',
  );
  t.same(
    await parse(`preamble\r\n${part('content-disposition:form-data;name=a', '1')}--b--\r\nepilogue`),
    [['a', '1']],
    'preamble, epilogue, no quotes, no spaces',
  );
  t.same(
    await parse(
      `${part('Content-Type: text/X\r\nX-Other: 1\r\nContent-Disposition: Form-Data; filename="f;x"; name="a"', '')}--b--\r\n`,
    ),
    [['a', 'f;x', 'text/x', '']],
    'headers and parameters in another order',
  );
  t.same(
    await parse(
      `${part("Content-Disposition: form-data; name=a; filename=_.txt; filename*=UTF-8''%c3%a9.txt", 'x')}--b--\r\n`,
    ),
    [['a', 'é.txt', 'text/plain', 'x']],
    'filename*',
  );
  t.same(
    await parse(`--b \t\r\nContent-Disposition: form-data; name="a%0D%0a%22%41"\r\n\r\n\r\n--b--\r\n`),
    [['a\r\n"%41', '']],
    'padding after the boundary; an empty value; escapes',
  );
  t.same(
    await parse(`${part('Content-Disposition: form-data; name="é"', '--b')}--b--\r\n`),
    [['é', '--b']],
    'a boundary that begins no line is a value',
  );
});

t.test('malformed multipart is a TypeError', async (t) => {
  const bodies = {
    'no boundary in it': 'text',
    'an empty body': '',
    'no last boundary': part('Content-Disposition: form-data; name="a"', '1').slice(0, -2),
    'no Content-Disposition': `${part('Content-Type: text/plain', '1')}--b--\r\n`,
    'another disposition': `${part('Content-Disposition: attachment; name="a"', '1')}--b--\r\n`,
    'no name': `${part('Content-Disposition: form-data; filename="a"', '1')}--b--\r\n`,
    'a header without a colon': `${part('nonsense', '1')}--b--\r\n`,
    'a header with an empty name': `${part(': x', '1')}--b--\r\n`,
    'lines that end in LF only': '--b\nContent-Disposition: form-data; name="a"\n\n1\n--b--\n',
    'text behind the boundary': '--bxx\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n',
    'headers without end': '--b\r\nContent-Disposition: form-data; name="a"',
    'huge headers': `${part(`X: ${'x'.repeat(20_000)}\r\nContent-Disposition: form-data; name="a"`, '1')}--b--\r\n`,
    'many empty headers': `${part(`${'x:\r\n'.repeat(5_000)}Content-Disposition: form-data; name="a"`, '1')}--b--\r\n`,
    'too many parts': `${part('Content-Disposition: form-data; name="a"', '').repeat(10_001)}--b--\r\n`,
  };
  for (const [what, body] of Object.entries(bodies)) t.equal(await parse(body), 'TypeError', what);
  t.equal(await parse('--b--\r\n', 'multipart/form-data'), 'TypeError', 'no boundary in the type');
  t.equal(await parse('--b--\r\n', 'multipart/mixed; boundary=b'), 'TypeError', 'another type');
  t.equal(await parse('a=1', 'text/plain'), 'TypeError', 'no form');
  t.equal(await parse('a=1', ''), 'TypeError', 'no type');
});

t.test('a large body made to look like boundaries is read as what it is', async (t) => {
  const lengths = await evaluate(`
    const boundary = '-'.repeat(60);
    const type = { headers: { 'content-type': 'multipart/form-data; boundary=' + boundary } };
    const head = '--' + boundary + '\\r\\nContent-Disposition: form-data; name="a"\\r\\n\\r\\n';
    const lengths = [];
    for (const unit of ['xyzw', '-', '\\r\\n-', '\\r\\n' + '-'.repeat(58)]) {
      const body = head + unit.repeat(4_000_000 / unit.length) + 'x\\r\\n--' + boundary + '--';
      lengths.push((await new Response(body, type).formData()).get('a').length);
    }
    return lengths;`);
  t.same(lengths, [4_000_001, 4_000_001, 4_000_000, 3_999_961]);
});
