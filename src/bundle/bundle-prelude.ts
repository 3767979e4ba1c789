/**
 * The prelude as one script: src/realm/prelude/main.ts and everything that it reaches, statically or through `require`. Runs on the main
 * thread, and at build time.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from 'acorn';
import type { SourceMapData } from './bundle.ts';
import { restoreClassName } from './class-names.ts';
import { loadEsbuild } from './compile.ts';
import { applyEdits, splice } from './edits.ts';
import { linesOf } from './lines.ts';
import { readExports } from './module-exports.ts';
import { cachedPrelude, cacheOfClone } from './prelude-cache.ts';
import { moduleEdits, modulesHeader } from './prelude-modules.ts';
import { helperEdits } from './prelude-helpers.ts';
import { originalPositions } from './source-map.ts';
import { identifiersIn, parse, scanProgram } from './syntax.ts';

const here = import.meta.url;

/**
 * The text of the prelude. Evaluating it gives a function that takes the host functions (`HostApi`), runs the prelude, and returns
 * what `start()` of main.ts returns. In a built package the text is read from dist/realm/prelude.js, which the build wrote.
 */
export async function bundlePrelude(): Promise<string> {
  const source = fileURLToPath(new URL('../realm/prelude/main.ts', here));
  if (extname(here) === '.ts' && existsSync(source))
    return cachedPrelude(cacheOfClone(source), () => bundlePreludeFrom(source));
  return readFile(new URL('../realm/prelude.js', here), 'utf8');
}

/** The same for any main module that exports `start`. Rejects when the code cannot run safely beside a worker's. */
export async function bundlePreludeFrom(main: string): Promise<string> {
  const directory = dirname(main);
  const { build } = await loadEsbuild();
  const { outputFiles } = await build({
    entryPoints: [main],
    absWorkingDir: directory,
    outdir: directory,
    bundle: true,
    write: false,
    sourcemap: 'external',
    format: 'esm',
    platform: 'neutral',
    target: 'esnext',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const map = outputFiles.find(({ path }) => path.endsWith('.map'));
  const code = outputFiles.find((file) => file !== map);
  if (code === undefined || map === undefined) throw new Error('esbuild gave no output');
  return toPrelude(code.text, JSON.parse(map.text) as SourceMapData);
}

function toPrelude(code: string, map: SourceMapData): string {
  const parsed = parse(code, 'module');
  if ('problem' in parsed) throw new Error(`the prelude does not parse: ${parsed.problem.reason}`);
  const { program } = parsed;
  const exports = readExports(code, program);
  const start = exports?.names.find(({ name }) => name === 'start');
  if (exports === undefined || start === undefined) {
    throw new Error('the prelude must import nothing and export `start`');
  }
  const classNames = assertSelfContained(program).flatMap((found) => restoreClassName(found, () => true));
  // These move nothing: the offsets of the tree still hold.
  const text = applyEdits(code, [...exports.edits, ...classNames]);
  const body = splice(text, [...helperEdits(program), ...moduleEdits(text, program, filesOf(code, map))]);
  return `(function ($host) { "use strict";\n${modulesHeader}\n${body}\nreturn ${start.variable}();\n})`;
}

/** A look-up function from offsets in the bundled code to the files it came from. */
function filesOf(code: string, map: SourceMapData): (offset: number) => string | undefined {
  const lines = linesOf(code);
  const positions = originalPositions(map);
  return (offset) => {
    const { line, column } = lines(offset);
    return positions(line, column)?.source;
  };
}

/** Throws for code that would need a module loader, or that makes code from strings. Returns the classes with names to give back. */
function assertSelfContained(program: Program): ReturnType<typeof scanProgram>['classValues'] {
  const facts = scanProgram(program);
  const findings = {
    'import()': facts.dynamicImports.length > 0,
    'import.meta': facts.importMetas.length > 0,
    'a require() that the bundler cannot resolve': facts.mentionsRequire,
    'top-level await': facts.topLevelAwait,
    eval: identifiersIn(program).some(({ name }) => name === 'eval'),
  };
  const found = Object.entries(findings).filter(([, holds]) => holds);
  if (found.length > 0) throw new Error(`the prelude holds ${found.map(([what]) => what).join(', ')}`);
  return facts.classValues;
}
