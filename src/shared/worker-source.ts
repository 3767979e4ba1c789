/**
 * Where the code of a worker comes from, as every layer that handles it says it: the configuration reads it, the supervisor passes it on,
 * and the bundler makes a script of it. Types only.
 */

/** The code of a worker. Discriminated by `kind`. */
export type WorkerSource = ScriptSource | ModulesSource | ServiceWorkerSource;

/** A file on disk, the entry that the bundle starts from; what it imports is found as files and packages. */
export interface ScriptSource {
  readonly kind: 'script';
  /** Absolute. The file existed when the configuration was read. */
  readonly path: string;
  /** Absent: nothing is said. */
  readonly build?: BuildOptions;
}

/** How files become code, beyond what their names say. */
export interface BuildOptions {
  /** Modules by what is imported in their place: a package, or an absolute path. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Code by the global name that it stands in the place of. */
  readonly define?: Readonly<Record<string, string>>;
  readonly minify?: boolean;
  /** Absolute path of a file that existed when the configuration was read. */
  readonly tsconfig?: string;
  /** The first one that fits a file counts. */
  readonly rules?: readonly ModuleRule[];
  /** The worker consists of modules that are found by their names only. */
  readonly unbundled?: UnbundledOptions;
}

/** Files that are modules of a kind. */
export interface ModuleRule {
  readonly kind: Exclude<ModuleKind, 'json'>;
  /** For paths that begin with `./`; `*` is any text. */
  readonly globs: readonly string[];
}

export interface UnbundledOptions {
  /** Absolute: what the names of modules count from. */
  readonly baseDir: string;
  /** Whether there are others than the script. */
  readonly findModules: boolean;
}

/** Modules that import each other by their names, and nothing from the disk. The first one is the main module. */
export interface ModulesSource {
  readonly kind: 'modules';
  /** At least one. Names are unique, and normalized (no `.`, `..` or empty step in them). */
  readonly modules: readonly ModuleSource[];
}

/** A classic script that adds event listeners. */
export interface ServiceWorkerSource {
  readonly kind: 'serviceWorker';
  readonly content: SourceContent;
}

/** What importing a module gives: `text` a string, `data` an ArrayBuffer, `wasm` a WebAssembly.Module, `json` the parsed value. */
export type ModuleKind = 'esModule' | 'commonJs' | 'text' | 'data' | 'wasm' | 'json';

/** One module of a worker. */
export interface ModuleSource {
  readonly kind: ModuleKind;
  readonly name: string;
  readonly content: SourceContent;
  /** Of a CommonJS module: properties of `module.exports` that can be imported by name. */
  readonly namedExports?: readonly string[];
}

/** Text or bytes written in a configuration, or a file. */
export type SourceContent =
  /** `text`: base64 with padding where the module is `data` or `wasm`. */
  | { readonly kind: 'inline'; readonly text: string }
  /** `path`: absolute. The file existed when the configuration was read. */
  | { readonly kind: 'file'; readonly path: string };

/** An ES module offered to every worker by its name, which begins with a scheme: `burrito-shop:kitchen`. */
export interface ExtensionModule {
  readonly name: string;
  /** Only other modules of extensions may import it. */
  readonly internal: boolean;
  readonly content: SourceContent;
}

/** A function of an extension's module that makes a binding of a worker out of other bindings. */
export interface Wrapper {
  /** The internal module of an extension. */
  readonly module: string;
  /** The export that is the function. */
  readonly entrypoint: string;
}
