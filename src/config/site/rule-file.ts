/** What the readers of `_headers` and `_redirects` have in common. Pure; runs in the supervisor. */
import { parsePathPattern } from '../../shared/site/path-pattern.ts';

/** A line that is ignored, and why. */
export interface IgnoredLine {
  /** From 1 on. */
  readonly line: number;
  readonly reason: string;
}

/** What a file comes to. */
export interface ReadRules<Rule> {
  readonly rules: readonly Rule[];
  readonly ignored: readonly IgnoredLine[];
}

/** As Cloudflare has it. */
export const longestLine = 2000;

/** Lines that say something, without the space around them; `#` begins a comment. */
export function* linesOf(text: string): Generator<{ readonly line: number; readonly text: string }> {
  for (const [index, written] of text
    .replace(/^\ufeff/u, '')
    .split('\n')
    .entries()) {
    const trimmed = written.trim();
    if (trimmed !== '' && !trimmed.startsWith('#')) yield { line: index + 1, text: trimmed };
  }
}

/** A pattern as the URLs of requests have it, or why it is none. */
export function readPattern(written: string): { readonly pattern: string } | { readonly reason: string } {
  const [, host, rest = written] = /^https:\/\/([^/]+)(.*)$/iu.exec(written) ?? [];
  const path = host !== undefined && rest === '' ? '/' : rest;
  if (!path.startsWith('/')) return { reason: 'it begins neither with / nor with https://' };
  const url = URL.parse(`http://host${path}`);
  if (url === null) return { reason: 'it is no path' };
  const pattern = (host === undefined ? '' : `https://${host.toLowerCase()}`) + url.pathname;
  const parsed = parsePathPattern(pattern);
  return 'reason' in parsed ? parsed : { pattern };
}
