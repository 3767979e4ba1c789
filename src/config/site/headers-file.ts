/**
 * Reads `_headers`: a pattern of URLs on a line, and below it the headers that responses there are given (`Name: value`), or that are taken from
 * them (`! Name`). What cannot be used is ignored, as at Cloudflare, and said. Pure; runs in the supervisor.
 * https://developers.cloudflare.com/workers/static-assets/headers/
 */
import type { HeaderLine, HeaderRule } from '../../shared/site/settings.ts';
import { quote } from '../../shared/text.ts';
import { fieldValue, isFraming, token } from '../header-syntax.ts';
import { linesOf, longestLine, readPattern } from './rule-file.ts';
import type { IgnoredLine, ReadRules } from './rule-file.ts';

const mostRules = 100;

/** They follow from what is sent. */
const representation: ReadonlySet<string> = new Set([
  'accept-ranges',
  'content-encoding',
  'content-range',
  'location',
]);

interface OpenRule {
  readonly path: string;
  readonly line: number;
  readonly set: Map<string, HeaderLine[]>;
  readonly remove: string[];
}

export function readHeaderRules(text: string): ReadRules<HeaderRule> {
  const rules: OpenRule[] = [];
  const ignored: IgnoredLine[] = [];
  /** Undefined behind a pattern that is ignored, and `null` before the first one. */
  let rule: OpenRule | undefined | null = null;
  for (const { line, text: written } of linesOf(text)) {
    const ignore = (reason: string): number => ignored.push({ line, reason });
    if (written.length > longestLine) ignore(`it has more than ${longestLine} characters`);
    else if (/^(?:\/|[^\s:]+:\/\/)/u.test(written)) {
      const read = readPattern(written);
      rule = undefined;
      if ('reason' in read) ignore(read.reason);
      else if (rules.length >= mostRules) ignore(`there are more than ${mostRules} patterns`);
      else rules.push((rule = { path: read.pattern, line, set: new Map(), remove: [] }));
    } else if (rule === null) ignore('expected the pattern of a URL before the first header');
    else if (rule !== undefined) {
      const problem = addLine(rule, written);
      if (problem !== undefined) ignore(problem);
    }
  }
  const isEmpty = ({ set, remove }: OpenRule): boolean => set.size + remove.length === 0;
  for (const { line } of rules.filter(isEmpty)) ignored.push({ line, reason: 'no header follows it' });
  return {
    rules: rules
      .filter((each) => !isEmpty(each))
      .map(({ path, set, remove }) => ({ path, set: [...set.values()].flat(), remove })),
    ignored: ignored.sort((a, b) => a.line - b.line),
  };
}

/** Returns why the line is ignored. */
function addLine({ set, remove }: OpenRule, written: string): string | undefined {
  if (written.startsWith('!')) {
    const name = written.slice(1).trim();
    const problem = nameProblem(name);
    if (problem === undefined) remove.push(name.toLowerCase());
    return problem;
  }
  const colon = written.indexOf(':');
  if (colon === -1) return 'expected a header: Name: value, or ! Name';
  const name = written.slice(0, colon).trim();
  const value = written.slice(colon + 1).trim();
  const problem = nameProblem(name);
  if (problem !== undefined) return problem;
  if (value === '') return `the header ${quote(name)} has no value`;
  if (!fieldValue.test(value)) return `the value of ${quote(name)} has characters that no header can have`;
  addHeader(set, name.toLowerCase(), value);
  return undefined;
}

/** Several of one name are one list, but for cookies, which know no lists. */
function addHeader(set: Map<string, HeaderLine[]>, name: string, value: string): void {
  const before = set.get(name);
  if (before === undefined) set.set(name, [{ name, value }]);
  else if (name === 'set-cookie') before.push({ name, value });
  else set.set(name, [{ name, value: `${before[0]?.value ?? ''}, ${value}` }]);
}

function nameProblem(name: string): string | undefined {
  if (!token.test(name)) return `${quote(name)} is no name of a header`;
  const lower = name.toLowerCase();
  return isFraming(lower) || representation.has(lower)
    ? `${quote(name)} follows from what is sent, and cannot be said`
    : undefined;
}
