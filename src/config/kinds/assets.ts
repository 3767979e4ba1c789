/** The service kind `assets` in dialect 1, in a draft, and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { entry } from '../manual.ts';
import { nameText, serviceName } from '../service-name.ts';
import { resolveSite } from '../site/resolve-site.ts';
import type { SiteContext } from '../site/resolve-site.ts';
import { readSite, siteShape } from '../site/site-schema.ts';
import type { DraftSite } from '../site/site-schema.ts';
import type { DraftName, Read, Sourcing } from '../sourced.ts';
import type { AssetsService } from '../types.ts';

/** A static site. */
export const assetsSchema = entry(
  z.strictObject({
    name: entry(z.string().regex(serviceName), {
      description: 'Name of the service, unique among all services.',
      expected: `a name: ${nameText}`,
      errors: ['CONFIG_DUPLICATE'],
    }),
    kind: entry(z.literal('assets'), { description: 'The kind.', expected: '"assets"' }),
    ...siteShape,
  }),
  {
    description: 'A static site.',
    expected: 'a service: { name, kind: "assets", directory, htmlHandling?, notFoundHandling?, … }',
  },
);

/** What a dialect says of a static site that is a service. */
export interface DraftAssets extends DraftName {
  readonly kind: 'assets';
  readonly site: DraftSite;
}

export function readAssets(service: Read<typeof assetsSchema>, at: Sourcing): DraftAssets {
  return { kind: 'assets', name: at.sourced(service.name, 'name'), site: readSite(service, at) };
}

/** `undefined` after a report where there is no such site. */
export async function resolveAssets(
  name: string,
  { site: draft }: DraftAssets,
  context: SiteContext,
): Promise<AssetsService | undefined> {
  const site = await resolveSite(draft, context);
  return site && { kind: 'assets', name, site };
}
