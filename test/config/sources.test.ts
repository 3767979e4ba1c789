/** Code written in a configuration: modules, service-worker scripts, extensions and wrapped bindings. */

import t from 'tap';
import { allBindings, wrappersOf } from '../../src/config/types.ts';
import { accept, check, refuse, workerOf } from '../helpers/config.ts';

const inline = (text: string): object => ({ kind: 'inline', text });
const file = (path: string): object => ({ kind: 'file', path });

t.test('modules of every kind, as text and as files', async (t) => {
  const modules = [
    { name: './main.js', esModule: 'export default {}' },
    { name: 'lib/../a.ts', esModule: { file: './src/a.ts' } },
    { name: 'c', commonJs: 'exports.x = 1', namedExports: ['x', 'y'] },
    { name: 't', text: '' },
    { name: 'tf', text: { file: '/abs/t.txt' } },
    { name: 'd', data: 'AAEC' },
    { name: 'du', data: new Uint8Array([0, 1, 2]) },
    { name: 'w', wasm: { file: 'w.wasm' } },
    { name: 'j', json: { list: [1, null] } },
    { name: 'jf', json: { file: 'j.json' } },
    { name: 'jo', json: { json: { file: 'not a file' } } },
    { name: 'jn', json: null },
    { name: 'jb', json: { file: 'x', other: 1 } },
  ];
  const config = await accept({ apps: [{ name: 'a', modules }] });
  t.strictSame(workerOf(config, 'a').source, {
    kind: 'modules',
    modules: [
      { kind: 'esModule', name: 'main.js', content: inline('export default {}') },
      { kind: 'esModule', name: 'a.ts', content: file('/base/src/a.ts') },
      { kind: 'commonJs', name: 'c', content: inline('exports.x = 1'), namedExports: ['x', 'y'] },
      { kind: 'text', name: 't', content: inline('') },
      { kind: 'text', name: 'tf', content: file('/abs/t.txt') },
      { kind: 'data', name: 'd', content: inline('AAEC') },
      { kind: 'data', name: 'du', content: inline('AAEC') },
      { kind: 'wasm', name: 'w', content: file('/base/w.wasm') },
      { kind: 'json', name: 'j', content: inline('{"list":[1,null]}') },
      { kind: 'json', name: 'jf', content: file('/base/j.json') },
      { kind: 'json', name: 'jo', content: inline('{"file":"not a file"}') },
      { kind: 'json', name: 'jn', content: inline('null') },
      { kind: 'json', name: 'jb', content: inline('{"file":"x","other":1}') },
    ],
  });
});

t.test('service-worker scripts', async (t) => {
  const apps = [
    { name: 'a', serviceWorkerScript: 'addEventListener' },
    { name: 'b', serviceWorkerScript: { file: 'sw.js' } },
  ];
  const config = await accept({ apps });
  t.strictSame(workerOf(config, 'a').source, { kind: 'serviceWorker', content: inline('addEventListener') });
  t.strictSame(workerOf(config, 'b').source, { kind: 'serviceWorker', content: file('/base/sw.js') });
});

t.test('extensions and wrapped bindings, those within others first', async (t) => {
  const config = await accept(
    {
      apps: [
        {
          name: 'a',
          script: 'a.js',
          bindings: {
            OUTER: {
              wrapped: {
                moduleName: 'x:outer',
                entrypoint: 'make',
                innerBindings: {
                  S: { service: 'b' },
                  INNER: { wrapped: { moduleName: 'x:inner', innerBindings: { T: 'text' } } },
                  E: { fromEnvironment: 'TOKEN' },
                },
              },
            },
            LAST: { wrapped: { moduleName: 'x:inner' } },
          },
        },
        { name: 'b', script: 'b.js' },
      ],
      extensions: [
        { modules: [{ name: 'x:inner', internal: true, esModule: 'text' }] },
        {
          modules: [
            { name: 'x:outer', internal: true, esModule: { file: 'o.js' } },
            { name: 'x:api', esModule: '' },
          ],
        },
      ],
    },
    { environment: { TOKEN: 'secret' } },
  );
  t.strictSame(config.extensions, [
    { name: 'x:inner', internal: true, content: inline('text') },
    { name: 'x:outer', internal: true, content: file('/base/o.js') },
    { name: 'x:api', internal: false, content: inline('') },
  ]);
  const { bindings } = workerOf(config, 'a');
  t.match(bindings, [
    {
      kind: 'wrapped',
      name: 'OUTER',
      moduleName: 'x:outer',
      entrypoint: 'make',
      innerBindings: [
        { kind: 'service', service: 'b' },
        { kind: 'wrapped' },
        { kind: 'fromEnvironment', text: 'secret' },
      ],
    },
    { name: 'LAST', entrypoint: 'default', innerBindings: [] },
  ]);
  t.same(wrappersOf(bindings), [
    { module: 'x:inner', entrypoint: 'default' },
    { module: 'x:outer', entrypoint: 'make' },
    { module: 'x:inner', entrypoint: 'default' },
  ]);
  t.same(
    allBindings(bindings).map(({ name }) => name),
    ['S', 'T', 'INNER', 'E', 'OUTER', 'LAST'],
  );
});

t.test('exactly one source, and exactly one kind for each module', async (t) => {
  t.strictSame(
    await refuse({
      apps: [
        { name: 'a' },
        { name: 'b', script: 'b.js', serviceWorkerScript: '' },
        { name: 'c', modules: [{ name: 'x' }, { name: 'y', text: '', json: 1 }] },
        { name: 'd', modules: [] },
      ],
    }),
    [
      'CONFIG_MISSING apps[0].script: is missing; expected exactly one of script, modules, serviceWorkerScript, inherit',
      'CONFIG_VALUE apps[1]: expected exactly one of script, modules, serviceWorkerScript, inherit, found script and serviceWorkerScript',
      'CONFIG_MISSING apps[2].modules[0].esModule: is missing; expected exactly one of esModule, commonJs, text, data, wasm, json',
      'CONFIG_VALUE apps[2].modules[1]: expected exactly one of esModule, commonJs, text, data, wasm, json, found text and json',
      'CONFIG_VALUE apps[3].modules: expected an array of at least one module, found an empty array',
    ],
  );
});

t.test('everything that is wrong with modules is told, with its place', async (t) => {
  const kinds = { '/base/gone.js': 'missing', '/base/dir': 'directory' };
  t.strictSame(
    await refuse(
      {
        apps: [
          { name: 'a', modules: [{ name: 'main', text: 'x' }] },
          {
            name: 'b',
            modules: [
              { name: 'x', esModule: { file: 'gone.js' } },
              { name: './x', text: { file: 'dir' } },
              { name: '../y', text: '' },
              { name: 'z', text: '', namedExports: ['a'] },
            ],
          },
          { name: 'c', serviceWorkerScript: { file: 'gone.js', text: '' } },
          { name: 'd', modules: [{ name: 'x', esModule: 1, data: 'A' }] },
        ],
      },
      { kinds },
    ),
    [
      'CONFIG_UNKNOWN_KEY apps[2].serviceWorkerScript.text: unknown key "text"',
      'CONFIG_VALUE apps[3].modules[0]: expected exactly one of esModule, commonJs, text, data, wasm, json, found esModule and data',
      'CONFIG_VALUE apps[3].modules[0].esModule: expected source text, or an object { file }, found the number 1',
      'CONFIG_VALUE apps[3].modules[0].data: expected base64 with padding, or a Uint8Array, found the string "A"',
      'CONFIG_VALUE apps[1].modules[3].namedExports: expected namedExports only beside commonJs, found it beside text',
      'CONFIG_VALUE apps[0].modules[0].name: expected an esModule or a commonJs module, as the first module is the main module, found "text"',
      'SCRIPT_NOT_FOUND apps[1].modules[0].esModule.file: "gone.js" does not exist',
      'CONFIG_DUPLICATE apps[1].modules[1].name: the module name "x" is already taken by apps[1].modules[0].name',
      'SCRIPT_NOT_FOUND apps[1].modules[1].text.file: "dir" is a directory, not a script',
      'CONFIG_VALUE apps[1].modules[2].name: expected the name of a module: a relative path without a step that leads out of it, found "../y"',
      'SCRIPT_NOT_FOUND apps[2].serviceWorkerScript.file: "gone.js" does not exist',
    ],
  );
});

t.test('extensions and wrapped bindings that are wrong', async (t) => {
  const wrong = await refuse({
    apps: [
      {
        name: 'a',
        script: 'a.js',
        bindings: {
          A: { wrapped: { moduleName: 'x:menu' } },
          B: { wrapped: { moduleName: 'x:open', innerBindings: { S: { service: 'zz' }, 'a b': 1 } } },
          C: { wrapped: {} },
          D: { wrapped: { moduleName: 'x:deep', innerBindings: { KV: { kv: 1 }, A: { service: 'a' } } } },
        },
      },
    ],
    extensions: [
      {
        modules: [
          { name: 'x:open', esModule: '' },
          { name: 'x:deep', internal: true, esModule: '' },
          { name: 'x:deep', internal: true, esModule: '' },
          { name: 'plain', esModule: '' },
          { name: 'node:fs', esModule: '' },
          { name: 'x:none' },
        ],
      },
    ],
  });
  t.match(wrong, [
    /^CONFIG_VALUE apps\[0\]\.bindings\.B\.wrapped\.innerBindings\["a b"\]: expected the name of a binding/u,
    /^CONFIG_MISSING apps\[0\]\.bindings\.C\.wrapped\.moduleName/u,
    /^CONFIG_NOT_AVAILABLE apps\[0\]\.bindings\.D\.wrapped\.innerBindings\.KV: the binding kind "kv"/u,
    /^CONFIG_VALUE extensions\[0\]\.modules\[3\]\.name: expected a name with a scheme of its own/u,
    /^CONFIG_VALUE extensions\[0\]\.modules\[4\]\.name/u,
    /^CONFIG_MISSING extensions\[0\]\.modules\[5\]\.esModule/u,
    /^CONFIG_DUPLICATE extensions\[0\]\.modules\[2\]\.name: the module name "x:deep" is already taken/u,
    /^CONFIG_UNKNOWN_NAME apps\[0\]\.bindings\.A\.wrapped\.moduleName: no internal extension module named "x:menu"/u,
    /^CONFIG_UNKNOWN_NAME apps\[0\]\.bindings\.B\.wrapped\.innerBindings\.S: no service named "zz"/u,
    /^CONFIG_UNKNOWN_NAME apps\[0\]\.bindings\.B\.wrapped\.moduleName: no internal extension module named "x:open"/u,
    /^CONFIG_CYCLE apps\[0\]\.bindings\.D\.wrapped\.innerBindings\.A: the bindings form a cycle: a -> a/u,
  ]);
  t.equal(wrong.length, 11);
});

t.test('the code of workers whose configuration is wrong elsewhere is bundled all the same', async (t) => {
  const loaded = await check({
    apps: [
      { name: 'a', modules: [{ name: 'x', esModule: 'x' }], bindings: { S: { service: 'none' } } },
      { name: 'b', script: 'b.js', globalOutbound: 'none' },
    ],
    extensions: [{ modules: [{ name: 'e:m', esModule: '' }] }],
  });
  t.match('scripts' in loaded ? loaded.scripts : undefined, [
    { name: 'a', source: { kind: 'modules' }, extensions: [{ name: 'e:m' }], wrappers: [] },
    { name: 'b', source: { kind: 'script' } },
  ]);
});
