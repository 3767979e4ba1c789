/** `assets` of an app: a static site in front of a worker, or instead of one. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import type { AppSite } from '../shared/site/settings.ts';
import type { DraftAssets } from './kinds/assets.ts';
import { entry } from './manual.ts';
import { placeName } from './problems.ts';
import { resolveSite } from './site/resolve-site.ts';
import type { SiteContext } from './site/resolve-site.ts';
import { globList, readSite, siteShape } from './site/site-schema.ts';
import type { DraftSite } from './site/site-schema.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';
import { identifier, identifierText } from './values.ts';

const mostPatterns = 100;

const patternList = entry(z.array(globList.element), {
  description: 'Patterns of paths.',
  expected: `at most ${mostPatterns} patterns such as "/api/*"`,
});
const always = entry(z.boolean(), { description: 'All paths, or none.', expected: 'true or false' });

/** The attribute. */
export const appAssetsSchema = entry(
  z.strictObject({
    ...siteShape,
    binding: entry(z.string().regex(identifier).optional(), {
      description: 'Name of the binding by which the worker reaches the site: `env.NAME.fetch(request)`.',
      expected: `the name of a binding: ${identifierText}`,
      default: 'none',
      errors: ['CONFIG_DUPLICATE'],
    }),
    runWorkerFirst: entry(z.union([always, patternList]).optional(), {
      description:
        'Where the worker answers even if there is a file: everywhere (`true`), or at the paths of an array of patterns, in which those with `!` are exceptions that the site answers, and the worker never.',
      expected: 'true, false, or an array of patterns such as "/api/*" and "!/api/docs/*"',
      default: '`false`',
      choose: (value) => (Array.isArray(value) ? patternList : always),
    }),
  }),
  {
    description: 'A static site in front of a worker.',
    expected: 'an object { directory, binding?, runWorkerFirst?, htmlHandling?, notFoundHandling?, … }',
  },
);

/** What a dialect says of it. */
export interface DraftAppAssets {
  readonly site: DraftSite;
  readonly binding: Sourced<string> | undefined;
  readonly runWorkerFirst: boolean | readonly string[];
}

type ReadAppAssets = Read<typeof appAssetsSchema>;

/** `bindings`: those that the worker has already. */
export function readAppAssets(
  assets: ReadAppAssets | undefined,
  bindings: readonly { readonly name: string }[],
  at: Sourcing,
): DraftAppAssets | undefined {
  if (assets === undefined) return undefined;
  const { binding, runWorkerFirst = false } = assets;
  if (bindings.some(({ name }) => name === binding)) {
    const first = placeName(at.problems.place([...at.path.slice(0, -1), 'bindings', binding ?? '']));
    at.problems.report('CONFIG_DUPLICATE', { what: 'binding name', name: binding ?? '', first }, [
      ...at.path,
      'binding',
    ]);
  }
  return {
    site: readSite(assets, at),
    binding: at.sourced(binding, 'binding'),
    runWorkerFirst: typeof runWorkerFirst === 'boolean' ? runWorkerFirst : readPatterns(runWorkerFirst, at),
  };
}

function readPatterns(written: readonly (string | undefined)[], at: Sourcing): readonly string[] {
  const patterns = written.filter((pattern) => pattern !== undefined);
  const refuse = (expected: string, found: string): void =>
    at.problems.report('CONFIG_VALUE', { expected, found }, [...at.path, 'runWorkerFirst']);
  if (written.length > mostPatterns) refuse(`at most ${mostPatterns} patterns`, `${written.length} of them`);
  const isExceptional = patterns.length > 0 && patterns.every((pattern) => pattern.startsWith('!'));
  if (isExceptional && patterns.length === written.length)
    refuse('at least one pattern that is no exception', 'exceptions only');
  return patterns;
}

/** An app without code is its site. What only code has a use for is refused. */
export function readSiteApp(app: SiteApp, at: Sourcing): DraftAssets {
  const assets = app.assets ?? {};
  const refuse = (key: string, ...path: string[]): void => {
    const details = { expected: `no ${key}, as the app has no code`, found: key };
    at.problems.report('CONFIG_VALUE', details, [...at.path, ...path]);
  };
  for (const key of ['bindings', 'env', 'group', 'globalOutbound'] as const)
    if (app[key] !== undefined) refuse(key, key);
  for (const key of ['binding', 'runWorkerFirst'] as const)
    if (assets[key] !== undefined && assets[key] !== false) refuse(key, 'assets', key);
  const name = at.sourced(app.name, 'name');
  return { kind: 'assets', name, site: readSite(assets, at.at('assets')) };
}

interface SiteApp {
  readonly name?: string | undefined;
  readonly assets?: ReadAppAssets | undefined;
  readonly bindings?: unknown;
  readonly env?: unknown;
  readonly group?: unknown;
  readonly globalOutbound?: unknown;
}

/** The day from which a browser that goes to a page gets one, whatever the worker would say. */
const navigationDate = '2025-04-01';

/** `undefined` after a report where there is no such site. */
export async function resolveAppAssets(
  { site: draft, runWorkerFirst }: DraftAppAssets,
  { date, flags }: { readonly date: string; readonly flags: readonly string[] },
  context: SiteContext,
): Promise<AppSite | undefined> {
  const site = await resolveSite(draft, context);
  const prefers =
    flags.includes('assets_navigation_prefers_asset_serving') ||
    (date >= navigationDate && !flags.includes('assets_navigation_has_no_effect'));
  return site && { ...site, runWorkerFirst, navigationPrefersAssets: prefers };
}
