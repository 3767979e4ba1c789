/**
 * Whether and how long a response may be kept, by the rules that Cloudflare documents for its Cache API: one shared cache, keyed by URL,
 * that obeys the response's headers and not the request's. https://developers.cloudflare.com/workers/runtime-apis/cache/
 */

/** A response's headers, by lower-case name, several values of one name joined. */
export type HeaderMap = ReadonlyMap<string, string>;

export interface Kept {
  /** How long, in milliseconds. */
  readonly lifetime: number;
  /** Without what must not be kept; in the form of state.ts. */
  readonly headers: string;
}

/** Without a word about it, these are kept for so long, in seconds; others are not kept. */
const DEFAULT_LIFETIMES: Readonly<Record<number, number>> = Object.freeze({
  200: 7200,
  301: 7200,
  302: 1200,
  303: 1200,
  404: 180,
  410: 180,
});

const MAX_LIFETIME = 365 * 24 * 3600;

/** Undefined where the response must not be kept. `headers` in the form of state.ts; `now`: milliseconds since the epoch. */
export function keeping(status: number, headers: string, now: number): Kept | undefined {
  const map = toHeaderMap(headers);
  const directives = parseCacheControl(map.get('cache-control') ?? '');
  const isPrivateCookie = isFieldPrivate(directives, 'set-cookie');
  if (map.has('set-cookie') && !isPrivateCookie) return undefined;
  if (directives.has('no-store') || directives.get('no-cache') === '' || directives.get('private') === '')
    return undefined;
  const seconds = explicitLifetime(directives, map, now) ?? DEFAULT_LIFETIMES[status] ?? 0;
  if (!(seconds > 0)) return undefined;
  return {
    lifetime: Math.min(seconds, MAX_LIFETIME) * 1000,
    headers: isPrivateCookie ? withoutHeader(headers, 'set-cookie') : headers,
  };
}

/** A field that `private` (or `no-cache`) names is not kept; the others are. */
function isFieldPrivate(directives: ReadonlyMap<string, string>, field: string): boolean {
  return (directives.get('private') ?? '')
    .toLowerCase()
    .split(',')
    .some((name) => name.trim() === field);
}

function explicitLifetime(
  directives: ReadonlyMap<string, string>,
  headers: HeaderMap,
  now: number,
): number | undefined {
  const given = directives.get('s-maxage') ?? directives.get('max-age');
  if (given !== undefined) return /^\d+$/.test(given) ? Number(given) : 0;
  const expires = headers.get('expires');
  if (expires === undefined) return undefined;
  const at = Date.parse(expires);
  return Number.isNaN(at) ? 0 : (at - now) / 1000;
}

const DIRECTIVE = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,;]*)))?/g;

/** Directives in lower case with their arguments, `''` for none. The first of several counts. */
function parseCacheControl(text: string): Map<string, string> {
  const directives = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? plain ?? '');
  }
  return directives;
}

export function toHeaderMap(headers: string): Map<string, string> {
  const map = new Map<string, string>();
  const parts = headers.split('\n');
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [name = '', value = ''] = [parts[i], parts[i + 1]];
    const before = map.get(name);
    map.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return map;
}

/** Takes a name out of a list in the form of state.ts. */
export function withoutHeader(headers: string, name: string): string {
  const parts = headers.split('\n');
  let kept = '';
  for (let i = 0; i + 1 < parts.length; i += 2) {
    if (parts[i] !== name) kept += `${parts[i] ?? ''}\n${parts[i + 1] ?? ''}\n`;
  }
  return kept;
}
