/**
 * Starts tap. It builds its test class from the plugins of .taprc, and the run that does so still loads the old set, whose compiler cannot read
 * this repository; so a fresh installation is built before the first run.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What Node runs to run tap, relative to the repository. */
export const TAP = 'node_modules/tap/dist/esm/run.mjs';
/** Says what tap was built from. Inside node_modules, so that it goes with the build when packages are installed afresh. */
const STAMP_FOLDER = `${ROOT}/node_modules/.cache/nanod`;
const STAMP = `${STAMP_FOLDER}/tap-build`;

/** Runs tap to its end, with its output on this process's. Returns its exit status. */
export function tap(args: readonly string[]): number {
  const { status, error } = spawnSync(process.execPath, [TAP, ...args], { cwd: ROOT, stdio: 'inherit' });
  if (error !== undefined) throw error;
  // Without a status it was killed by a signal.
  return status ?? 1;
}

/** Builds tap's test class, unless it was built from this configuration and this version before. Returns an exit status. */
export function buildTap(): number {
  const inputs = [`${ROOT}/.taprc`, `${ROOT}/node_modules/tap/package.json`].map(readText).join('\n');
  const wanted = createHash('sha256').update(inputs).digest('hex');
  if (readText(STAMP) === wanted) return 0;
  const status = tap(['build']);
  if (status !== 0) return status;
  mkdirSync(STAMP_FOLDER, { recursive: true });
  writeFileSync(STAMP, wanted);
  return 0;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
