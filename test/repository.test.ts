/** What holds for the repository as a whole, whatever is in it. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface LockedPackage {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
}

function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

/** Every file that git knows or would add. Throws outside a clone. */
function files(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return listed.split('\0').filter((path) => path !== '');
}

function isClone(): boolean {
  try {
    return files().length > 0;
  } catch {
    return false;
  }
}

/** True for folders that documentation may name because services are commonly installed there. */
function isOrdinaryPlace(folder: string): boolean {
  return /^\/(opt|srv|usr|var)\//.test(folder);
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const packages = { ...manifest.dependencies, ...manifest.devDependencies };

t.test('every dependency is pinned to one version', async (t) => {
  for (const [name, version] of Object.entries(packages))
    t.match(version, /^\d+\.\d+\.\d+(?:-rc\.\d+)?$/, name);
});

t.test('every dependency has its reason, and every reason its dependency', async (t) => {
  const headings = read('docs/decisions/dependencies.md').matchAll(/^### (.+)$/gm);
  const explained = [...headings].flatMap((match) => String(match[1]).split(', '));
  t.strictSame(explained.toSorted(), Object.keys(packages).toSorted());
});

t.test('the lock file pins what is installed, and names no host but the public registry', async (t) => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> };
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || entry.link === true) continue;
    if (entry.integrity === undefined) t.fail(`${path} has no integrity`);
    const url = entry.resolved ?? 'https://registry.npmjs.org/';
    if (!url.startsWith('https://registry.npmjs.org/')) t.fail(`${path} is resolved from ${url}`);
  }
  t.match(lock.packages[''], {
    dependencies: manifest.dependencies,
    devDependencies: manifest.devDependencies,
  });
});

t.test('no file mentions the machine it was written on', { skip: !isClone() }, async (t) => {
  const here = isOrdinaryPlace(ROOT) ? [] : [RegExp.escape(ROOT)];
  const homes = ['/home/(?!user/|you/|nanod/)[a-z][\\w.-]*/', '/Users/(?!user/|you/)[A-Za-z][\\w.-]*/'];
  const place = new RegExp(`(?<![\\w.~})*-])(?:${[...here, ...homes].join('|')})`);
  for (const path of files()) {
    let text: string;
    try {
      text = read(path);
    } catch {
      continue; // deleted, and not yet committed
    }
    const found = place.exec(text);
    if (found !== null) t.fail(`${path} mentions ${found[0]}`);
  }
  t.pass('all files read');
});
