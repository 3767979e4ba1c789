/**
 * Which file a path leads to, and which other path is the one to ask for it: Cloudflare's `html_handling`. For each form of a path there is a
 * list of files to look for; a file that is to be asked for elsewhere leads to a redirect, if it is really found there. Pure; used in threads.
 * https://developers.cloudflare.com/workers/static-assets/routing/advanced/html-handling/
 */

import type { HtmlHandling } from '../../shared/site/settings.ts';

/** A file, and the path that it is to be asked for at, unless it is this one. */
type Step = readonly [file: string, canonical?: string];

export interface Found {
  /** Decoded, as the others. */
  readonly file: string;
  /** The path to ask for it at, where that is another one. */
  readonly canonical: string | undefined;
}

/** `path`: decoded, with `/` at its beginning. `has`: whether there is a file. */
export function findFile(
  path: string,
  handling: HtmlHandling,
  has: (path: string) => boolean,
): Found | undefined {
  for (const [file, canonical] of stepsFor(path, handling)) {
    if (!has(file)) continue;
    if (canonical === undefined) return { file, canonical };
    if (!has(canonical) && servedAt(canonical, handling, has) === file) return { file, canonical };
  }
  return undefined;
}

/** The file that is served at a path without a redirect. */
function servedAt(path: string, handling: HtmlHandling, has: (path: string) => boolean): string | undefined {
  return stepsFor(path, handling).find(([file, canonical]) => canonical === undefined && has(file))?.[0];
}

function stepsFor(path: string, handling: HtmlHandling): readonly Step[] {
  switch (handling) {
    case 'auto-trailing-slash':
      return autoSteps(path);
    case 'force-trailing-slash':
      return forceSteps(path);
    case 'drop-trailing-slash':
      return dropSteps(path);
    case 'none':
      return [[path]];
  }
}

const index = '/index';
const indexPage = '/index.html';
const page = '.html';

/** A name that is nothing but the ending is none of a page. */
function isPage(path: string): boolean {
  return path.endsWith(page) && !path.endsWith(`/${page}`);
}

/** `/a.html` at `/a`, `/a/index.html` at `/a/`. */
function autoSteps(path: string): readonly Step[] {
  const tail: readonly Step[] = [[path], [path + page], [path + indexPage, `${path}/`]];
  if (path.endsWith(index)) {
    const stem = path.slice(0, -index.length);
    return [[path], [path + page, `${stem}/`], [stem + page, stem], ...tail];
  }
  if (path.endsWith(indexPage)) {
    const stem = path.slice(0, -indexPage.length);
    return [[path, `${stem}/`], [stem + page, stem], ...tail];
  }
  if (path.endsWith('/')) {
    const stem = path.slice(0, -1);
    return [[stem + indexPage], [stem + page, stem]];
  }
  if (!isPage(path)) return tail;
  const stem = path.slice(0, -page.length);
  return [[path, stem], [stem + indexPage, `${stem}/`], ...tail];
}

/** `/a.html` and `/a/index.html` at `/a/`. */
function forceSteps(path: string): readonly Step[] {
  const tail: readonly Step[] = [[path], [path + page, `${path}/`], [path + indexPage, `${path}/`]];
  if (path.endsWith(index)) {
    const stem = path.slice(0, -index.length);
    return [[path], [path + page, `${stem}/`], [stem + page, `${stem}/`], ...tail];
  }
  if (path.endsWith(indexPage)) {
    const stem = path.slice(0, -indexPage.length);
    return [[path, `${stem}/`], [stem + page, `${stem}/`], ...tail];
  }
  if (path.endsWith('/')) {
    const stem = path.slice(0, -1);
    return [[stem + indexPage], [stem + page]];
  }
  if (!isPage(path)) return tail;
  const stem = path.slice(0, -page.length);
  return [[path, `${stem}/`], [path], [stem + indexPage, `${stem}/`], ...tail];
}

/** `/a.html` and `/a/index.html` at `/a`. */
function dropSteps(path: string): readonly Step[] {
  const tail: readonly Step[] = [[path], [path + page], [path + indexPage]];
  if (path === index) return [[path], [indexPage, '/'], ...tail];
  if (path === indexPage) return [[path, '/'], ...tail];
  if (path === '/') return [[indexPage]];
  if (path.endsWith(index)) {
    const stem = path.slice(0, -index.length);
    return [[path], [stem + page, stem], [path + page, stem], ...tail];
  }
  if (path.endsWith(indexPage)) {
    const stem = path.slice(0, -indexPage.length);
    return [[path, stem], [path], [stem + page, stem], ...tail];
  }
  const ending = path.endsWith('/') ? '/' : isPage(path) ? page : undefined;
  if (ending === undefined) return tail;
  const stem = path.slice(0, -ending.length);
  const others: readonly Step[] = [
    [stem + page, stem],
    [stem + indexPage, stem],
  ];
  return ending === '/' ? others : [...others, ...tail];
}
