/**
 * The sources of a bundle that a configuration holds: modules of the worker, its service-worker script, and the modules of extensions. Each
 * has a name as esbuild uses it in messages and source maps (`namespace:name`), by which everything else of it is found. Runs on the main
 * thread; reads a file when esbuild asks for it.
 */

import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import type { ExtensionModule, ModuleSource, SourceContent } from '../shared/worker-source.ts';
import type { BundleRequest } from './bundle.ts';

/** Modules of the worker. */
export const moduleNamespace = 'nanod-module';
/** What an `import` of a CommonJS module gives. */
export const facadeNamespace = 'nanod-import';
/** What `require` of a module that is no code gives. */
export const requiredNamespace = 'nanod-require';
export const extensionNamespace = 'nanod-extension';
/** The module that makes wrapped bindings, and the name that esbuild is asked for it by. */
export const wrapperNamespace = 'nanod-wrappers';

/** How messages name a service-worker script that no file holds. */
const scriptName = 'serviceWorkerScript';

/** A source that a configuration holds. */
export interface VirtualSource {
  /** The file that it is read from (absolute), else its name. */
  readonly origin: string;
  /** Where it is written in the configuration. */
  readonly text: string | undefined;
}

/** The sources by esbuild's names. */
export interface VirtualSources {
  /** The worker's modules, and its service-worker script, by name. */
  readonly modules: ReadonlyMap<string, ModuleSource>;
  readonly extensions: ReadonlyMap<string, ExtensionModule>;
  /** esbuild's name of the main module; empty where the worker starts from a file. */
  readonly main: string;
  get(source: string): VirtualSource | undefined;
}

export function virtualSources({ source, extensions = [] }: BundleRequest): VirtualSources {
  const modules =
    source.kind === 'modules'
      ? source.modules
      : source.kind === 'serviceWorker'
        ? [{ kind: 'esModule', name: scriptName, content: source.content } satisfies ModuleSource]
        : [];
  const byName = new Map(modules.map((module) => [module.name, module]));
  const extensionsByName = new Map(extensions.map((module) => [module.name, module]));
  const [main] = modules;
  return {
    modules: byName,
    extensions: extensionsByName,
    main: main === undefined ? '' : `${moduleNamespace}:${main.name}`,
    get(id) {
      const end = id.indexOf(':');
      const namespace = id.slice(0, Math.max(end, 0));
      const name = id.slice(end + 1);
      if (namespace === extensionNamespace) return describe(extensionsByName.get(name));
      const isModule = [moduleNamespace, facadeNamespace, requiredNamespace].includes(namespace);
      return isModule ? describe(byName.get(name)) : undefined;
    },
  };
}

function describe(module: ModuleSource | ExtensionModule | undefined): VirtualSource | undefined {
  if (module === undefined) return undefined;
  const { name, content } = module;
  if (content.kind === 'file') return { origin: content.path, text: undefined };
  const isBytes = 'kind' in module && (module.kind === 'data' || module.kind === 'wasm');
  return { origin: name, text: isBytes ? undefined : content.text };
}

/** The text of a source. Rejects with a system error. */
export async function readText(content: SourceContent): Promise<string> {
  const text = content.kind === 'inline' ? content.text : await readFile(content.path, 'utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** The bytes of a source. Rejects with a system error. */
export async function readBytes(content: SourceContent): Promise<Uint8Array<ArrayBuffer>> {
  const bytes =
    content.kind === 'inline' ? Buffer.from(content.text, 'base64') : await readFile(content.path);
  return new Uint8Array(bytes);
}
