/**
 * `npm run build`: makes dist/ from src/, which is what a package holds in its place. Every module becomes one JavaScript file and its
 * declarations; the prelude becomes the one script that realms evaluate, since it is handed to them as text.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePrelude } from '../src/bundle/bundle-prelude.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = `${ROOT}dist`;

function compile(): void {
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(1);
}

/** Copies what is neither code nor a setting of the compiler: tables, templates. */
function copyData(): void {
  const filter = (source: string): boolean => {
    const isSource = extname(source) === '.ts' || source.endsWith('tsconfig.json');
    return !isSource && !source.startsWith(`${ROOT}src/realm/prelude`);
  };
  cpSync(`${ROOT}src`, DIST, { recursive: true, filter });
  // Types of another world than the host's: the compiler does not see them.
  for (const name of ['types.d.ts', 'worker-globals.d.ts']) cpSync(`${ROOT}src/${name}`, `${DIST}/${name}`);
}

rmSync(DIST, { recursive: true, force: true });
compile();
copyData();
mkdirSync(`${DIST}/realm`, { recursive: true });
writeFileSync(`${DIST}/realm/prelude.js`, await bundlePrelude());
if (!existsSync(`${DIST}/main.js`)) throw new Error('dist/main.js was not made');
