/**
 * The patterns of routes, as wrangler writes them: `example.com/api/*`, `*.example.com/*`. Turned into what URLs have once, when the
 * configuration is read, and found to be the same however they are written. Runs in the supervisor.
 */
import { domainToASCII } from 'node:url';
import { plainPath } from '../shared/url-path.ts';
import type { RouteMatch } from './types.ts';

/** A pattern, or why it is none. */
export type ParsedPattern = { readonly match: RouteMatch } | { readonly reason: string };

/**
 * Reads `example.com/api/*`, `example.com/exactly/this`, `*.example.com/*` (hosts below), `*example.com/*` (it as well), `*\/*`, and
 * a host alone, which means all of its paths. A host may be written in any script; of a URL, ports and queries do not matter.
 */
export function parsePattern(written: string): ParsedPattern {
  if (/^[a-z][a-z+.-]*:\/\//iu.test(written)) return { reason: 'a pattern has no scheme' };
  if (/[\s\\?#@]/u.test(written)) return { reason: 'a pattern has no spaces, queries, fragments or users' };
  const slash = written.indexOf('/');
  const host = parseHost(slash === -1 ? written : written.slice(0, slash));
  if ('reason' in host) return host;
  const path = parsePath(slash === -1 ? '/*' : written.slice(slash));
  return 'reason' in path ? path : { match: { ...host, ...path } };
}

type Host = Pick<RouteMatch, 'host' | 'isHostSuffix'>;

function parseHost(written: string): Host | { reason: string } {
  if (written === '') return { reason: 'the host is missing; `*` is every host' };
  const isHostSuffix = written.startsWith('*');
  const rest = isHostSuffix ? written.slice(1) : written;
  if (rest.includes('*')) return { reason: 'in a host, `*` stands at its beginning only' };
  if (/\]?:\d*$/u.test(rest) && !rest.endsWith(']')) return { reason: 'a pattern has no port' };
  if (rest === '') return { host: '', isHostSuffix };
  const dot = isHostSuffix && rest.startsWith('.') ? '.' : '';
  const host = canonicalHost(rest.slice(dot.length));
  if (host === undefined) return { reason: 'the host is neither a host name nor an IP address' };
  return { host: dot + host, isHostSuffix };
}

/** As a URL has it; without the dot that may end a name. */
function canonicalHost(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (/^[\p{L}\p{M}\p{N}._-]+$/u.test(name)) {
    const ascii = domainToASCII(name);
    return ascii === '' || ascii.startsWith('.') || ascii.includes('..') ? undefined : ascii;
  }
  return /^\[[\da-f:.]+\]$/iu.test(name) ? URL.parse(`http://${name}`)?.hostname : undefined;
}

type Path = Pick<RouteMatch, 'path' | 'isPathPrefix'>;

function parsePath(written: string): Path | { reason: string } {
  const isPathPrefix = written.endsWith('*');
  const rest = isPathPrefix ? written.slice(0, -1) : written;
  if (rest.includes('*')) return { reason: 'in a path, `*` stands at its end only' };
  const parsed = URL.parse(`http://host${rest}`);
  if (parsed === null || !rest.startsWith('/')) return { reason: 'the path is not valid' };
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/iu.test(rest)) return { reason: 'a path has no steps `.` and `..`' };
  return { path: plainPath(parsed.pathname), isPathPrefix };
}

/** The same for two patterns that match the same. */
export function patternKey({ host, isHostSuffix, path, isPathPrefix }: RouteMatch): string {
  return `${isHostSuffix ? '*' : ''}${host}${path}${isPathPrefix ? '*' : ''}`;
}
