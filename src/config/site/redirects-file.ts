/**
 * Reads `_redirects`: one rule a line, `SOURCE DESTINATION [STATUS]`. What cannot be used is ignored, as at Cloudflare, and said. Pure; runs in
 * the supervisor. https://developers.cloudflare.com/workers/static-assets/redirects/
 */
import { isDynamic, parsePathPattern } from '../../shared/site/path-pattern.ts';
import { redirectStatuses } from '../../shared/site/settings.ts';
import type { HtmlHandling, RedirectRule, RedirectStatus } from '../../shared/site/settings.ts';
import { quote } from '../../shared/text.ts';
import { linesOf, longestLine, readPattern } from './rule-file.ts';
import type { IgnoredLine, ReadRules } from './rule-file.ts';

const mostStatic = 2000;
const mostDynamic = 100;

type Refusal = { readonly reason: string };

export function readRedirects(text: string, htmlHandling: HtmlHandling): ReadRules<RedirectRule> {
  const rules = new Map<string, RedirectRule>();
  const ignored: IgnoredLine[] = [];
  const count = { static: 0, dynamic: 0 };
  for (const { line, text: written } of linesOf(text)) {
    const rule = readRule(written, htmlHandling);
    const reason = 'reason' in rule ? rule.reason : (duplicate(rule, rules) ?? tooMany(rule, count));
    if (reason !== undefined) ignored.push({ line, reason });
    else if (!('reason' in rule)) rules.set(rule.from, rule);
  }
  return { rules: [...rules.values()], ignored };
}

function duplicate({ from }: RedirectRule, rules: ReadonlyMap<string, RedirectRule>): string | undefined {
  return rules.has(from) ? `there is a rule for ${quote(from)} already` : undefined;
}

/** Rules behind the first dynamic one are looked at in their order, and count as such. */
function tooMany({ from }: RedirectRule, count: { static: number; dynamic: number }): string | undefined {
  const pattern = parsePathPattern(from);
  if (count.dynamic === 0 && !('reason' in pattern) && !isDynamic(pattern)) {
    count.static += 1;
    return count.static > mostStatic
      ? `there are more than ${mostStatic} rules without placeholders`
      : undefined;
  }
  count.dynamic += 1;
  return count.dynamic > mostDynamic
    ? `there are more than ${mostDynamic} rules with placeholders`
    : undefined;
}

function readRule(written: string, htmlHandling: HtmlHandling): RedirectRule | Refusal {
  if (written.length > longestLine) return { reason: `it has more than ${longestLine} characters` };
  const words = withoutComment(written.split(/\s+/u));
  const [source = '', destination = '', code = '302'] = words;
  if (words.length < 2 || words.length > 3)
    return { reason: `expected a path, where it leads, and perhaps a status, found ${words.length} words` };
  const from = readSource(source);
  if (typeof from !== 'string') return from;
  const to = readDestination(destination);
  if (typeof to !== 'string') return to;
  const status = redirectStatuses.find((each) => String(each) === code);
  if (status === undefined)
    return { reason: `expected one of the statuses ${redirectStatuses.join(', ')}, found ${quote(code)}` };
  return circleProblem({ from, to, status }, htmlHandling) ?? { from, to, status };
}

/** Behind two words: what has `#` at its beginning before is a part of a URL. */
function withoutComment(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word, index) => index >= 2 && word.startsWith('#'));
  return at === -1 ? words : words.slice(0, at);
}

function readSource(written: string): string | Refusal {
  const withoutHash = written.replace(/[?#].*$/su, '');
  if (/^[a-z][a-z+.-]*:\/\//iu.test(written)) return { reason: 'the source is a path, without a host' };
  const read = readPattern(withoutHash.startsWith('/') ? withoutHash : `/${withoutHash}`);
  return 'reason' in read ? { reason: `the source: ${read.reason}` } : read.pattern;
}

/** In a URL, the host may have placeholders for labels in front, or be one itself. */
const authority = /^(?::[A-Za-z]\w*\.)*[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$|^:[A-Za-z]\w*$/iu;

function readDestination(written: string): string | Refusal {
  if (written.startsWith('/')) {
    const [, path = '', rest = ''] = /^([^?#]*)(.*)$/su.exec(written) ?? [];
    return path.replace(/[/\\]+/gu, '/') + rest;
  }
  const [, host, rest = ''] = /^https?:\/\/([^/?#]+)(.*)$/isu.exec(written) ?? [];
  if (host === undefined) return { reason: 'the destination begins neither with / nor with https://' };
  if (!authority.test(host))
    return { reason: `the destination: a placeholder in a host stands for a whole label, in front` };
  return written.slice(0, written.indexOf('//') + 2) + host + (rest.startsWith('/') ? rest : `/${rest}`);
}

/** Rules that would lead a browser in a circle, with what html handling does to such paths. */
function circleProblem(
  { from, to, status }: { from: string; to: string; status: RedirectStatus },
  htmlHandling: HtmlHandling,
): Refusal | undefined {
  if (!to.startsWith('/'))
    return status === 200
      ? { reason: 'with the status 200, the destination is a path of the site' }
      : undefined;
  const isIndex = /\/index(?:\.html)?$/u.test(to);
  if (isIndex && from.endsWith('/*'))
    return { reason: 'it leads in a circle: for one page at every path, set notFoundHandling' };
  if (isIndex && from.endsWith('/') && htmlHandling !== 'none') return { reason: 'it leads in a circle' };
  return undefined;
}
