/**
 * The part of dialect 1 that says which services there are besides workers. Each kind has a file of its own in kinds/; this one chooses
 * between them. Runs in the supervisor and in scripts.
 */
import { z } from 'zod';
import { assetsSchema } from './kinds/assets.ts';
import { diskSchema } from './kinds/disk.ts';
import { externalSchema } from './kinds/external.ts';
import { networkSchema } from './kinds/network.ts';
import { entry } from './manual.ts';
import type { Choice } from './manual.ts';
import { isRecord } from './plain-copy.ts';

/** The schemas by kind, in the order in which they are named to users. */
export const serviceKinds = {
  network: networkSchema,
  external: externalSchema,
  disk: diskSchema,
  assets: assetsSchema,
} as const;

const kindNames = Object.keys(serviceKinds);

function isKind(value: unknown): value is keyof typeof serviceKinds {
  return typeof value === 'string' && Object.hasOwn(serviceKinds, value);
}

function chooseService(value: unknown): Choice {
  if (!isRecord(value)) return undefined;
  const { kind } = value;
  return isKind(kind) ? serviceKinds[kind] : undefined;
}

/** A service that is not a worker. */
export const serviceSchema = entry(
  z.union([serviceKinds.network, serviceKinds.external, serviceKinds.disk, serviceKinds.assets]),
  {
    description: 'A service that is not a worker.',
    expected: `a service with one of the kinds ${kindNames.join(', ')}: { name, kind, … }`,
    advice: 'workers belong in `apps`',
    choose: chooseService,
  },
);
