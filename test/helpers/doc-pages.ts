/**
 * The pages that people read: README.md, CHANGELOG.md and everything under docs/. What their fenced blocks mean:
 *
 * - `js`, `ts`: a file; its first line is a comment with its path. All files of a page make one project.
 * - `console`: a session in that project, `$ command` and what it prints, where `…` stands for anything. With `examples` after it, the
 *   project is the repository itself; with `vps`, it is what test/docs/vps.test.ts types into a shell.
 * - `sh`: commands for a clone of the repository. `json`: lines of JSON. `text`: pictures and tables.
 */

import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block. */
export interface Fence {
  readonly language: string;
  /** What follows the language. */
  readonly note: string;
  readonly text: string;
}

export interface DocPage {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
  /** What `#anchor` in a link may name. */
  readonly anchors: ReadonlySet<string>;
}

/** Every page, sorted by path. */
export function docPages(): readonly DocPage[] {
  return ['CHANGELOG.md', 'README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted().map(readPage);
}

/** The page at this path. */
export function readPage(path: string): DocPage {
  const text = readFileSync(`${ROOT}${path}`, 'utf8');
  const matches = [...text.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gmu)];
  const fences = matches.map(([, language = '', note = '', body = '']) => ({ language, note, text: body }));
  return { path, text, fences, anchors: anchorsOf(proseOf(text)) };
}

/** The text without its fenced blocks. */
export function proseOf(text: string): string {
  return text.replace(/^```[^]*?^```$/gmu, '');
}

/** The file that a block holds, or undefined for a block that names none. */
export function fileOf({ language, text }: Fence): { path: string; text: string } | undefined {
  if (language !== 'js' && language !== 'ts') return undefined;
  const path = /^\/\/ (\S+\.\w+)\n/u.exec(text)?.[1];
  return path === undefined ? undefined : { path, text };
}

/** As GitHub makes them of headings. */
function anchorsOf(prose: string): Set<string> {
  const headings = [...prose.matchAll(/^#+ (.+)$/gmu)].map((match) => String(match[1]));
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
