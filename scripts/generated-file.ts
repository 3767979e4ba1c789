/** Files of the repository that a script writes from the source: written, or compared by `--check`, which ends with status 1. */
import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  /** `npm run` script that writes it. */
  readonly script: string;
  /** The new text, from the present one (`''` when there is no file). It is formatted by Prettier afterwards. */
  readonly generate: (present: string) => string;
}

/** What the file ought to hold, formatted, and what it holds (`''` when there is none). */
export async function compareGenerated(file: GeneratedFile): Promise<{ wanted: string; present: string }> {
  const path = `${ROOT}${file.path}`;
  const present = await readFile(path, 'utf8').catch(() => '');
  const options = await resolveConfig(path);
  const wanted = await format(file.generate(present), { ...options, filepath: path });
  return { wanted, present };
}

/** Writes the file, or with `--check` among the arguments says whether it is stale. */
export async function writeOrCheck(file: GeneratedFile, args: readonly string[]): Promise<void> {
  const { wanted, present } = await compareGenerated(file);
  if (wanted === present) return;
  if (!args.includes('--check')) {
    await writeFile(`${ROOT}${file.path}`, wanted);
    return;
  }
  console.error(`${file.path} is stale; run: npm run ${file.script}`);
  process.exitCode = 1;
}
