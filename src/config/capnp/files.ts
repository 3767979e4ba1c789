/**
 * Reads what a configuration in the capnp dialect consists of: the file, the files that it imports, and those that it embeds. Only regular
 * files are opened, and only so much of them is read. Runs in the supervisor.
 */
import { dirname, resolve as resolvePath } from 'node:path';
import { displayPath } from '../../shared/display-path.ts';
import { makeError } from '../../shared/errors.ts';
import type { NanodError } from '../../shared/errors.ts';
import { quote } from '../../shared/text.ts';
import { errorCode } from '../powers.ts';
import type { ConfigPowers } from '../powers.ts';
import type { Problems } from '../problems.ts';
import { readSourceText } from '../source-file.ts';
import { parseCapnp } from './parser.ts';
import type { CapnpFile } from './scope.ts';
import { structTable } from './schema-table.ts';
import { Source, TooLarge, limits } from './source.ts';
import type { At } from './source.ts';
import type { TextExpression } from './syntax.ts';
import { placeOf } from './values.ts';
import type { Value } from './values.ts';

type FilePowers = Pick<ConfigPowers, 'cwd' | 'readBytes' | 'statKind'>;

/** A file and everything that it imports; or what is wrong with the text of one of them. Throws a `TooLarge`. */
export async function readCapnpFiles(
  path: string,
  powers: FilePowers,
  problems: Problems,
): Promise<CapnpFile | readonly NanodError[]> {
  const reader = new FileReader(powers, problems);
  const root = await reader.read(path);
  await reader.importAll();
  return root === undefined || reader.errors.length > 0 ? reader.errors : root;
}

/** Files that workerd brings along. */
const schemaFiles: ReadonlyMap<string, 'workerd' | 'capnp'> = new Map([
  ['/workerd/workerd.capnp', 'workerd'],
  ['/capnp/c++.capnp', 'capnp'],
  ['/capnp/schema.capnp', 'capnp'],
  ['/capnp/compat/json.capnp', 'capnp'],
]);

interface Import {
  readonly by: CapnpFile;
  readonly text: TextExpression;
}

class FileReader {
  readonly errors: NanodError[] = [];
  readonly #powers: FilePowers;
  readonly #problems: Problems;
  readonly #files = new Map<string, CapnpFile>();
  /** Grows while it is worked off. */
  readonly #imports: Import[] = [];

  constructor(powers: FilePowers, problems: Problems) {
    this.#powers = powers;
    this.#problems = problems;
  }

  async read(path: string): Promise<CapnpFile | undefined> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const text = await readSourceText(path, this.#powers);
    if (typeof text !== 'string') {
      this.errors.push(text);
      return undefined;
    }
    const source = new Source(path, displayPath(path, this.#powers.cwd), text);
    const parsed = parseCapnp(source);
    if ('errors' in parsed) this.errors.push(...parsed.errors);
    const tree = 'tree' in parsed ? parsed.tree : { declarations: [], imports: [] };
    const file: CapnpFile = { source, tree, imports: new Map() };
    this.#files.set(path, file);
    const texts = new Map(tree.imports.map((each) => [each.text, each]));
    for (const each of texts.values()) this.#imports.push({ by: file, text: each });
    return file;
  }

  async importAll(): Promise<void> {
    let count = 0;
    for (const each of this.#imports) {
      count += 1;
      if (count > limits.imports) {
        const at = { source: each.by.source, offset: each.text.offset };
        throw new TooLarge('there are too many imports', String(limits.imports), at);
      }
      await this.#import(each);
    }
  }

  async #import({ by, text: { text, offset } }: Import): Promise<void> {
    const at = { source: by.source, offset };
    const schema = schemaFiles.get(text);
    if (schema !== undefined) {
      by.imports.set(text, schema);
      return;
    }
    if (text.startsWith('/')) {
      const advice = `files that come with workerd are ${[...schemaFiles.keys()].join(', ')}; others are named from the directory of the file`;
      this.#report(`there is no file ${quote(text)} on the import path`, at, advice);
      return;
    }
    const path = resolvePath(dirname(by.source.path), text);
    const reason = await unreadable(path, this.#powers);
    if (reason !== undefined) {
      this.#report(`the import ${quote(text)} ${reason}`, at, fromDirectory);
      return;
    }
    if (!this.#files.has(path) && this.#files.size >= limits.files) {
      throw new TooLarge('too many files import each other', String(limits.files), at);
    }
    const file = await this.read(path);
    if (file !== undefined) by.imports.set(text, file);
  }

  #report(reason: string, { source, offset }: At, advice: string): void {
    this.#problems.report('CONFIG_REFERENCE', { reason, advice }, source.place(offset));
  }
}

const fromDirectory = 'the path counts from the directory of the file that it stands in';

async function unreadable(path: string, powers: FilePowers): Promise<string | undefined> {
  const kind = path.includes('\0') ? 'missing' : await powers.statKind(path);
  switch (kind) {
    case 'file':
      return undefined;
    case 'missing':
      return 'does not exist';
    case 'directory':
      return 'is a directory';
    case 'other':
      return 'is not a file';
    default:
      return `cannot be read: ${kind}`;
  }
}

type Embed = Extract<Value, { kind: 'embed' }>;

/** What the embedded files of a configuration hold, by their absolute paths; those that are named as files are not among them. */
export type Contents = ReadonlyMap<string, Uint8Array>;

/** Where dialect 1 takes `{ file }` in place of what a file holds. */
const namedAsFiles = new Set<Slot>([
  ...Object.keys(structTable['Worker.Module']).map((field) => `Worker.Module.${field}`),
  'Worker.serviceWorkerScript',
  'Worker.Binding.wasmModule',
  'Extension.Module.esModule',
  'TlsOptions.Keypair.privateKey',
  'TlsOptions.Keypair.certificateChain',
  'TlsOptions.trustedCertificates',
]);

/**
 * Looks at every embedded file of a value, reports those that are not there, and reads those that dialect 1 does not take as files. Throws
 * a `TooLarge`.
 */
export async function readEmbeds(root: Value, powers: FilePowers, problems: Problems): Promise<Contents> {
  const contents = new Map<string, Uint8Array>();
  const looked = new Map<string, string | undefined>();
  let left = limits.embedded;
  for (const { embed, slot } of embedsIn(root)) {
    const { path } = embed;
    if (!looked.has(path)) looked.set(path, await unreadable(path, powers));
    const reason = looked.get(path);
    if (reason !== undefined) {
      report(embed, reason, problems);
    } else if (!namedAsFiles.has(slot) && !contents.has(path)) {
      try {
        const bytes = await powers.readBytes(path, left);
        left -= bytes.byteLength;
        if (left < 0) throw new TooLarge('the embedded files are too long', '64 MiB', embed);
        contents.set(path, bytes);
      } catch (error) {
        if (error instanceof TooLarge) throw error;
        looked.set(path, `cannot be read: ${errorCode(error)}`);
        report(embed, `cannot be read: ${errorCode(error)}`, problems);
      }
    }
  }
  return contents;
}

function report(embed: Embed, reason: string, problems: Problems): void {
  const details = { reason: `the embedded file ${quote(embed.written)} ${reason}`, advice: fromDirectory };
  problems.report('CONFIG_REFERENCE', details, placeOf(embed));
}

/** Where a value stands in its type: `Worker.Module.esModule`, for the items of a list as well. */
type Slot = string;

/** Each embedded file of a value, once for each slot that it stands in. */
function embedsIn(root: Value): { readonly embed: Embed; readonly slot: Slot }[] {
  const found: { embed: Embed; slot: Slot }[] = [];
  const seen = new Map<Value, Set<Slot>>();
  const pending: { value: Value; slot: Slot }[] = [{ value: root, slot: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, slot } = next;
    const slots = seen.get(value) ?? new Set();
    if (slots.has(slot)) continue;
    seen.set(value, slots.add(slot));
    if (value.kind === 'embed') {
      found.push({ embed: value, slot });
    } else if (value.kind === 'list') {
      for (const item of value.items.toReversed()) pending.push({ value: item, slot });
    } else if (value.kind === 'struct' && slots.size === 1) {
      for (const [name, field] of [...value.fields].reverse()) {
        pending.push({ value: field, slot: `${value.type.name}.${name}` });
      }
    }
  }
  return found;
}

/** The error of a file that holds no configuration. */
export function noConstant(reason: string, advice: string | undefined, file: string): NanodError {
  return makeError('CONFIG_REFERENCE', { reason, advice }, { file });
}
