/** What dialect 1 says of a static site, as a service of its own or in front of a worker, and what a draft has of it. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { globProblem } from '../../shared/site/glob.ts';
import { htmlHandlings, notFoundHandlings } from '../../shared/site/settings.ts';
import type { HtmlHandling, NotFoundHandling } from '../../shared/site/settings.ts';
import { quote } from '../../shared/text.ts';
import { entry } from '../manual.ts';
import type { Read, Sourced, Sourcing } from '../sourced.ts';

const isGlob = (pattern: string): boolean => globProblem(pattern) === undefined;

/** Patterns of paths. */
export const globList = z.array(
  entry(z.string().max(500).refine(isGlob), {
    description: 'A pattern for paths, in which `*` is any text; with `!` in front, an exception.',
    expected: 'a pattern such as "/api/*" or "!/api/docs/*"',
  }),
);

/** The fields, for objects that have them among others. */
export const siteShape = {
  directory: entry(z.string().min(1), {
    description: 'Path of the directory, counted from the directory of this file. It has to be there.',
    expected: 'the path of a directory',
    errors: ['CONFIG_DIRECTORY'],
  }),
  htmlHandling: entry(z.enum(htmlHandlings).optional(), {
    description:
      'Where HTML files are served, and where redirects to that lead from: `a.html` at `/a` and `a/index.html` at `/a/` (`"auto-trailing-slash"`), both with a slash at the end (`"force-trailing-slash"`) or without (`"drop-trailing-slash"`), or each under its own name (`"none"`).',
    expected: `one of ${htmlHandlings.map(quote).join(', ')}`,
    default: '`"auto-trailing-slash"`',
  }),
  notFoundHandling: entry(z.enum(notFoundHandlings).optional(), {
    description:
      'What answers where there is no file: a plain 404, the nearest `404.html` from the path upwards (`"404-page"`), or `/index.html` with status 200 (`"single-page-application"`).',
    expected: `one of ${notFoundHandlings.map(quote).join(', ')}`,
    default: '`"none"`',
  }),
  immutable: entry(globList.optional(), {
    description:
      'Files that never change because their names do, as `/assets/*` of many bundlers: browsers keep them for a year, and do not ask again.',
    expected: 'an array of patterns such as "/assets/*"',
    default: '`[]`',
  }),
  precompressed: entry(z.boolean().optional(), {
    description:
      'Whether `a.js.br`, `a.js.zst` and `a.js.gz` beside `a.js` are what clients are given that can read them.',
    expected: 'true or false',
    default: '`true`',
  }),
} as const;

/** What a dialect says of a site. */
export interface DraftSite {
  readonly directory: Sourced<string> | undefined;
  readonly htmlHandling: HtmlHandling;
  readonly notFoundHandling: NotFoundHandling;
  readonly immutable: readonly string[];
  readonly precompressed: boolean;
}

export function readSite(site: Read<z.ZodObject<typeof siteShape>>, at: Sourcing): DraftSite {
  return {
    directory: at.sourced(site.directory, 'directory'),
    htmlHandling: site.htmlHandling ?? 'auto-trailing-slash',
    notFoundHandling: site.notFoundHandling ?? 'none',
    immutable: (site.immutable ?? []).filter((pattern) => pattern !== undefined),
    precompressed: site.precompressed ?? true,
  };
}
