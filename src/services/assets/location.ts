/**
 * Where a redirect leads, once the placeholders of its rule are filled in with parts of a request: never to another host than the rule says.
 * Pure; used in threads.
 */

export interface Location {
  /** As it stands in the header. */
  readonly text: string;
  /** The path in it. */
  readonly path: string;
}

const origin = 'http://site';

/** Host names that a placeholder may become: no port, no user. */
const hostName = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/iu;

/**
 * `filled`: the template with the values in it. `query`: that of the request, which stays where the rule has none. Undefined where the values
 * would lead elsewhere.
 */
export function locationOf(template: string, filled: string, query: string): Location | undefined {
  if (template.startsWith('/')) return withinSite(filled, query);
  const authority = /^https?:\/\/([^/?#]*)/iu;
  const asked = authority.exec(template)?.[1];
  const got = authority.exec(filled)?.[1];
  if (asked === undefined || got === undefined) return undefined;
  if (asked !== got && !hostName.test(got)) return undefined;
  const url = URL.parse(filled);
  if (url === null) return undefined;
  const { search, hash, pathname } = url;
  return { text: `${url.origin}${pathname}${search === '' ? query : search}${hash}`, path: pathname };
}

/** One slash at the beginning, and none twice: what follows two slashes is a host. */
function withinSite(filled: string, query: string): Location | undefined {
  const end = filled.search(/[?#]/u);
  const written = end === -1 ? filled : filled.slice(0, end);
  const rest = end === -1 ? '' : filled.slice(end);
  const url = URL.parse(origin + written.replace(/[/\\]+/gu, '/') + rest);
  if (url === null || url.origin !== origin) return undefined;
  const { search, hash } = url;
  const pathname = url.pathname.replace(/\/+/gu, '/');
  return { text: `${pathname}${search === '' ? query : search}${hash}`, path: pathname };
}
