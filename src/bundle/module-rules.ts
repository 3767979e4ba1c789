/**
 * Files that a configuration declares to be modules of some kind, whatever their endings say: found by patterns on their paths. Runs on the
 * main thread.
 */
import { readFile } from 'node:fs/promises';
import { basename, extname, relative, sep } from 'node:path';
import type { OnLoadResult, Plugin } from 'esbuild';
import type { ModuleKind, ModuleRule } from '../shared/worker-source.ts';
import type { Job } from './job.ts';
import { describeFileError } from './source-files.ts';
import { failure } from './virtual-modules.ts';
import type { VirtualModules } from './virtual-modules.ts';

/** Whether a text is one that a pattern stands for, in which each `*` is any text. Takes time in proportion to both at worst. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length;) {
    if (pattern[at] === '*') {
      star = at;
      at += 1;
      resume = index;
    } else if (pattern[at] === text[index]) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** The kind of a file, whose path counts from the directory of the patterns and has `/` between its steps. */
export function kindByRules(path: string, rules: readonly ModuleRule[]): ModuleKind | undefined {
  const fits = (glob: string): boolean => matchesGlob(glob, path) || matchesGlob(glob, `./${path}`);
  return rules.find(({ globs }) => globs.some(fits))?.kind;
}

/** A path as patterns see it. */
export function pathForRules(directory: string, path: string): string {
  return relative(directory, path).split(sep).join('/');
}

const codeEndings = new Set(['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx']);

/** The plugin that loads files by the rules of a worker. */
export function rulesPlugin({ build, directory, worker }: Job, virtual: VirtualModules): Plugin {
  const rules = build?.rules ?? [];
  return {
    name: 'nanod-rules',
    setup: (esbuild) => {
      if (rules.length === 0) return;
      esbuild.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path }) => {
        const name = pathForRules(directory, path);
        const kind = kindByRules(name, rules);
        if (kind === undefined) return undefined;
        try {
          return await load(path, name, kind, virtual);
        } catch (error) {
          const reason = describeFileError(error);
          return failure('WORKER_FILE_UNREADABLE', { worker, file: basename(path), reason });
        }
      });
    },
  };
}

async function load(
  path: string,
  name: string,
  kind: ModuleKind,
  virtual: VirtualModules,
): Promise<OnLoadResult | undefined> {
  if (kind === 'data' || kind === 'wasm')
    return virtual.loadBytes(name, kind, new Uint8Array(await readFile(path)));
  if (kind === 'text') return { contents: await readFile(path, 'utf8'), loader: 'text' };
  return codeEndings.has(extname(path))
    ? undefined
    : { contents: await readFile(path, 'utf8'), loader: 'jsx' };
}

/** The plugin that looks for modules by the names that stand for theirs. */
export function aliasPlugin({ build, directory }: Job): Plugin {
  const alias = build?.alias ?? {};
  return {
    name: 'nanod-alias',
    setup: (esbuild) => {
      if (Object.keys(alias).length === 0) return;
      esbuild.onResolve({ filter: /.*/ }, ({ path, kind, importer, namespace, pluginData }) => {
        const isOwn = (pluginData as unknown) === aliased || kind === 'entry-point';
        const target = !isOwn && Object.hasOwn(alias, path) ? alias[path] : undefined;
        if (target === undefined) return undefined;
        return esbuild.resolve(target, {
          kind,
          importer,
          namespace,
          resolveDir: directory,
          pluginData: aliased,
        });
      });
    },
  };
}

/** Marks what has been replaced already: a name may stand for one that it contains. */
const aliased = Symbol('aliased');
