/** The admin socket, where nanod says how it is: health and metrics, apart from everything that services answer. Runs in the supervisor. */

import { z } from 'zod';
import { entry } from './manual.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';

export const adminSchema = entry(
  z.strictObject({
    address: entry(z.union([z.string().min(1), z.int()]), {
      description:
        'Where to listen, written as the `address` of a [socket](#sockets): a port alone means 127.0.0.1. Whoever reaches it reads everything that is shown there.',
      expected: 'an address such as "127.0.0.1:9464", or a port number',
      errors: ['CONFIG_ADDRESS', 'CONFIG_DUPLICATE'],
    }),
    metrics: entry(z.boolean().optional(), {
      description:
        'Whether `/metrics` is there, in the text format of Prometheus. See [metrics](metrics.md).',
      expected: 'true or false',
      default: '`true`',
    }),
  }),
  {
    description: 'An address of its own for `/healthz`, `/readyz` and `/metrics`.',
    expected: 'an object { address, metrics? }',
  },
);

export interface DraftAdmin {
  readonly address: Sourced<string | number> | undefined;
  readonly metrics: boolean;
}

export function readAdmin(admin: Read<typeof adminSchema> | undefined, at: Sourcing): DraftAdmin | undefined {
  if (admin === undefined) return undefined;
  return { address: at.sourced(admin.address, 'address'), metrics: admin.metrics ?? true };
}
