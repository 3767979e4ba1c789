/** Links of the pages lead somewhere, and every page can be reached. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { docPages, proseOf } from '../helpers/doc-pages.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const pages = new Map(docPages().map((page) => [page.path, page]));

/** What a page links to within the repository: `[path, anchor]`. */
function linksOf(path: string): (readonly [string, string])[] {
  const prose = proseOf(pages.get(path)?.text ?? '').replaceAll(/`[^`\n]*`/gu, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/gu)].map((match) => String(match[1]));
  return targets
    .filter((target) => !/^[a-z]+:/u.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#', 2);
      return [file === '' ? path : posix.join(posix.dirname(path), file), anchor];
    });
}

for (const [path] of pages) {
  t.test(`links of ${path} lead to what is there`, async (t) => {
    for (const [file, anchor] of linksOf(path)) {
      t.ok(existsSync(`${ROOT}${file}`), file);
      if (anchor !== '') t.ok(pages.get(file)?.anchors.has(anchor), `${file}#${anchor}`);
      if (file.endsWith('/')) t.ok(statSync(`${ROOT}${file}`).isDirectory());
    }
    t.pass('all links followed');
  });
}

t.test('every page can be reached from the README', async (t) => {
  const seen = new Set(['README.md']);
  for (const path of seen) for (const [file] of linksOf(path)) if (pages.has(file)) seen.add(file);
  t.strictSame([...seen].toSorted(), [...pages.keys()].toSorted());
});

t.test(
  'what the README and the pages link to is in the package, or is for people with a clone',
  async (t) => {
    const { files } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { files: string[] };
    const packed = new Set([...files, 'README.md', 'LICENSE', 'package.json']);
    const forClone = /^(workers\/|ecosystem\.config\.js$)/u;
    for (const path of pages.keys()) {
      for (const [file] of linksOf(path)) {
        t.ok(packed.has(file.split('/')[0] ?? '') || forClone.test(file), `${path}: ${file}`);
      }
    }
  },
);
