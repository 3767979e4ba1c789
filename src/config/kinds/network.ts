/** The service kind `network` in dialect 1, in a draft, and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { ruleProblem } from '../../shared/addresses/address-filter.ts';
import { defaultClientTls } from '../../shared/tls-options.ts';
import { entry } from '../manual.ts';
import type { Problems } from '../problems.ts';
import { nameText, serviceName } from '../service-name.ts';
import type { DraftName, Read, Sourced, Sourcing } from '../sourced.ts';
import { clientTlsSchema, readClientTls, resolveClientTls } from '../client-tls.ts';
import type { DraftClientTls } from '../client-tls.ts';
import type { PemContext } from '../pem.ts';
import type { NetworkService } from '../types.ts';

const rule = entry(z.string().min(1), {
  description:
    'A CIDR block such as `10.0.0.0/8` or `2001:db8::/32` (for one address `/32` or `/128`), or one of the words.',
  expected: 'a CIDR block, or one of the words public, private, local, network, unix, unix-abstract',
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
        'What may be reached: CIDR blocks, and the words `public` (the internet), `private` (private ranges, and this machine), `local` (this machine), `network` (everything but this machine), `unix` (Unix sockets) and `unix-abstract` (those of Linux that have a name in place of a path).',
      expected: 'an array of rules',
      default: '`["public"]`',
    }),
    deny: entry(z.array(rule).optional(), {
      description:
        'What may not be reached all the same: CIDR blocks, and the words `private`, `local`, `unix` and `unix-abstract`. The most specific block decides; where two are as specific, the one here does.',
      expected: 'an array of rules',
      default: '`[]`',
    }),
    tls: entry(clientTlsSchema.optional(), {
      description: 'How TLS is spoken to servers: see [tls](#tls-to-servers).',
      expected: 'an object { keypair?, trustBrowserCas?, trustedCertificates?, minVersion?, cipherList? }',
      default: "browsers' authorities are trusted",
    }),
  }),
  {
    description:
      'A network, for requests to whichever server their URL names. Addresses are checked when a connection is made.',
    expected: 'a service: { name, kind: "network", allow?, deny?, tls? }',
  },
);

/** What a dialect says of a network. */
export interface DraftNetwork extends DraftName {
  readonly kind: 'network';
  readonly allow: readonly Sourced<string>[];
  readonly deny: readonly Sourced<string>[];
  readonly tls: DraftClientTls | undefined;
}

export function readNetwork(service: Read<typeof networkSchema>, at: Sourcing): DraftNetwork {
  return {
    kind: 'network',
    name: at.sourced(service.name, 'name'),
    allow: at.list(service.allow ?? ['public'], 'allow'),
    deny: at.list(service.deny ?? [], 'deny'),
    tls: readClientTls(service.tls, at.at('tls')),
  };
}

/** Every rule that is none is reported. */
export async function resolveNetwork(
  name: string,
  { allow, deny, tls }: DraftNetwork,
  context: PemContext,
): Promise<NetworkService> {
  return {
    kind: 'network',
    name,
    allow: goodRules(allow, 'allow', context.problems),
    deny: goodRules(deny, 'deny', context.problems),
    tls: tls === undefined ? defaultClientTls : await resolveClientTls(tls, context),
  };
}

function goodRules(
  rules: readonly Sourced<string>[],
  list: 'allow' | 'deny',
  problems: Problems,
): readonly string[] {
  return rules.flatMap(({ value, place }) => {
    const problem = ruleProblem(value, list);
    if (problem === undefined) return [value];
    problems.report('CONFIG_VALUE', problem, place);
    return [];
  });
}
