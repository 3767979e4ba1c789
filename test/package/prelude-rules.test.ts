/** The lint rules of the prelude: what each of them refuses, and what looks similar and is safe. */

import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import t from 'tap';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Each text stands in a module of the prelude, below these declarations. */
const DECLARATIONS = `
import { ArrayPrototypeJoin, MapCtor, ObjectCtor, PromisePrototypeThen, ReflectApply, ReflectDefineProperty } from './primordials.ts';
declare const list: unknown[];
declare const text: string;
declare const bytes: Uint8Array;
declare const promise: Promise<unknown>;
declare const value: unknown;
declare const target: object;
declare function f(...args: unknown[]): void;
declare class Own { #x: number; static is(value: object): boolean; map(): Own; push(value: number): void; get size(): number }
declare const own: Own;
declare const dictionary: { readonly then: () => void; readonly buffer: number };
f(ArrayPrototypeJoin, MapCtor, ObjectCtor, PromisePrototypeThen, ReflectApply, ReflectDefineProperty, list, text, bytes, promise);
f(value, target, own, dictionary);
`;

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'nanod/no-late-lookup': [
    'list.push(1);',
    "list['push'](1);",
    'f(list.map((x) => x));',
    'f(text.slice(1));',
    'f(`${text}!`.length.toString());',
    'void promise.then(() => {});',
    'f(bytes.length);',
    'f(bytes.buffer);',
    'f(f.call);',
    'f(ObjectCtor.keys(target));',
    'const { length } = bytes; f(length);',
    'const { slice: cut } = text; f(cut);',
    'f((list as readonly string[]).indexOf(text));',
  ],
  'no-restricted-globals': [
    'f(Array);',
    'f(new Map());',
    'f(globalThis);',
    'f(Symbol.iterator);',
    'class X extends Error {} f(X);',
  ],
  'no-restricted-syntax': [
    'for (const x of list) f(x);',
    'f([...list]);',
    'f(...list);',
    'const [first] = list; f(first);',
    'f(value instanceof Own);',
    "ReflectDefineProperty(target, 'x', { value: 1 });",
    "ReflectDefineProperty(target, 'x', { value: 1, __proto__: null } as PropertyDescriptor);",
    'f(new MapCtor([]));',
    "f('a'.slice(1));",
    'f([].concat());',
    "void import('./lazy.ts');",
  ],
  '@typescript-eslint/restrict-template-expressions': ['f(`${value}`);', 'f(`${target}`);'],
};

const ALLOWED: readonly string[] = [
  'f(own.map());',
  'own.push(1);',
  'f(own.size);',
  'dictionary.then();',
  'f(dictionary.buffer);',
  'f(list.length, text.length);',
  'list[list.length] = value;',
  "f(ArrayPrototypeJoin(list, ','));",
  'PromisePrototypeThen(promise, () => {});',
  "ReflectDefineProperty(target, 'x', { __proto__: null, value: { deep: 1 } } as PropertyDescriptor);",
  'f(new MapCtor<string, number>());',
  'f(ObjectCtor.prototype);',
  'f({ ...dictionary });',
  'const { buffer } = dictionary; f(buffer);',
  'const { length } = list; f(length);',
  'const { size, ...rest } = own; f(size, rest);',
  'f(undefined, NaN, Infinity);',
  'f(`${text} ${text.length}`);',
  'let p: Promise<void> | undefined; f(p);',
];

/**
 * The linter takes a run under `CI` for a single one and then parses every text against the program of the
 * first; here every text is another version of the same file.
 */
const linter = new ESLint({
  cwd: ROOT,
  overrideConfig: { languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } },
});

/** The rules that the text breaks. */
async function broken(text: string): Promise<string[]> {
  const filePath = `${ROOT}src/realm/prelude/lazy.ts`;
  const [result] = await linter.lintText(`${DECLARATIONS}${text}\n`, { filePath });
  const messages = result?.messages ?? [];
  const syntax = messages.find((message) => message.fatal);
  if (syntax !== undefined) throw new Error(syntax.message);
  return [...new Set(messages.map((message) => String(message.ruleId)))];
}

t.setTimeout(180_000);

for (const [rule, texts] of Object.entries(REFUSED)) {
  t.test(`${rule} refuses`, async (t) => {
    for (const text of texts) t.ok((await broken(text)).includes(rule), text);
  });
}

t.test('what is safe passes', async (t) => {
  for (const text of ALLOWED) t.strictSame(await broken(text), [], text);
});
