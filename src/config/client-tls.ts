/** How TLS is spoken to servers: the part of dialect 1, and what it comes to. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { tls as nodeTls } from '../shared/node-http.ts';
import { describeThrown } from '../shared/text.ts';
import { tlsVersions } from '../shared/tls-options.ts';
import type { ClientTls, TlsVersion } from '../shared/tls-options.ts';
import { entry } from './manual.ts';
import {
  keypairSchema,
  loadCertificates,
  loadKeypair,
  pemEntry,
  pemSchema,
  readKeypair,
  readPem,
} from './pem.ts';
import type { DraftKeypair, DraftPem, PemContext } from './pem.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';

/** TLS of connections that nanod opens. */
export const clientTlsSchema = entry(
  z.strictObject({
    keypair: entry(keypairSchema.optional(), {
      description: 'What is shown to servers that ask for a certificate.',
      expected: 'an object { certificate, privateKey }',
      default: 'none',
      errors: ['CONFIG_CERTIFICATE'],
    }),
    trustBrowserCas: entry(z.boolean().optional(), {
      description: 'Whether the authorities that browsers trust are trusted.',
      expected: 'true or false',
      default: '`true`',
    }),
    trustedCertificates: entry(
      z
        .array(
          entry(z.union(pemSchema.options), {
            ...pemEntry,
            description: 'Certificates of authorities, or of the server itself.',
          }),
        )
        .optional(),
      {
        description: 'Certificates that are trusted as well.',
        expected: 'an array of PEM texts or { file }',
        default: '`[]`',
      },
    ),
    minVersion: entry(z.enum(tlsVersions).optional(), {
      description: 'The oldest version of TLS that is spoken.',
      expected: tlsVersions.map((version) => `"${version}"`).join(', '),
      default: '`"TLSv1.2"`',
    }),
    cipherList: entry(z.string().min(1).optional(), {
      description: 'The ciphers, as OpenSSL writes them.',
      expected: 'a list such as "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"',
      default: 'a list of today',
      errors: ['CONFIG_CERTIFICATE'],
    }),
  }),
  {
    description: 'How TLS is spoken to servers.',
    expected: 'an object { keypair?, trustBrowserCas?, trustedCertificates?, minVersion?, cipherList? }',
  },
);

export interface DraftClientTls {
  readonly keypair: DraftKeypair | undefined;
  readonly trustBrowserCas: boolean;
  readonly trustedCertificates: readonly DraftPem[];
  readonly minVersion: TlsVersion | undefined;
  readonly cipherList: Sourced<string> | undefined;
}

export function readClientTls(
  tls: Read<typeof clientTlsSchema> | undefined,
  at: Sourcing,
): DraftClientTls | undefined {
  if (tls === undefined) return undefined;
  return {
    keypair: readKeypair(tls.keypair, at.at('keypair')),
    trustBrowserCas: tls.trustBrowserCas ?? true,
    trustedCertificates: (tls.trustedCertificates ?? []).flatMap(
      (pem, index) => readPem(pem, at.at('trustedCertificates', index)) ?? [],
    ),
    minVersion: tls.minVersion,
    cipherList: at.sourced(tls.cipherList, 'cipherList'),
  };
}

/** Everything that cannot be used is reported. */
export async function resolveClientTls(draft: DraftClientTls, context: PemContext): Promise<ClientTls> {
  const { keypair, trustBrowserCas, trustedCertificates, minVersion, cipherList } = draft;
  const trusted: string[] = [];
  for (const pem of trustedCertificates) {
    const text = await loadCertificates(pem, context);
    if (text !== undefined) trusted.push(text);
  }
  return {
    keypair: keypair && (await loadKeypair(keypair, context)),
    trustBrowserCas,
    trustedCertificates: trusted,
    minVersion,
    cipherList: cipherList && usableCiphers(cipherList, context),
  };
}

function usableCiphers({ value, place }: Sourced<string>, { problems }: PemContext): string | undefined {
  try {
    nodeTls().createSecureContext({ ciphers: value });
    return value;
  } catch (error) {
    const details = { what: 'list of ciphers', reason: describeThrown(error) };
    problems.report('CONFIG_CERTIFICATE', details, place);
    return undefined;
  }
}
