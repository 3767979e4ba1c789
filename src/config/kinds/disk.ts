/** The service kind `disk` in dialect 1, in a draft, and in a `Config`. Runs in the supervisor and in scripts. */
import { resolve as resolvePath } from 'node:path';
import { z } from 'zod';
import { entry } from '../manual.ts';
import { nameText, serviceName } from '../service-name.ts';
import type { DraftName, Read, Sourced, Sourcing } from '../sourced.ts';
import type { ConfigPowers } from '../powers.ts';
import type { Problems } from '../problems.ts';
import type { DiskService } from '../types.ts';

/** A directory. */
export const diskSchema = entry(
  z.strictObject({
    name: entry(z.string().regex(serviceName), {
      description: 'Name of the service, unique among all services.',
      expected: `a name: ${nameText}`,
      errors: ['CONFIG_DUPLICATE'],
    }),
    kind: entry(z.literal('disk'), { description: 'The kind.', expected: '"disk"' }),
    path: entry(z.string().min(1), {
      description: 'Path of the directory, counted from the directory of this file. It has to be there.',
      expected: 'the path of a directory',
      errors: ['CONFIG_DIRECTORY'],
    }),
    writable: entry(z.boolean().optional(), {
      description: 'Whether PUT writes files, and DELETE removes them.',
      expected: 'true or false',
      default: '`false`',
    }),
    allowDotfiles: entry(z.boolean().optional(), {
      description:
        'Whether files and directories can be reached whose name begins with a dot. They often hold what is not meant to be served.',
      expected: 'true or false',
      default: '`false`',
    }),
  }),
  {
    description: 'A directory over HTTP.',
    expected: 'a service: { name, kind: "disk", path, writable?, allowDotfiles? }',
  },
);

/** What a dialect says of a directory. */
export interface DraftDisk extends DraftName {
  readonly kind: 'disk';
  readonly path: Sourced<string> | undefined;
  readonly writable: boolean;
  readonly allowDotfiles: boolean;
}

export function readDisk(service: Read<typeof diskSchema>, at: Sourcing): DraftDisk {
  return {
    kind: 'disk',
    name: at.sourced(service.name, 'name'),
    path: at.sourced(service.path, 'path'),
    writable: service.writable ?? false,
    allowDotfiles: service.allowDotfiles ?? false,
  };
}

interface DiskContext {
  /** Absolute. */
  readonly baseDir: string;
  readonly powers: Pick<ConfigPowers, 'statKind'>;
  readonly problems: Problems;
}

/** `undefined` after a report where there is no such directory. */
export async function resolveDisk(
  name: string,
  { path: written, writable, allowDotfiles }: DraftDisk,
  { baseDir, powers, problems }: DiskContext,
): Promise<DiskService | undefined> {
  if (written === undefined) return undefined;
  const path = resolvePath(baseDir, written.value);
  const kind = path.includes('\0') ? 'missing' : await powers.statKind(path);
  if (kind === 'directory') return { kind: 'disk', name, path, writable, allowDotfiles };
  const isThere = kind === 'file' || kind === 'other';
  const reason = kind === 'missing' ? 'it does not exist' : isThere ? 'it is not a directory' : kind;
  problems.report('CONFIG_DIRECTORY', { file: written.value, reason }, written.place);
  return undefined;
}
