/**
 * Lint rules. What the compiler and the formatter see to is left to them; the blocks below hold what STYLE asks of all code, what
 * is different in tests, and what the prelude must not do because it shares its realm with worker code.
 */

import { createContext, runInContext, constants } from 'node:vm';
import tseslint from 'typescript-eslint';
import { noLateLookup } from './scripts/lint/no-late-lookup.ts';

const size = { skipBlankLines: true, skipComments: true };

/** Every name that a worker could have replaced in its realm. `undefined`, `NaN` and `Infinity` cannot be. */
const replaceableGlobals = runInContext(
  'Object.getOwnPropertyNames(globalThis)',
  createContext(constants.DONT_CONTEXTIFY),
).filter((name) => !['undefined', 'NaN', 'Infinity'].includes(name));

const common = {
  eqeqeq: 'error',
  'no-eval': 'error',
  'no-implied-eval': 'off', // the typed rule stands in
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'max-lines': ['error', { max: 300, ...size }],
  'max-lines-per-function': ['error', { max: 60, ...size }],
};

const typed = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/no-deprecated': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', ignoreClassWithStaticInitBlock: true },
  ],
  '@typescript-eslint/only-throw-error': ['error', { allowRethrowing: true, allowThrowingUnknown: true }],
  '@typescript-eslint/require-await': 'off', // an interface may be asynchronous where one implementation is not
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
  '@typescript-eslint/unbound-method': 'off', // records of functions are taken apart, and classes keep their state private
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
};

/** Powers that only entry points take from their surroundings. */
const hostPowers = [
  { name: 'process', message: 'Only entry points touch it: take what you need as an argument.' },
  {
    name: 'fetch',
    message: 'Requests leave through the service that globalOutbound names; see src/services/.',
  },
  { name: 'eval', message: 'Code generation from strings is off.' },
  { name: 'Function', message: 'Code generation from strings is off.' },
];

const shared = 'The prelude shares its realm with worker code, which ';
const iterates = shared + 'may have replaced %ArrayIteratorPrototype%.next and Symbol.iterator: ';

const WITHOUT_PROTOTYPE = "[properties.0.key.name='__proto__'][properties.0.value.raw='null']";

/** Syntax that looks something up on a prototype by itself. */
const restrictedSyntax = [
  { selector: 'ForOfStatement', message: iterates + 'use an index loop.' },
  { selector: 'ArrayExpression > SpreadElement', message: iterates + 'copy in an index loop.' },
  { selector: 'CallExpression > SpreadElement', message: iterates + 'use ReflectApply(f, self, list).' },
  { selector: 'NewExpression > SpreadElement', message: iterates + 'use ReflectConstruct(Class, list).' },
  { selector: 'ArrayPattern', message: iterates + 'read the elements by index.' },
  { selector: 'YieldExpression[delegate=true]', message: iterates + 'yield in a loop.' },
  {
    selector: 'NewExpression[callee.name=/^(Weak)?(Map|Set)Ctor$/][arguments.length>0]',
    message: iterates + 'make it empty, then add to it with the captured functions.',
  },
  {
    selector: "BinaryExpression[operator='instanceof']",
    message: shared + 'may have defined Symbol.hasInstance: use a brand check (#x in value).',
  },
  ...['ObjectExpression', 'TSAsExpression > ObjectExpression'].map((descriptor) => ({
    selector: `CallExpression[callee.name=/^(Reflect|Object)DefineProperty$/] > ${descriptor}:not(${WITHOUT_PROTOTYPE})`,
    message:
      shared + 'may have put get or value on Object.prototype: a descriptor begins with __proto__: null.',
  })),
  {
    selector:
      'CallExpression > MemberExpression.callee[object.type=/^(Literal|TemplateLiteral|ArrayExpression|ArrowFunctionExpression)$/]',
    message: shared + 'may have replaced the method: use the captured one of primordials.ts.',
  },
  {
    selector: 'ImportExpression',
    message: 'import() of a script rejects with an error of the host: use require().',
  },
];

export default tseslint.config(
  // r02-script.js is a sloppy script with everything that only such a script may have.
  { ignores: ['dist/', '.tap/', 'test/fixtures/', 'coverage/', 'test/hostile/inside/r02-script.js'] },
  // Types of workers: the compiler checks them, in projects of their own.
  {
    ignores: [
      'src/types.d.ts',
      'src/worker-globals.d.ts',
      'src/workers-module.d.ts',
      'scripts/worker-globals/',
      'test/types/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['{src,bench,scripts,test}/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: './tsconfig.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: { ...common, ...typed },
  },
  {
    files: ['workers/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './workers/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: { ...common, ...typed },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    extends: [tseslint.configs.base],
    rules: common,
  },
  {
    files: ['**/*.d.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/realm/prelude/**', 'src/nodejs/**'],
    rules: {
      'no-restricted-globals': ['error', ...hostPowers],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.object.name='Uint8Array'][callee.property.name='from'][arguments.length=1]",
          message:
            'Frozen intrinsics make it hundreds of times slower: use copyOfBytes() of shared/bytes.ts.',
        },
      ],
    },
  },
  {
    // The entry points, which hand powers to everything else.
    files: ['src/main.ts', 'src/cli/**/*.ts', 'src/thread/main.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    // Attacks: tables of snippets that run inside realms, forbidden things among them.
    files: ['test/hostile/inside/**'],
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off', 'no-eval': 'off' },
  },
  {
    // A suite is one function that holds its tests, and a reply is `any` until it has been compared.
    files: ['test/**/*.ts'],
    rules: {
      // What the types call a bad idea in servers is what is tested here.
      '@typescript-eslint/no-deprecated': 'off',
      // Cases of a table are typed by the table.
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      'max-lines': ['error', { max: 700, ...size }],
      'max-lines-per-function': 'off',
      // tap itself waits for its subtests.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafePromises: [
            { from: 'package', name: 'PromiseWithSubtest', package: '@tapjs/core' },
          ],
        },
      ],
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['src/realm/prelude/**/*.ts'],
    languageOptions: { parserOptions: { project: './src/realm/prelude/tsconfig.json' } },
    plugins: { nanod: { rules: { 'no-late-lookup': noLateLookup } } },
    rules: {
      'nanod/no-late-lookup': 'error',
      'no-restricted-globals': [
        'error',
        ...replaceableGlobals.map((name) => ({ name, message: shared + 'may have replaced it.' })),
      ],
      'no-restricted-syntax': ['error', ...restrictedSyntax],
      // A class hands its private half to other modules in a static block, where this rule misses the declared type.
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // Whoever reacts to a promise by this function does not wait for the outcome.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'file', name: 'PromisePrototypeThen' }] },
      ],
      '@typescript-eslint/only-throw-error': 'off', // what the prelude throws to itself needs no stack
      '@typescript-eslint/no-require-imports': 'off', // the bundler's, for what is loaded lazily
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/restrict-plus-operands': 'error',
    },
  },
  {
    // Runs in realms with the rights of worker code, of which it is a part: what a worker patches, it has patched for itself.
    files: ['src/nodejs/**/*.ts'],
    languageOptions: { parserOptions: { project: './src/nodejs/tsconfig.json' } },
    rules: {
      '@typescript-eslint/no-require-imports': 'off', // the bundler's, for what is loaded lazily
      // What a worker throws, rejects with or hands over is passed on as Node.js does it.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
  {
    // A table: one line for each global.
    files: ['src/realm/prelude/globals.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // The one place that may look: it runs before any worker code.
    files: ['src/realm/prelude/primordials.ts'],
    rules: {
      'max-lines': 'off',
      'nanod/no-late-lookup': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-syntax': 'off',
    },
  },
);
