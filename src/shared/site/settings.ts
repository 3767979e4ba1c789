/** What is known of a static site from its configuration, as a `Config` holds it and as threads are told. Plain data; runs anywhere. */

export const htmlHandlings = [
  'auto-trailing-slash',
  'force-trailing-slash',
  'drop-trailing-slash',
  'none',
] as const;

/** Which URLs HTML files are served at. */
export type HtmlHandling = (typeof htmlHandlings)[number];

export const notFoundHandlings = ['none', '404-page', 'single-page-application'] as const;

/** What answers where there is no file. */
export type NotFoundHandling = (typeof notFoundHandlings)[number];

/** Statuses that a line of `_redirects` can have; 200 is another file at the same URL. */
export const redirectStatuses = [200, 301, 302, 303, 307, 308] as const;

export type RedirectStatus = (typeof redirectStatuses)[number];

export interface HeaderLine {
  /** In lower case. */
  readonly name: string;
  /** May have `:name` in it. */
  readonly value: string;
}

/** What a paragraph of `_headers` does to responses at the URLs that it is about. */
export interface HeaderRule {
  /** A pattern as in path-pattern.ts. */
  readonly path: string;
  readonly set: readonly HeaderLine[];
  /** Names in lower case. */
  readonly remove: readonly string[];
}

/** A line of `_redirects`. */
export interface RedirectRule {
  /** A pattern as in path-pattern.ts, of a path. */
  readonly from: string;
  /** A path with what may follow it, or a URL; may have `:name` in it. */
  readonly to: string;
  readonly status: RedirectStatus;
}

export interface SiteSettings {
  /** Absolute. */
  readonly directory: string;
  readonly htmlHandling: HtmlHandling;
  readonly notFoundHandling: NotFoundHandling;
  /** Patterns of paths (glob.ts) whose files never change. */
  readonly immutable: readonly string[];
  /** Whether `a.js.br` is what `a.js` is to those who can read it. */
  readonly precompressed: boolean;
  readonly headers: readonly HeaderRule[];
  readonly redirects: readonly RedirectRule[];
  /** Lines in the syntax of .gitignore, those of nanod first. */
  readonly ignore: readonly string[];
  /** Another one for other files: what makes a deployment of a changed directory a change. */
  readonly stamp: string;
}

/** A site in front of a worker. */
export interface AppSite extends SiteSettings {
  /** Whether the worker answers first, or the patterns (glob.ts) of the paths where it does. */
  readonly runWorkerFirst: boolean | readonly string[];
  /** Whether a browser that goes to a page gets what `notFoundHandling` says before the worker is asked. */
  readonly navigationPrefersAssets: boolean;
}

/** The entrypoint of a worker that leads to its site. No binding of a configuration can name it. */
export const siteEntrypoint = 'nanod:assets';
