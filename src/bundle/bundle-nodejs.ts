/**
 * The modules of Node.js for workers as one script: src/nodejs/main.ts with the npm packages that it ports them from. Runs on the main
 * thread, and at build time: a package of nanod holds the script, and needs none of those packages.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OnLoadArgs, OnLoadResult, OnResolveResult, Plugin } from 'esbuild';
import { loadEsbuild } from './compile.ts';

const here = import.meta.url;

/** The script, and the folders of the npm packages in it. */
export interface NodejsBundle {
  readonly text: string;
  readonly packages: readonly string[];
}

/**
 * The text of the script. Evaluating it gives a function that takes the powers of a realm (src/nodejs/powers.ts) and returns `load` of
 * main.ts. In a built package the text is read from dist/nodejs.js, which the build wrote.
 */
export async function bundleNodejs(): Promise<string> {
  const source = fileURLToPath(new URL('../nodejs/main.ts', here));
  if (extname(here) !== '.ts' || !existsSync(source)) {
    return readFile(new URL('../nodejs.js', here), 'utf8');
  }
  return (await bundleNodejsFrom(source)).text;
}

/** The same from its sources. */
export async function bundleNodejsFrom(main: string): Promise<NodejsBundle> {
  const directory = dirname(main);
  const { build } = await loadEsbuild();
  const { outputFiles, metafile } = await build({
    entryPoints: [main],
    absWorkingDir: directory,
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: '$module',
    platform: 'browser',
    target: 'esnext',
    // The longer forms of the ports' errors, as in Node.js.
    define: { 'process.env.NODE_ENV': '"production"' },
    // Names of classes show in messages, and many modules here have a class of the same name.
    keepNames: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [portsPlugin(directory)],
  });
  const [code] = outputFiles;
  if (code === undefined) throw new Error('esbuild gave no output');
  const names = Object.keys(metafile.inputs).map(
    (input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(input)?.[0],
  );
  const packages = [...new Set(names.filter((name) => name !== undefined))].map((name) =>
    join(directory, name),
  );
  return {
    text: `(function ($powers) { "use strict";\n${code.text}\nreturn $module.load;\n})`,
    packages: packages.toSorted(),
  };
}

/** What the ports import, and the module of src/nodejs/ that they get: there is one of each in a realm. */
const own: Readonly<Record<string, string>> = Object.freeze({
  buffer: 'buffer.ts',
  events: 'events/events.ts',
  'process/': 'process/process.ts',
  'string_decoder/': 'string-decoder.ts',
  'util/': 'util/for-ports.ts',
  'node:path': 'path.ts',
  'node:punycode': 'punycode.ts',
  'node:querystring': 'querystring.ts',
});

/** Packages that stand in for what every realm has, by what takes their place. */
const standIns: Readonly<Record<string, string>> = Object.freeze({
  'abort-controller': 'module.exports = globalThis;',
  'call-bind/callBound': 'module.exports = () => (pattern, text) => pattern.test(text);', // asked for RegExp.prototype.test
  'is-nan': 'module.exports = Number.isNaN;',
  'object-is': 'module.exports = Object.is;',
  'object-is/polyfill': 'module.exports = () => Object.is;',
  'object.assign/polyfill': 'module.exports = () => Object.assign;',
});

const standInNamespace = 'nanod-stand-in';

/** What ports do that cannot be done in a realm, by the end of the file's path: texts that are cut out of it. */
const cuts: Readonly<Record<string, readonly string[]>> = Object.freeze({
  // Realms have no Atomics (HARDENING R5), and a locked stackTraceLimit (R1).
  'node-inspect-extracted/dist/inspect.js': ['"Atomics",'],
  'assert/build/internal/assert/assertion_error.js': [
    'Error.stackTraceLimit = 0;',
    'Error.stackTraceLimit = limit;',
  ],
});

async function loadWithCuts({ path }: OnLoadArgs): Promise<OnLoadResult | undefined> {
  const [, texts = []] = Object.entries(cuts).find(([end]) => path.replaceAll('\\', '/').endsWith(end)) ?? [];
  let contents = await readFile(path, 'utf8');
  for (const text of texts) {
    if (!contents.includes(text)) throw new Error(`${path} has changed: it holds no ${text}`);
    contents = contents.replace(text, '');
  }
  return { contents, loader: 'js' };
}

function portsPlugin(directory: string): Plugin {
  return {
    name: 'nanod-nodejs-ports',
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, ({ path, importer }): OnResolveResult | undefined => {
        const file = own[path];
        // Our own files import the packages themselves.
        if (file !== undefined && importer.includes('node_modules')) return { path: join(directory, file) };
        return Object.hasOwn(standIns, path) ? { path, namespace: standInNamespace } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: standInNamespace }, ({ path }): OnLoadResult => ({
        contents: standIns[path] ?? '',
        loader: 'js',
      }));
      build.onLoad({ filter: /[\\/](?:inspect|assertion_error)[.]js$/ }, loadWithCuts);
    },
  };
}
