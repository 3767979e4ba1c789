/**
 * Reads `.assetsignore`: which files of a directory are not served, in the syntax of .gitignore. Pure; runs in the supervisor.
 * https://developers.cloudflare.com/workers/static-assets/binding/#ignoring-assets
 */
import type { IgnoredLine, ReadRules } from './rule-file.ts';
import { linesOf, longestLine } from './rule-file.ts';

/**
 * Never meant to be served, unless the file says so with `!`: what begins with a dot holds secrets and histories more often than pages, and
 * `_worker.js` is code of a server.
 */
const implied: readonly string[] = [
  '.*',
  '!.well-known',
  '/_headers',
  '/_redirects',
  '/_routes.json',
  '/_worker.js',
  'node_modules',
];

/** With more of them, a pattern can take very long to match nothing. */
const mostStars = 6;
const mostLines = 1000;

/** The patterns, those of nanod first. */
export function readIgnoreLines(text: string): ReadRules<string> {
  const ignored: IgnoredLine[] = [];
  const rules = [...implied];
  for (const { line, text: pattern } of linesOf(text)) {
    const stars = pattern.replaceAll(/\*+/gu, '*').split('*').length - 1;
    if (pattern.length > longestLine)
      ignored.push({ line, reason: `it has more than ${longestLine} characters` });
    else if (stars > mostStars) ignored.push({ line, reason: `it has more than ${mostStars} stars` });
    else if (rules.length >= mostLines)
      ignored.push({ line, reason: `there are more than ${mostLines} patterns` });
    else rules.push(pattern);
  }
  return { rules, ignored };
}
