/**
 * The patterns of `_headers` and `_redirects`: paths in which `:name` stands for a part of a segment, and one `*` for anything. Matching takes
 * time in proportion to the path, whatever the pattern: nothing of it is a regular expression. Pure; runs in the supervisor and in threads.
 */

/** What the placeholders of a pattern stand for, by name; `splat` for `*`. */
export type Values = ReadonlyMap<string, string>;

/** Literals around names: one literal more than names. */
interface Segment {
  readonly literals: readonly string[];
  readonly names: readonly string[];
}

/** The segment that `*` is in: what stands before and behind it there. */
interface Splat {
  readonly head: string;
  readonly tail: string;
}

export interface PathPattern {
  /** Labels of a host name; undefined for every host. */
  readonly host: readonly Segment[] | undefined;
  readonly before: readonly Segment[];
  readonly splat: Splat | undefined;
  readonly after: readonly Segment[];
}

const placeholder = /:([A-Za-z]\w*)/u;
const placeholders = /:([A-Za-z]\w*)/gu;

/** More of them in one segment say nothing that fewer could not. */
const mostNames = 10;

/** Reads `/blog/:year/*`, or `https://:user.example.com/*`. */
export function parsePathPattern(text: string): PathPattern | { readonly reason: string } {
  const [, host, rest = text] = /^https:\/\/([^/]+)(.*)$/u.exec(text) ?? [];
  const path = host !== undefined && rest === '' ? '/' : rest;
  if (!path.startsWith('/')) return { reason: 'it begins neither with / nor with https://' };
  if (host !== undefined && /[*@\s]|:\d*$/u.test(host))
    return { reason: 'a host has no port, no user and no * here' };
  const parts = path.split('/');
  const at = parts.findIndex((part) => part.includes('*'));
  if (path.indexOf('*') !== path.lastIndexOf('*')) return { reason: 'there is more than one *' };
  const splatPart = parts[at];
  if (splatPart !== undefined && placeholder.test(splatPart))
    return { reason: 'a placeholder and * stand in one segment' };
  const [head = '', tail = ''] = splatPart?.split('*') ?? [];
  const pattern: PathPattern = {
    host: host?.split('.').map(parseSegment),
    before: (splatPart === undefined ? parts : parts.slice(0, at)).map(parseSegment),
    splat: splatPart === undefined ? undefined : { head, tail },
    after: splatPart === undefined ? [] : parts.slice(at + 1).map(parseSegment),
  };
  return checkNames(pattern) ?? pattern;
}

function checkNames({
  host = [],
  before,
  splat,
  after,
}: PathPattern): { readonly reason: string } | undefined {
  const segments = [...host, ...before, ...after];
  const names = segments.flatMap((segment) => segment.names);
  if (new Set(names).size < names.length || (splat !== undefined && names.includes('splat')))
    return { reason: 'a placeholder is there twice' };
  return segments.some((segment) => segment.names.length > mostNames)
    ? { reason: `there are more than ${mostNames} placeholders in one segment` }
    : undefined;
}

function parseSegment(text: string): Segment {
  const parts = text.split(placeholder);
  return {
    literals: parts.filter((_, index) => index % 2 === 0),
    names: parts.filter((_, index) => index % 2 === 1),
  };
}

/** Whether anything in the pattern stands for something else. */
export function isDynamic(pattern: PathPattern): boolean {
  return pattern.splat !== undefined || pattern.before.some(({ names }) => names.length > 0);
}

/** What the placeholders stand for; undefined where the pattern does not match. `path`: the segments of the path of a URL, split at `/`. */
export function matchPath(
  { host: labels, before, splat, after }: PathPattern,
  host: string,
  path: readonly string[],
): Values | undefined {
  const values = new Map<string, string>();
  if (labels !== undefined && !matchAll(labels, host.split('.'), values)) return undefined;
  if (splat === undefined) return matchAll(before, path, values) ? values : undefined;
  const end = path.length - after.length;
  if (end <= before.length || !matchAll(before, path.slice(0, before.length), values)) return undefined;
  if (!matchAll(after, path.slice(end), values)) return undefined;
  const middle = path.slice(before.length, end).join('/');
  const { head, tail } = splat;
  if (middle.length < head.length + tail.length || !middle.startsWith(head) || !middle.endsWith(tail))
    return undefined;
  values.set('splat', middle.slice(head.length, middle.length - tail.length));
  return values;
}

function matchAll(
  segments: readonly Segment[],
  texts: readonly string[],
  values: Map<string, string>,
): boolean {
  return (
    segments.length === texts.length &&
    segments.every((segment, index) => matchSegment(segment, texts[index] ?? '', values))
  );
}

/** From the end on, each literal at its last place: so that the first placeholder takes as much as it can, as in a regular expression. */
function matchSegment({ literals, names }: Segment, text: string, values: Map<string, string>): boolean {
  const first = literals[0] ?? '';
  if (names.length === 0) return text === first;
  const last = literals.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let end = text.length - last.length;
  for (let index = names.length - 1; index > 0; index--) {
    const literal = literals[index] ?? '';
    const latest = end - 1 - literal.length;
    const at = latest < 0 ? -1 : text.lastIndexOf(literal, latest);
    if (at < first.length) return false;
    values.set(names[index] ?? '', text.slice(at + literal.length, end));
    end = at;
  }
  if (end <= first.length) return false;
  values.set(names[0] ?? '', text.slice(first.length, end));
  return true;
}

/** A text with values in the place of the names that have one. */
export function fillIn(template: string, values: Values): string {
  return template.replaceAll(placeholders, (name, key: string) => values.get(key) ?? name);
}
