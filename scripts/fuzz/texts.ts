/** Texts that are nearly configurations in JSON or TOML, and the directory in which they are read. */
import fc from 'fast-check';
import type { ConfigPowers } from '../../src/config/powers.ts';

const words = [
  ...'[]{},.:=-"#\\\'/*+'.split(''),
  ...['[[', ']]', '"""', "'''", '//', '/*', '*/', 'true', 'inf', 'nan', '1979-05-27', '1e400', '\\u', '0x'],
  ...['name', 'main', 'vars', 'services', 'env', 'routes', 'dev', 'port', '__proto__', 'constructor'],
  ...['\n', '\r\n', '\u0000', '\ufeff', '"a" = 1\n', '[a]\n', '[[a]]\n'],
];

const piece = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const soup = fc
  .array(piece, { maxLength: 60 })
  .chain((parts) => fc.constantFrom('', ' ').map((gap) => parts.join(gap)));

/** A sample with some of it replaced, or something else altogether. */
export function textLike(sample: string): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat({ max: sample.length }), fc.nat({ max: 12 }), fc.oneof(piece, soup));
  const mutated = fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((text, [at, length, by]) => text.slice(0, at) + by + text.slice(at + length), sample),
    );
  return fc.oneof(
    { weight: 3, arbitrary: mutated },
    { weight: 2, arbitrary: soup },
    fc.string({ unit: 'binary' }),
  );
}

/** A directory with a worker in it, and one file of this name. Nothing is run. */
export function powersFor(name: string, text: string): ConfigPowers {
  const refuse = (): Promise<never> => Promise.reject(new Error('nothing is run'));
  const contents = new Map([
    [`/base/${name}`, text],
    ['/base/w.js', ''],
  ]);
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
