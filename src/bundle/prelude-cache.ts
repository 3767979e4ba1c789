/**
 * Keeps the bundled prelude of a clone of the repository beside its dependencies: making it takes longer than all the rest of a start, and
 * more memory (docs/decisions/cost-of-a-realm.md). It is kept under a hash of everything that it is made from. Runs on the main thread.
 */

import { createHash, type Hash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the bundle comes from, and where it is kept. */
export interface PreludeCache {
  /** Folders of sources: the prelude's, and those of the bundler. */
  readonly sources: readonly string[];
  /** What else decides about the result: absolute paths of files. */
  readonly files: readonly string[];
  readonly directory: string;
}

/** Bundles that are kept, for whoever goes to and fro between branches. */
const most = 8;

/** The prelude from the cache, or made and put there. A cache that cannot be read or written is done without. */
export async function cachedPrelude(cache: PreludeCache, make: () => Promise<string>): Promise<string> {
  const file = join(cache.directory, `prelude-${await hashOf(cache)}.js`);
  try {
    return await readFile(file, 'utf8');
  } catch {
    const text = await make();
    await keep(file, text).catch(() => {});
    return text;
  }
}

/** The cache of this clone. `main`: the prelude's main module. */
export function cacheOfClone(main: string): PreludeCache {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  return {
    sources: [dirname(main), import.meta.dirname],
    files: [join(root, 'package-lock.json')],
    directory: join(root, 'node_modules', '.cache', 'nanod'),
  };
}

async function hashOf({ sources, files }: PreludeCache): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of sources) {
    const names = await readdir(folder, { recursive: true });
    const scripts = names.filter((name) => name.endsWith('.ts')).toSorted();
    await addFiles(hash, scripts, folder);
  }
  await addFiles(hash, files, '');
  return hash.digest('hex').slice(0, 32);
}

/** Every part is preceded by its length, so that no other files feed the hash with the same bytes. */
async function addFiles(hash: Hash, names: readonly string[], folder: string): Promise<void> {
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name))));
  for (const [index, bytes] of contents.entries()) {
    const name = names[index] ?? '';
    hash.update(`${name.length}:${name}${bytes.length}:`).update(bytes);
  }
}

/** Nobody sees half of a file. */
async function keep(file: string, text: string): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, text);
  await rename(temporary, file);
  const names = (await readdir(directory)).filter((name) => /^prelude-[0-9a-f]+\.js$/u.test(name));
  const ages = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  );
  const old = ages.toSorted((a, b) => b.at - a.at).slice(most);
  await Promise.all(old.map(({ name }) => rm(join(directory, name), { force: true })));
}
