/** What a request to a static site is answered with: looked up in what is known of its files, without reading any. Pure; used in threads. */

import {
  fillIn,
  isDynamic,
  matchPath,
  parsePathPattern,
  type PathPattern,
} from '../../shared/site/path-pattern.ts';
import type { NotFoundHandling, RedirectRule, SiteSettings } from '../../shared/site/settings.ts';
import { findFile } from './html-handling.ts';
import { locationOf } from './location.ts';
import { decodePath, encodePath, partsOf, type UrlParts } from './url-parts.ts';

export type Decision =
  /** `path`: of the file, decoded. `isFallback`: it is not what was asked for. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly status: 200 | 404;
      readonly isFallback: boolean;
    }
  | { readonly kind: 'redirect'; readonly location: string; readonly status: number }
  | { readonly kind: 'not-allowed' }
  /** `isRewritten`: a rule says that this site answers all the same. */
  | { readonly kind: 'missing'; readonly isRewritten: boolean };

export type FileDecision = Extract<Decision, { kind: 'file' }>;

interface DynamicRule {
  readonly pattern: PathPattern;
  readonly rule: RedirectRule;
}

type Settings = Pick<SiteSettings, 'htmlHandling' | 'notFoundHandling' | 'redirects'>;

export class Decider {
  readonly #settings: Settings;
  readonly #has: (path: string) => boolean;
  /** By their path: those in front of the first rule with a placeholder. */
  readonly #static = new Map<string, RedirectRule>();
  readonly #dynamic: readonly DynamicRule[];

  constructor(settings: Settings, has: (path: string) => boolean) {
    this.#settings = settings;
    this.#has = has;
    const dynamic: DynamicRule[] = [];
    for (const rule of settings.redirects) {
      const pattern = parsePathPattern(rule.from);
      if ('reason' in pattern) continue; // the configuration has been checked
      if (dynamic.length > 0 || isDynamic(pattern)) dynamic.push({ pattern, rule });
      else if (!this.#static.has(rule.from)) this.#static.set(rule.from, rule);
    }
    this.#dynamic = dynamic;
  }

  /** `notFound`: what to do where there is no file; what the settings say, where it is absent. */
  decide(
    method: string,
    url: string,
    notFound: NotFoundHandling = this.#settings.notFoundHandling,
  ): Decision {
    const parts = partsOf(url);
    const redirect = this.#redirect(parts);
    if (redirect?.kind === 'redirect') return redirect;
    const isRewritten = redirect !== undefined;
    const asked = redirect?.path ?? parts.path;
    const path = decodePath(asked);
    const found = path === undefined ? undefined : findFile(path, this.#settings.htmlHandling, this.#has);
    if (found === undefined) return this.#notFound(method, path ?? '/', notFound, isRewritten);
    if (!isRead(method)) return { kind: 'not-allowed' };
    const canonical = encodePath(found.canonical ?? path ?? '/');
    // A rule that says where to look means the file, however it is called there.
    if (canonical === asked || isRewritten)
      return { kind: 'file', path: found.file, status: 200, isFallback: false };
    return { kind: 'redirect', location: canonical + parts.query, status: 307 };
  }

  #redirect({
    host,
    path,
    query,
  }: UrlParts):
    | Extract<Decision, { kind: 'redirect' }>
    | { readonly kind: 'rewrite'; readonly path: string }
    | undefined {
    const exact = this.#static.get(path);
    if (exact !== undefined) return applyRule(exact, exact.to, query);
    if (this.#dynamic.length === 0) return undefined;
    const segments = path.split('/');
    for (const { pattern, rule } of this.#dynamic) {
      const values = matchPath(pattern, host, segments);
      const applied = values && applyRule(rule, fillIn(rule.to, values), query);
      if (applied !== undefined) return applied;
    }
    return undefined;
  }

  #notFound(method: string, path: string, handling: NotFoundHandling, isRewritten: boolean): Decision {
    const fallback = this.#fallback(path, handling);
    if (fallback === undefined) return { kind: 'missing', isRewritten };
    return isRead(method) ? fallback : { kind: 'not-allowed' };
  }

  #fallback(path: string, handling: NotFoundHandling): FileDecision | undefined {
    if (handling === 'none') return undefined;
    if (handling === 'single-page-application')
      return this.#has(singlePage) ? fallbackTo(singlePage, 200) : undefined;
    // From the directory that was asked for upwards.
    for (let at = path.lastIndexOf('/'); at >= 0; at = at === 0 ? -1 : path.lastIndexOf('/', at - 1)) {
      const page = `${path.slice(0, at)}/404.html`;
      if (this.#has(page)) return fallbackTo(page, 404);
    }
    return undefined;
  }
}

const singlePage = '/index.html';

function fallbackTo(path: string, status: 200 | 404): FileDecision {
  return { kind: 'file', path, status, isFallback: true };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Undefined where the filled-in template is no place that the rule was meant to lead to. */
function applyRule(
  { to: template, status }: RedirectRule,
  to: string,
  query: string,
): Extract<Decision, { kind: 'redirect' }> | { readonly kind: 'rewrite'; readonly path: string } | undefined {
  const location = locationOf(template, to, query);
  if (location === undefined) return undefined;
  if (status !== 200) return { kind: 'redirect', location: location.text, status };
  return { kind: 'rewrite', path: location.path };
}
