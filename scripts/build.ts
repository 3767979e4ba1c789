/**
 * `npm run build`: makes dist/ from src/, which is what a package holds in its place. Every module becomes one JavaScript file and its
 * declarations; the prelude, and the modules of Node.js, become scripts that realms evaluate, since they are handed to them as text.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleNodejsFrom } from '../src/bundle/bundle-nodejs.ts';
import { bundlePreludeFrom } from '../src/bundle/bundle-prelude.ts';

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
    const isForRealms = ['src/realm/prelude', 'src/nodejs'].some((folder) =>
      source.startsWith(`${ROOT}${folder}`),
    );
    return !isSource && !isForRealms;
  };
  cpSync(`${ROOT}src`, DIST, { recursive: true, filter });
  // Types of another world than the host's: the compiler does not see them.
  for (const name of ['types.d.ts', 'worker-globals.d.ts', 'workers-module.d.ts'])
    cpSync(`${ROOT}src/${name}`, `${DIST}/${name}`);
}

/** The modules of Node.js, and the licences of the packages that went into them. */
async function writeNodejs(): Promise<void> {
  const { text, packages } = await bundleNodejsFrom(`${ROOT}src/nodejs/main.ts`);
  writeFileSync(`${DIST}/nodejs.js`, text);
  writeFileSync(`${DIST}/nodejs.licenses.txt`, packages.map(licenceOf).join('\n'));
}

function licenceOf(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/iu.test(name));
  if (file === undefined) throw new Error(`${folder} has no licence`);
  return `${basename(folder)}\n\n${readFileSync(`${folder}/${file}`, 'utf8')}\n`;
}

rmSync(DIST, { recursive: true, force: true });
compile();
copyData();
mkdirSync(`${DIST}/realm`, { recursive: true });
writeFileSync(`${DIST}/realm/prelude.js`, await bundlePreludeFrom(`${ROOT}src/realm/prelude/main.ts`));
await writeNodejs();
if (!existsSync(`${DIST}/main.js`)) throw new Error('dist/main.js was not made');
