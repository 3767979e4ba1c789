/**
 * The routes of a socket, made ready for requests: a map by host, then maps by path and by the beginnings of paths. The most specific
 * route wins: an exact host before the end of one, a longer end before a shorter one; then an exact path, then a longer beginning.
 * Where nothing of a host fits the path, a less specific host is asked. Pure; `npm run bench` measures it (bench/routes.ts).
 */

import { plainPath } from './url-path.ts';

/** Hosts and paths in the form in which URLs have them. */
export interface RoutePattern {
  /** Exactly this host, or every host that ends like this. */
  readonly host: string;
  readonly isHostSuffix: boolean;
  /** Exactly this path, or every path that begins like this. */
  readonly path: string;
  readonly isPathPrefix: boolean;
}

/** What is found by the end (or the beginning) of a text, the longest first. */
class Tails<T> {
  readonly #byLength = new Map<number, Map<string, T>>();
  #lengths: readonly number[] = [];
  readonly #cut: (text: string, length: number) => string;

  constructor(cut: (text: string, length: number) => string) {
    this.#cut = cut;
  }

  at(text: string, make: () => T): T {
    let same = this.#byLength.get(text.length);
    if (same === undefined) {
      this.#byLength.set(text.length, (same = new Map<string, T>()));
      this.#lengths = [...this.#byLength.keys()].sort((a, b) => b - a);
    }
    const known = same.get(text);
    if (known !== undefined) return known;
    const made = make();
    same.set(text, made);
    return made;
  }

  /** The first answer of what fits, from the longest on. */
  find<Answer>(text: string, ask: (found: T) => Answer | undefined): Answer | undefined {
    for (const length of this.#lengths) {
      if (length > text.length) continue;
      const found = this.#byLength.get(length)?.get(this.#cut(text, length));
      const answer = found === undefined ? undefined : ask(found);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }
}

const beginning = (text: string, length: number): string => text.slice(0, length);
const ending = (text: string, length: number): string => text.slice(text.length - length);

class Paths<T> {
  readonly #exact = new Map<string, { readonly to: T }>();
  readonly #prefixes = new Tails<{ readonly to: T }>(beginning);

  add({ path, isPathPrefix }: RoutePattern, to: T): void {
    if (isPathPrefix) this.#prefixes.at(path, () => ({ to }));
    else if (!this.#exact.has(path)) this.#exact.set(path, { to });
  }

  find(path: string): T | undefined {
    return (this.#exact.get(path) ?? this.#prefixes.find(path, (found) => found))?.to;
  }
}

export class RouteTable<T> {
  readonly #hosts = new Map<string, Paths<T>>();
  readonly #suffixes = new Tails<Paths<T>>(ending);

  constructor(routes: readonly { readonly pattern: RoutePattern; readonly to: T }[]) {
    for (const { pattern, to } of routes) this.#pathsOf(pattern).add(pattern, to);
  }

  /** Where a URL leads: absolute, serialized, of http or https, without a fragment. Its port and its query do not matter. */
  find(url: string): T | undefined {
    const from = url.indexOf('://') + 3;
    const slash = url.indexOf('/', from);
    const query = url.indexOf('?', slash);
    const host = hostOf(url.slice(from, slash));
    const path = plainPath(query === -1 ? url.slice(slash) : url.slice(slash, query));
    return this.#hosts.get(host)?.find(path) ?? this.#suffixes.find(host, (paths) => paths.find(path));
  }

  #pathsOf({ host, isHostSuffix }: RoutePattern): Paths<T> {
    if (isHostSuffix) return this.#suffixes.at(host, () => new Paths<T>());
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const made = new Paths<T>();
    this.#hosts.set(host, made);
    return made;
  }
}

/** Without the port, and without the dot that may end a name. */
function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(':');
  const host = colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority;
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
