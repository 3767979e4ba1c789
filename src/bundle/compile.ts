/**
 * Runs esbuild for one worker. esbuild is loaded at the first worker that needs it: it is a process of its own, and a start of plain
 * scripts does without. Runs on the main thread.
 */

import { isAbsolute } from 'node:path';
import type * as Esbuild from 'esbuild';
import type { NanodError } from '../shared/errors.ts';
import type { BundleAsset, SourceMapData } from './bundle.ts';
import { asError, describeWarning, toError } from './esbuild-messages.ts';
import type { MessageContext } from './esbuild-messages.ts';
import type { Job } from './job.ts';
import { aliasPlugin, rulesPlugin } from './module-rules.ts';
import { modulePlugin } from './module-plugin.ts';
import type { SourceFiles } from './source-files.ts';
import { VirtualModules } from './virtual-modules.ts';
import { wrapperNamespace } from './virtual-sources.ts';

/** What esbuild made of a worker: an ES module (`bundle`), or its one file without types and JSX (`strip`). */
export interface Compiled {
  readonly code: string;
  /** Names its sources relative to the directory of the entry. */
  readonly map: SourceMapData;
  readonly virtual: VirtualModules;
  readonly assets: readonly BundleAsset[];
  readonly sources: readonly string[];
  readonly warnings: readonly string[];
}

/** Compiles the entry with everything that it imports, the entry alone, or only what makes wrapped bindings. */
export async function compile(
  job: Job,
  mode: 'bundle' | 'strip' | 'wrappers',
): Promise<Compiled | { readonly errors: readonly NanodError[] }> {
  const { worker, nodejs, directory, files } = job;
  const modules = job.request.source.kind === 'modules' ? [...job.virtual.modules.keys()] : [];
  const context = { worker, nodejs, files, modules };
  const virtual = new VirtualModules({ worker, nodejs, directory });
  const hasWrappers = (job.request.wrappers ?? []).length > 0;
  try {
    const { build } = await loadEsbuild();
    const result = await build({
      ...(mode === 'strip' ? stripOptions : bundleOptions),
      ...ownOptions(job),
      entryPoints: [mode === 'wrappers' ? wrapperNamespace : job.entry],
      // Wrapped bindings are made before any code of the worker runs.
      inject: mode === 'bundle' && hasWrappers ? [wrapperNamespace] : [],
      absWorkingDir: directory,
      outdir: directory,
      plugins: [aliasPlugin(job), modulePlugin(job, virtual), rulesPlugin(job, virtual), virtual.plugin],
    });
    return toCompiled(result, virtual, context);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { errors: error.errors.map((message) => toError(message, context)) };
  }
}

/** What the configuration says of the build. */
function ownOptions({
  build,
}: Job): Pick<Esbuild.BuildOptions, 'define' | 'minify' | 'keepNames' | 'tsconfig'> {
  const { define, minify, tsconfig } = build ?? {};
  return {
    ...(define === undefined ? {} : { define: { ...commonOptions.define, ...define } }),
    ...(minify === true ? { minify, keepNames: true } : {}),
    ...(tsconfig === undefined ? {} : { tsconfig }),
  };
}

type BuildResult = Esbuild.BuildResult<{ write: false; metafile: true }>;

function toCompiled(
  { outputFiles, metafile, warnings }: BuildResult,
  virtual: VirtualModules,
  context: MessageContext,
): Compiled | { readonly errors: readonly NanodError[] } {
  const errors = warnings.map((warning) => asError(warning, context)).filter((error) => error !== undefined);
  if (errors.length > 0) return { errors };
  const map = outputFiles.find(({ path }) => path.endsWith('.map'));
  const code = outputFiles.find((file) => file !== map);
  if (code === undefined || map === undefined) throw new Error('esbuild gave no output');
  return {
    code: code.text,
    map: JSON.parse(map.text) as SourceMapData,
    virtual,
    assets: virtual.assets,
    sources: filesOf(metafile, context.files),
    warnings: warnings.map((warning) => describeWarning(warning, context)),
  };
}

/** Sources that are no files have names with a namespace, or in parentheses. */
function filesOf({ inputs }: Esbuild.Metafile, files: SourceFiles): string[] {
  const names = Object.keys(inputs).filter((name) => !/^(?:\(|(?!nanod-)[a-z]+:)/u.test(name));
  return [...new Set(names.map((name) => files.locate(name)))].filter(isAbsolute).toSorted();
}

const commonOptions = {
  write: false,
  sourcemap: 'external',
  metafile: true,
  logLevel: 'silent',
  target: 'esnext',
  // V8 does not have them yet.
  supported: { decorators: false },
  legalComments: 'none',
  // As wrangler resolves packages: `browser` implies the main fields browser, module and main.
  platform: 'browser',
  conditions: ['workerd', 'worker', 'browser'],
  loader: {
    '.js': 'jsx',
    '.mjs': 'jsx',
    '.cjs': 'jsx',
    '.txt': 'text',
    '.html': 'text',
    '.sql': 'text',
  },
  define: {
    'process.env.NODE_ENV': '"production"',
    'global.process.env.NODE_ENV': '"production"',
    'globalThis.process.env.NODE_ENV': '"production"',
  },
} as const satisfies Esbuild.BuildOptions;

const bundleOptions = { ...commonOptions, bundle: true, format: 'esm', treeShaking: true } as const;
const stripOptions = { ...commonOptions, bundle: false, treeShaking: false } as const;

let loading: Promise<typeof Esbuild> | undefined;

/** esbuild, loaded once. */
export function loadEsbuild(): Promise<typeof Esbuild> {
  loading ??= import('esbuild');
  return loading;
}

/** Ends esbuild's process, if there is one. The next worker that needs it starts another. */
export async function stopCompiler(): Promise<void> {
  if (loading !== undefined) await (await loading).stop();
}

function isBuildFailure(error: unknown): error is Esbuild.BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
