/**
 * Where code comes from, on its way from a dialect to a `Config`: what is read of the fields, and the files that are looked for. Runs in the
 * supervisor.
 */
import { dirname, resolve as resolvePath } from 'node:path';
import { normalizeModuleName } from '../shared/module-names.ts';
import { quote } from '../shared/text.ts';
import type { BuildOptions } from '../shared/worker-source.ts';
import { buildShape, readBuild } from './build-schema.ts';
import type { DraftBuild } from './build-schema.ts';
import type { ConfigPowers } from './powers.ts';
import { placeName } from './problems.ts';
import type { Problems } from './problems.ts';
import { hasOnly, moduleKinds } from './source-schema.ts';
import type { bytes, extensionSchema, filePath, moduleSchema, sourceText } from './source-schema.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';
import type { ExtensionModule, ModuleKind, ModuleSource, SourceContent, WorkerSource } from './types.ts';

/** Text or bytes as a dialect gives them; a file still has to be looked for. */
export type DraftContent =
  | { readonly kind: 'inline'; readonly text: string }
  | { readonly kind: 'file'; readonly path: Sourced<string> };

/** Where a dialect says that the code of a worker comes from. */
export type DraftSource =
  | { readonly kind: 'script'; readonly path: Sourced<string>; readonly build?: DraftBuild | undefined }
  | { readonly kind: 'modules'; readonly modules: readonly DraftModule[] }
  | { readonly kind: 'serviceWorker'; readonly content: DraftContent };

export interface DraftModule {
  readonly kind: ModuleKind;
  readonly name: Sourced<string>;
  readonly content: DraftContent;
  readonly namedExports: readonly string[];
}

export interface DraftExtensionModule {
  readonly name: Sourced<string>;
  readonly internal: boolean;
  readonly content: DraftContent;
}

/** What is right of a field that holds text or bytes or names a file. */
type Content = Read<typeof sourceText | typeof bytes | typeof filePath> | undefined;

function readContent(value: Content, at: Sourcing): DraftContent | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return { kind: 'inline', text: value };
  if (value instanceof Uint8Array) return { kind: 'inline', text: Buffer.from(value).toString('base64') };
  const path = at.sourced(value.file, 'file');
  return path === undefined ? undefined : { kind: 'file', path };
}

function readJson(value: unknown, at: Sourcing): DraftContent | undefined {
  if (hasOnly(value, 'file')) return readContent(value, at);
  const json = hasOnly(value, 'json') ? value['json'] : value;
  return json === undefined ? undefined : { kind: 'inline', text: JSON.stringify(json) };
}

interface SourceFields {
  readonly script?: string | undefined;
  readonly modules?: readonly (Read<typeof moduleSchema> | undefined)[] | undefined;
  readonly serviceWorkerScript?: Content;
}

/** What is said about how the script is built, and is of no use to other code. */
export function checkNoBuild(app: SourceFields & Parameters<typeof readBuild>[0], at: Sourcing): void {
  for (const key of Object.keys(buildShape) as (keyof typeof buildShape)[]) {
    if (app[key] === undefined) continue;
    const details = { expected: 'nothing, as the worker has no `script`', found: `\`${key}\`` };
    at.problems.report('CONFIG_VALUE', details, [...at.path, key]);
  }
}

/** The code of a worker, as much of it as is right; `undefined` when nothing is. */
export function readSource(
  app: SourceFields & Parameters<typeof readBuild>[0],
  at: Sourcing,
): DraftSource | undefined {
  const path = at.sourced(app.script, 'script');
  if (path !== undefined) return { kind: 'script', path, build: readBuild(app, at) };
  if (app.modules !== undefined || app.serviceWorkerScript !== undefined) checkNoBuild(app, at);
  if (app.modules !== undefined) {
    if (app.modules.length === 0) {
      const details = { expected: 'an array of at least one module', found: 'an empty array' };
      at.problems.report('CONFIG_VALUE', details, [...at.path, 'modules']);
      return undefined;
    }
    const modules = app.modules.map((module, index) => readModule(module, at.at('modules', index)));
    // Its first module says what the worker is, so a list with gaps is of no use.
    if (modules.includes(undefined)) return undefined;
    return { kind: 'modules', modules: modules.filter((module) => module !== undefined) };
  }
  const content = readContent(app.serviceWorkerScript, at.at('serviceWorkerScript'));
  return content && { kind: 'serviceWorker', content };
}

function readModule(module: Read<typeof moduleSchema> | undefined, at: Sourcing): DraftModule | undefined {
  const name = at.sourced(module?.name, 'name');
  const kind = moduleKinds.find((each) => module?.[each] !== undefined);
  if (module === undefined || name === undefined || kind === undefined) return undefined;
  const { namedExports } = module;
  if (namedExports !== undefined && kind !== 'commonJs') {
    const details = { expected: 'namedExports only beside commonJs', found: `it beside ${kind}` };
    at.problems.report('CONFIG_VALUE', details, [...at.path, 'namedExports']);
  }
  const here = at.at(kind);
  const content = kind === 'json' ? readJson(module.json, here) : readContent(module[kind], here);
  const names = (namedExports ?? []).filter((each) => each !== undefined);
  return content && { kind, name, content, namedExports: names };
}

/** The modules of all extensions. */
export function readExtensions(
  extensions: readonly (Read<typeof extensionSchema> | undefined)[],
  at: Sourcing,
): DraftExtensionModule[] {
  return extensions.flatMap((extension, index) =>
    (extension?.modules ?? []).flatMap((module, place) => {
      const here = at.at(index, 'modules', place);
      const name = here.sourced(module?.name, 'name');
      const content = readContent(module?.esModule, here.at('esModule'));
      if (name === undefined || content === undefined) return [];
      return [{ name, internal: module?.internal ?? false, content }];
    }),
  );
}

/** The files that a draft names, as they are written. */
export function filesOf(source: DraftSource | undefined): string[] {
  if (source === undefined) return [];
  if (source.kind === 'script') {
    const tsconfig = source.build?.tsconfig;
    return tsconfig === undefined ? [source.path.value] : [source.path.value, tsconfig.value];
  }
  const contents =
    source.kind === 'modules' ? source.modules.map(({ content }) => content) : [source.content];
  return contents.flatMap(fileOf);
}

/** The file of a content, if it names one. */
export function fileOf(content: DraftContent): string[] {
  return content.kind === 'file' ? [content.path.value] : [];
}

/** What absolute paths lead to. */
export type FileKinds = ReadonlyMap<string, Awaited<ReturnType<ConfigPowers['statKind']>>>;

/** Looks at paths as they are written, relative to a directory. */
export async function findFiles(
  paths: readonly string[],
  baseDir: string,
  { statKind }: Pick<ConfigPowers, 'statKind'>,
): Promise<FileKinds> {
  const absolute = [...new Set(paths.map((path) => resolvePath(baseDir, path)))];
  return new Map(await Promise.all(absolute.map(async (path) => [path, await statKind(path)] as const)));
}

/** Turns drafts of code into what a `Config` holds; what is wrong is reported. */
export class SourceResolver {
  readonly #kinds: FileKinds;
  readonly #baseDir: string;
  readonly #problems: Problems;

  constructor(kinds: FileKinds, baseDir: string, problems: Problems) {
    this.#kinds = kinds;
    this.#baseDir = baseDir;
    this.#problems = problems;
  }

  source(draft: DraftSource): WorkerSource | undefined {
    if (draft.kind === 'script') {
      const path = this.#file(draft.path);
      const build = draft.build && this.#build(draft.build, draft.path.value);
      return path === undefined
        ? undefined
        : { kind: 'script', path, ...(build === undefined ? {} : { build }) };
    }
    if (draft.kind === 'modules') return this.#modules(draft.modules);
    const content = this.#content(draft.content);
    return content && { kind: 'serviceWorker', content };
  }

  extensions(drafts: readonly DraftExtensionModule[]): ExtensionModule[] {
    const taken = new Map<string, Sourced<string>>();
    return drafts.flatMap(({ name, internal, content: draft }) => {
      this.#checkUnique(name.value, name, taken);
      const content = this.#content(draft);
      return content === undefined ? [] : [{ name: name.value, internal, content }];
    });
  }

  #build({ options, alias, tsconfig, unbundled }: DraftBuild, script: string): BuildOptions {
    const absolute = (path: string): string => resolvePath(this.#baseDir, path);
    const isPath = /^\.{0,2}\//u;
    const found = tsconfig && this.#file(tsconfig);
    return {
      ...options,
      ...(alias.length === 0
        ? {}
        : {
            alias: Object.fromEntries(
              alias.map(([name, target]) => [name, isPath.test(target) ? absolute(target) : target]),
            ),
          }),
      ...(found === undefined ? {} : { tsconfig: found }),
      ...(unbundled === undefined
        ? {}
        : {
            unbundled: {
              baseDir:
                unbundled.baseDir === undefined ? dirname(absolute(script)) : absolute(unbundled.baseDir),
              findModules: unbundled.findModules,
            },
          }),
    };
  }

  #modules(drafts: readonly DraftModule[]): WorkerSource | undefined {
    const taken = new Map<string, Sourced<string>>();
    const modules = drafts.map((draft) => this.#module(draft, taken));
    const [main] = drafts;
    if (main !== undefined && main.kind !== 'esModule' && main.kind !== 'commonJs') {
      const expected = 'an esModule or a commonJs module, as the first module is the main module';
      this.#problems.report('CONFIG_VALUE', { expected, found: quote(main.kind) }, main.name.place);
      return undefined;
    }
    const found = modules.filter((module) => module !== undefined);
    return found.length < drafts.length ? undefined : { kind: 'modules', modules: found };
  }

  #module(draft: DraftModule, taken: Map<string, Sourced<string>>): ModuleSource | undefined {
    const { kind, namedExports } = draft;
    const name = normalizeModuleName(draft.name.value);
    if (name === undefined) {
      const expected = 'the name of a module: a relative path without a step that leads out of it';
      this.#problems.report('CONFIG_VALUE', { expected, found: quote(draft.name.value) }, draft.name.place);
    } else this.#checkUnique(name, draft.name, taken);
    const content = this.#content(draft.content);
    if (name === undefined || content === undefined) return undefined;
    return { kind, name, content, ...(namedExports.length === 0 ? {} : { namedExports }) };
  }

  #checkUnique(name: string, here: Sourced<string>, taken: Map<string, Sourced<string>>): void {
    const holder = taken.get(name);
    if (holder === undefined) {
      taken.set(name, here);
      return;
    }
    const details = { what: 'module name', name, first: placeName(holder.place) };
    this.#problems.report('CONFIG_DUPLICATE', details, here.place);
  }

  #content(draft: DraftContent): SourceContent | undefined {
    if (draft.kind === 'inline') return draft;
    const path = this.#file(draft.path);
    return path === undefined ? undefined : { kind: 'file', path };
  }

  /** The absolute path of a file that is there. */
  #file({ value, place }: Sourced<string>): string | undefined {
    const path = resolvePath(this.#baseDir, value);
    const kind = this.#kinds.get(path) ?? 'missing';
    if (kind === 'file') return path;
    this.#problems.report('SCRIPT_NOT_FOUND', { script: value, reason: notAFile(kind) }, place);
    return undefined;
  }
}

function notAFile(kind: string): string {
  switch (kind) {
    case 'missing':
      return 'does not exist';
    case 'directory':
      return 'is a directory, not a script';
    case 'other':
      return 'is not a file';
    default:
      return `cannot be read: ${kind}`;
  }
}
