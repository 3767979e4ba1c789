/**
 * The esbuild plugin for sources that a configuration holds: it finds the modules of a worker by their names, the modules of extensions for
 * whoever may import them, and makes the module that hands wrapped bindings to their functions. Runs on the main thread.
 */

import { extname } from 'node:path';
import type { Loader, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { resolveModuleName } from '../shared/module-names.ts';
import type { ModuleSource, SourceContent, Wrapper } from '../shared/worker-source.ts';
import type { Job } from './job.ts';
import { hasModuleSyntax } from './module-exports.ts';
import { describeFileError } from './source-files.ts';
import { parse } from './syntax.ts';
import { failure } from './virtual-modules.ts';
import type { VirtualModules } from './virtual-modules.ts';
import {
  extensionNamespace,
  facadeNamespace,
  moduleNamespace,
  readBytes,
  readText,
  requiredNamespace,
  wrapperNamespace,
} from './virtual-sources.ts';

export function modulePlugin(job: Job, virtual: VirtualModules): Plugin {
  return new ModulePlugin(job, virtual).plugin;
}

class ModulePlugin {
  readonly #job: Job;
  readonly #virtual: VirtualModules;

  constructor(job: Job, virtual: VirtualModules) {
    this.#job = job;
    this.#virtual = virtual;
  }

  get plugin(): Plugin {
    return {
      name: 'nanod-modules',
      setup: (build) => {
        build.onResolve({ filter: /.*/ }, (args) => this.#resolve(args));
        const load = (namespace: string, run: (name: string) => OnLoadResult | Promise<OnLoadResult>): void =>
          build.onLoad({ filter: /.*/, namespace }, ({ path }) => run(path));
        load(moduleNamespace, (name) => this.#loadModule(this.#module(name), 'import'));
        load(requiredNamespace, (name) => this.#loadModule(this.#module(name), 'require'));
        load(facadeNamespace, (name) => loadFacade(this.#module(name)));
        load(extensionNamespace, (name) => this.#loadExtension(name));
        load(wrapperNamespace, () => this.#loadWrappers(this.#job.request.wrappers ?? []));
      },
    };
  }

  #module(name: string): ModuleSource {
    return this.#job.virtual.modules.get(name) as ModuleSource;
  }

  #resolve(args: OnResolveArgs): OnResolveResult | undefined {
    const { path, namespace, importer, kind } = args;
    if (kind === 'entry-point') return this.#resolveEntry(path);
    const isExtension = namespace === extensionNamespace || namespace === wrapperNamespace;
    if (isExtension) return this.#resolveExtension(resolveModuleName(importer, path) ?? path, true);
    if (namespace === moduleNamespace || namespace === facadeNamespace) {
      // The facade of a CommonJS module asks for the module itself.
      if (namespace === facadeNamespace) return { path: importer, namespace: moduleNamespace };
      const found = this.#job.virtual.modules.get(resolveModuleName(importer, path) ?? '');
      if (found !== undefined) return { path: found.name, namespace: namespaceFor(found, kind) };
    }
    return this.#resolveExtension(path, false);
  }

  #resolveEntry(path: string): OnResolveResult | undefined {
    if (path === wrapperNamespace) return { path, namespace: wrapperNamespace };
    if (path !== this.#job.virtual.main) return undefined;
    const main = this.#module(path.slice(moduleNamespace.length + 1));
    return { path: main.name, namespace: namespaceFor(main, 'import-statement') };
  }

  #resolveExtension(name: string, mayBeInternal: boolean): OnResolveResult | undefined {
    const found = this.#job.virtual.extensions.get(name);
    if (found === undefined) return undefined;
    if (found.internal && !mayBeInternal)
      return failure('WORKER_EXTENSION_INTERNAL', { worker: this.#job.worker, module: name });
    return { path: name, namespace: extensionNamespace };
  }

  async #loadModule(module: ModuleSource, how: 'import' | 'require'): Promise<OnLoadResult> {
    const { kind, name, content } = module;
    try {
      switch (kind) {
        case 'text':
        case 'json':
          return { contents: await readText(content), loader: kind };
        case 'data':
        case 'wasm':
          return this.#virtual.loadBytes(name, kind, await readBytes(content), how);
        case 'commonJs':
          return this.#commonJs(await readText(content), module);
        case 'esModule':
          return { contents: await readText(content), loader: this.#loaderOf(name, content) };
      }
    } catch (error) {
      return this.#unreadable(name, error);
    }
  }

  #commonJs(text: string, { name, content }: ModuleSource): OnLoadResult {
    const parsed = parse(text, 'module');
    if (!('problem' in parsed) && hasModuleSyntax(parsed.program)) {
      const reason = `${name} is a CommonJS module, which can hold no import and export statements`;
      return failure('WORKER_SYNTAX', { worker: this.#job.worker, reason, advice: 'make it an `esModule`' });
    }
    // esbuild takes for CommonJS what mentions `module`.
    return { contents: `${text}\n;void module;`, loader: this.#loaderOf(name, content) };
  }

  async #loadExtension(name: string): Promise<OnLoadResult> {
    const content = this.#job.virtual.extensions.get(name)?.content ?? { kind: 'inline', text: '' };
    try {
      return { contents: await readText(content), loader: this.#loaderOf(name, content) };
    } catch (error) {
      return this.#unreadable(name, error);
    }
  }

  /** One call for each wrapped binding, in the order in which the realm has them. */
  #loadWrappers(wrappers: readonly Wrapper[]): OnLoadResult {
    const lines = wrappers.flatMap(({ module, entrypoint }, index) => [
      `import { ${JSON.stringify(entrypoint)} as wrapper${index} } from ${JSON.stringify(module)};`,
      this.#virtual.wrapCall(index, `wrapper${index}`),
    ]);
    return { contents: lines.join('\n'), loader: 'js' };
  }

  #loaderOf(name: string, content: SourceContent): Loader {
    const loader = loaders.get(extname(content.kind === 'file' ? content.path : name));
    return loader ?? (this.#job.request.typescript === true ? 'ts' : 'jsx');
  }

  #unreadable(name: string, error: unknown): OnLoadResult {
    const file = this.#job.virtual.get(`${moduleNamespace}:${name}`)?.origin ?? name;
    const details = { worker: this.#job.worker, file: this.#job.files.name(file) };
    return failure('WORKER_FILE_UNREADABLE', { ...details, reason: describeFileError(error) });
  }
}

const loaders: ReadonlyMap<string, Loader> = new Map([
  ['.ts', 'ts'],
  ['.mts', 'ts'],
  ['.cts', 'ts'],
  ['.tsx', 'tsx'],
]);

function namespaceFor({ kind }: ModuleSource, how: OnResolveArgs['kind']): string {
  const isRequired = how === 'require-call' || how === 'require-resolve';
  if (kind === 'commonJs') return isRequired ? moduleNamespace : facadeNamespace;
  return isRequired && (kind === 'data' || kind === 'wasm') ? requiredNamespace : moduleNamespace;
}

/** The default export is `module.exports`, whatever it holds, and other names are those that were named: as workerd has it. */
function loadFacade({ name, namedExports = [] }: ModuleSource): OnLoadResult {
  const named = [...new Set(namedExports)].filter((each) => each !== 'default');
  const lines = named.map(
    (each, index) =>
      `const export${index} = exported?.[${JSON.stringify(each)}]; export { export${index} as ${JSON.stringify(each)} };`,
  );
  const contents = [
    `const exported = require(${JSON.stringify(name)});`,
    'export default exported;',
    ...lines,
  ];
  return { contents: contents.join('\n'), loader: 'js' };
}
