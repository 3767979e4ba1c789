/**
 * The modules of a bundle that esbuild cannot read from disk as code: built-in modules, WebAssembly and data. An esbuild plugin makes a small
 * module of each, which gets its value through `$nanod` at run time. Runs on the main thread.
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname, relative } from 'node:path';
import type { OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { makeError } from '../shared/errors.ts';
import type { ErrorCode, ErrorDetails, ErrorPlace, NanodError } from '../shared/errors.ts';
import { describeThrown } from '../shared/text.ts';
import { availableExports, availableModules, builtinModules, builtinPrefixes } from './builtin-modules.ts';
import type { BundleAsset } from './bundle.ts';
import { isNodeSpecifier, nodeModuleName, nodeModuleNames } from './node-modules.ts';
import { replace } from './edits.ts';
import type { Edit } from './edits.ts';
import { describeFileError } from './source-files.ts';
import { scopeName } from './syntax.ts';
import type { ScopeCall } from './syntax.ts';

const builtinNamespace = 'nanod-builtin';
/** On the path of a built-in module of Node.js that is asked for with `require`, which gives another value than `import`. */
const requireSuffix = '?require';

/** Whether a source, as esbuild names it, is the virtual module of a built-in one; if so, of which. */
export function builtinOfSource(source: string): string | undefined {
  const prefix = `${builtinNamespace}:`;
  return source.startsWith(prefix) ? source.slice(prefix.length).replace(requireSuffix, '') : undefined;
}

/**
 * The virtual modules of one build. Their calls of `$nanod` carry a key instead of the argument, of the same length, which tells them from
 * calls that a worker wrote, and which is replaced when all assets are known and can be numbered in an order that does not depend on timing.
 */
export class VirtualModules {
  readonly #worker: string;
  readonly #nodejs: boolean;
  readonly #directory: string;
  /** By key: what stands in the place of the key in the end. */
  readonly #builtins = new Map<string, string>();
  readonly #assets = new Map<string, BundleAsset>();
  /** By key: the index of a wrapped binding. */
  readonly #wrappers = new Map<string, number>();

  /** Assets are named relative to the directory. */
  constructor({ worker, nodejs, directory }: { worker: string; nodejs: boolean; directory: string }) {
    this.#worker = worker;
    this.#nodejs = nodejs;
    this.#directory = directory;
  }

  /** WebAssembly and data, in the order of their indexes. */
  get assets(): readonly BundleAsset[] {
    return [...this.#assets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The edit that gives a call its argument; undefined when the call is none of a virtual module. */
  editOf({ key }: ScopeCall): Edit | undefined {
    const specifier = this.#builtins.get(key.value);
    if (specifier !== undefined) return replace(key.start, key.end, JSON.stringify(specifier));
    const wrapper = this.#wrappers.get(key.value);
    if (wrapper !== undefined) return replace(key.start, key.end, String(wrapper));
    const asset = this.#assets.get(key.value);
    return asset && replace(key.start, key.end, String(this.assets.indexOf(asset)));
  }

  get plugin(): Plugin {
    return {
      name: 'nanod-virtual-modules',
      setup: (build) => {
        const builtin = new RegExp(`^(${builtinPrefixes.join('|')}):`);
        build.onResolve({ filter: builtin }, ({ path }) => this.#resolveBuiltin(path));
        if (this.#nodejs) build.onResolve({ filter: nodePattern }, resolveNodeModule);
        // esbuild would leave an import of an address to the browser. With import() it is the run time that says no.
        build.onResolve({ filter: /^(?:https?:)?\/\// }, ({ path, kind }) =>
          kind === 'dynamic-import' ? undefined : this.#refuseAddress(path),
        );
        build.onLoad({ filter: /.*/, namespace: builtinNamespace }, ({ path }) => this.#loadBuiltin(path));
        build.onLoad({ filter: /\.(?:wasm|bin)$/, namespace: 'file' }, ({ path }) => this.#loadAsset(path));
        // esbuild would bundle these into a file of its own, which nobody reads.
        build.onLoad({ filter: /\.css$/, namespace: 'file' }, ({ path }) =>
          failure('WORKER_FILE_TYPE', { worker: this.#worker, file: basename(path) }),
        );
      },
    };
  }

  #refuseAddress(module: string): OnResolveResult {
    const advice =
      'code from an address is not loaded; install it as a package, or copy it next to the worker';
    return failure('WORKER_IMPORT', { worker: this.#worker, module, advice });
  }

  #resolveBuiltin(module: string): OnResolveResult {
    const worker = this.#worker;
    if (!builtinModules.has(module)) {
      return failure('WORKER_BUILTIN_UNKNOWN', { worker, module, known: availableModules() });
    }
    return availableExports(module).length === 0
      ? failure('WORKER_BUILTIN_UNAVAILABLE', { worker, module })
      : { path: module, namespace: builtinNamespace };
  }

  #loadBuiltin(path: string): OnLoadResult {
    const module = path.replace(requireSuffix, '');
    const key = keyFor(module, module.length);
    this.#builtins.set(key, module);
    const value = `${scopeName}.builtin(${JSON.stringify(key)})`;
    if (path.endsWith(requireSuffix)) return { contents: `module.exports = ${value};`, loader: 'js' };
    // Each by itself, so that what a worker does not import is not loaded in its realm.
    const exports = availableExports(module).map(
      (name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`,
    );
    // What `module.exports` is in Node.js is the default export as well.
    if (isNodeSpecifier(module)) exports.unshift('export default builtin;');
    return { contents: [`const builtin = ${value};`, ...exports].join('\n'), loader: 'js' };
  }

  async #loadAsset(path: string): Promise<OnLoadResult> {
    const kind = extname(path) === '.wasm' ? 'wasm' : 'data';
    try {
      const bytes = new Uint8Array(await readFile(path));
      return this.loadBytes(relative(this.#directory, path), kind, bytes);
    } catch (error) {
      const reason = describeFileError(error);
      return failure('WORKER_FILE_UNREADABLE', { worker: this.#worker, file: basename(path), reason });
    }
  }

  /** A module that gives an asset: as its default export, or by itself where it is asked for with `require`. */
  loadBytes(
    name: string,
    kind: BundleAsset['kind'],
    bytes: Uint8Array<ArrayBuffer>,
    how: 'import' | 'require' = 'import',
  ): OnLoadResult {
    const reason = kind === 'wasm' ? wasmProblem(bytes) : undefined;
    if (reason !== undefined)
      return failure('WORKER_WASM', { worker: this.#worker, file: basename(name), reason });
    const key = keyFor(name, 16);
    this.#assets.set(key, { kind, name, bytes });
    const value = `${scopeName}.asset(${JSON.stringify(key)}, ${JSON.stringify(kind)});`;
    return {
      contents: how === 'import' ? `export default ${value}` : `module.exports = ${value}`,
      loader: 'js',
    };
  }

  /** A statement that hands the function in a variable to wrapped binding `index` of the realm. */
  wrapCall(index: number, variable: string): string {
    const key = keyFor(`wrapper ${index}`, 16);
    this.#wrappers.set(key, index);
    return `${scopeName}.wrap(${JSON.stringify(key)}, ${variable});`;
  }
}

/** `events` as well as `node:events`, for the modules that there are; others are looked for as packages. */
const nodePattern = new RegExp(`^(?:node:)?(?:${nodeModuleNames.join('|')})$`);

function resolveNodeModule({ path, kind }: OnResolveArgs): OnResolveResult {
  const suffix = kind === 'require-call' || kind === 'require-resolve' ? requireSuffix : '';
  return { path: `node:${nodeModuleName(path)}${suffix}`, namespace: builtinNamespace };
}

function wasmProblem(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    void new WebAssembly.Module(bytes);
    return undefined;
  } catch (error) {
    return describeThrown(error);
  }
}

function keyFor(name: string, length: number): string {
  const digest = createHash('sha256').update(`nanod virtual module ${name}`).digest('hex');
  return digest.repeat(Math.ceil(length / digest.length)).slice(0, length);
}

/** An error of the table that waits for its place. */
export type UnplacedError = (place: ErrorPlace) => NanodError;

/** An error on its way through esbuild, which knows the place. */
export function failure<Code extends ErrorCode>(
  code: Code,
  details: ErrorDetails<Code>,
): { errors: { text: string; detail: UnplacedError }[] } {
  return { errors: [{ text: code, detail: (place) => makeError(code, details, place) }] };
}
