/** The service kind `network` in dialect 1, in a draft, and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { entry } from '../manual.ts';
import { nameText, serviceName } from '../service-name.ts';
import type { DraftName, Read, Sourced, Sourcing } from '../sourced.ts';
import type { NetworkService } from '../types.ts';

const rule = entry(z.string().min(1), {
  description: 'A CIDR block, an address, or a word.',
  expected:
    'a CIDR block such as "10.0.0.0/8", an address, or one of the words public, private, local, network',
});

/** A network, or as much of it as the rules permit. */
export const networkSchema = entry(
  z.strictObject({
    name: entry(z.string().regex(serviceName), {
      description: 'Name of the service, unique among all services.',
      expected: `a name: ${nameText}`,
      errors: ['CONFIG_DUPLICATE'],
    }),
    kind: entry(z.literal('network'), { description: 'The kind.', expected: '"network"' }),
    allow: entry(z.array(rule).optional(), {
      description:
        'What may be reached: CIDR blocks, and the words `public` (the internet), `private` (private ranges), `local` (this machine) and `network` (all of it).',
      expected: 'an array of rules',
      default: '`["public"]`',
    }),
    deny: entry(z.array(rule).optional(), {
      description: 'What may not be reached all the same, written like `allow`.',
      expected: 'an array of rules',
      default: '`[]`',
    }),
  }),
  {
    description:
      'A network, for requests to whichever server their URL names. Addresses are checked when a connection is made.',
    expected: 'a service: { name, kind: "network", allow?, deny? }',
  },
);

/** What a dialect says of a network. */
export interface DraftNetwork extends DraftName {
  readonly kind: 'network';
  readonly allow: readonly Sourced<string>[];
  readonly deny: readonly Sourced<string>[];
}

export function readNetwork(service: Read<typeof networkSchema>, at: Sourcing): DraftNetwork {
  return {
    kind: 'network',
    name: at.sourced(service.name, 'name'),
    allow: at.list(service.allow ?? ['public'], 'allow'),
    deny: at.list(service.deny ?? [], 'deny'),
  };
}

export function resolveNetwork(name: string, { allow, deny }: DraftNetwork): NetworkService {
  return {
    kind: 'network',
    name,
    allow: allow.map(({ value }) => value),
    deny: deny.map(({ value }) => value),
  };
}
