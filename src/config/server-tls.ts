/** How a socket speaks TLS: the part of dialect 1, and what it comes to. Runs in the supervisor and in scripts. */
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { tls as nodeTls } from '../shared/node-http.ts';
import { describeThrown } from '../shared/text.ts';
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
import { placeName } from './problems.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';
import type { Keypair } from '../shared/tls-options.ts';
import type { ServerTls, ServerTlsVersion, SniKeypair } from './types.ts';

const keypairEntry = {
  expected: 'an object { certificate, privateKey }',
  errors: ['CONFIG_CERTIFICATE'],
} as const;

/** A keypair for some of the hosts. */
export const sniSchema = entry(
  z.strictObject({
    hosts: entry(
      z
        .array(
          entry(z.string().min(1), {
            description: 'A host name, or `*.` and a host name.',
            expected: 'a host name such as "example.com" or "*.example.com"',
            errors: ['CONFIG_CERTIFICATE'],
          }),
        )
        .min(1),
      {
        description:
          'The hosts that clients ask for. `*.example.com` is for one label in front of `example.com`; a host that is named exactly goes first.',
        expected: 'an array of host names',
        errors: ['CONFIG_DUPLICATE'],
      },
    ),
    keypair: entry(keypairSchema, {
      ...keypairEntry,
      description: 'What these clients are shown.',
    }),
  }),
  { description: 'A keypair for some of the hosts.', expected: 'an object { hosts, keypair }' },
);

/** TLS of a socket. */
export const serverTlsSchema = entry(
  z.strictObject({
    keypair: entry(keypairSchema, {
      ...keypairEntry,
      description: 'What clients are shown that ask for no host of `sni`.',
    }),
    requireClientCerts: entry(z.boolean().optional(), {
      description: 'Refuses clients without a certificate that one of the trusted authorities has signed.',
      expected: 'true or false',
      default: '`false`',
    }),
    trustBrowserCas: entry(z.boolean().optional(), {
      description: 'Whether the authorities that browsers trust are trusted for certificates of clients.',
      expected: 'true or false',
      default: '`false`',
    }),
    trustedCertificates: entry(
      z
        .array(
          entry(z.union(pemSchema.options), { ...pemEntry, description: 'Certificates of authorities.' }),
        )
        .optional(),
      {
        description: 'Authorities that are trusted for certificates of clients.',
        expected: 'an array of PEM texts or { file }',
        default: '`[]`',
      },
    ),
    minVersion: entry(z.enum(['TLSv1.2', 'TLSv1.3']).optional(), {
      description: 'The oldest version of TLS that is spoken.',
      expected: '"TLSv1.2" or "TLSv1.3"',
      default: '`"TLSv1.2"`',
    }),
    cipherList: entry(z.string().min(1).optional(), {
      description:
        'The ciphers, as OpenSSL writes them. The default is that of Node.js, which goes with the times; set it only where a client needs it.',
      expected: 'a list such as "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"',
      default: 'a list of today',
      errors: ['CONFIG_CERTIFICATE'],
    }),
    sni: entry(z.array(sniSchema).optional(), {
      description: 'Keypairs by the host that a client asks for.',
      expected: 'an array of { hosts, keypair }',
      default: '`[]`',
    }),
  }),
  {
    description: 'How a socket speaks TLS.',
    expected: 'an object { keypair, … }',
  },
);

export interface DraftServerTls {
  /** Where all of it stands. */
  readonly whole: Sourced<true>;
  readonly keypair: DraftKeypair | undefined;
  readonly requireClientCerts: boolean;
  readonly trustBrowserCas: boolean;
  readonly trustedCertificates: readonly DraftPem[];
  readonly minVersion: ServerTlsVersion;
  readonly cipherList: Sourced<string> | undefined;
  readonly sni: readonly {
    readonly hosts: readonly Sourced<string>[];
    readonly keypair: DraftKeypair | undefined;
  }[];
}

export function readServerTls(
  tls: Read<typeof serverTlsSchema> | undefined,
  at: Sourcing,
): DraftServerTls | undefined {
  const whole = tls === undefined ? undefined : at.sourced(true as const);
  if (tls === undefined || whole === undefined) return undefined;
  return {
    whole,
    keypair: readKeypair(tls.keypair, at.at('keypair')),
    requireClientCerts: tls.requireClientCerts ?? false,
    trustBrowserCas: tls.trustBrowserCas ?? false,
    trustedCertificates: (tls.trustedCertificates ?? []).flatMap(
      (pem, index) => readPem(pem, at.at('trustedCertificates', index)) ?? [],
    ),
    minVersion: tls.minVersion ?? 'TLSv1.2',
    cipherList: at.sourced(tls.cipherList, 'cipherList'),
    sni: (tls.sni ?? []).flatMap((each, index) => {
      if (each === undefined) return [];
      const place = at.at('sni', index);
      return [
        {
          hosts: place.list(each.hosts ?? [], 'hosts'),
          keypair: readKeypair(each.keypair, place.at('keypair')),
        },
      ];
    }),
  };
}

/** `undefined` when something is missing or wrong; all of it is reported. */
export async function resolveServerTls(
  draft: DraftServerTls,
  context: PemContext,
): Promise<ServerTls | undefined> {
  const before = context.problems.count;
  const sni = await resolveSni(draft, context);
  const keypair = draft.keypair === undefined ? undefined : await loadKeypair(draft.keypair, context);
  const trusted = await Promise.all(draft.trustedCertificates.map((pem) => loadCertificates(pem, context)));
  const { requireClientCerts, trustBrowserCas, minVersion, cipherList } = draft;
  if (requireClientCerts && !trustBrowserCas && draft.trustedCertificates.length === 0) {
    const reason = 'no authority is trusted to sign them: name some in `trustedCertificates`';
    context.problems.report('CONFIG_CERTIFICATE', { what: 'client certificates', reason }, draft.whole.place);
  }
  if (context.problems.count > before || keypair === undefined) return undefined;
  const tls: ServerTls = {
    keypair,
    requireClientCerts,
    trustBrowserCas,
    trustedCertificates: trusted.flatMap((each) => each ?? []),
    minVersion,
    ...(cipherList === undefined ? {} : { cipherList: cipherList.value }),
    sni,
  };
  return isUsable(tls, draft, context) ? tls : undefined;
}

/** What only OpenSSL can tell. */
function isUsable(tls: ServerTls, draft: DraftServerTls, { problems }: PemContext): boolean {
  try {
    for (const each of [tls, ...tls.sni]) nodeTls().createSecureContext(contextOptions(tls, each.keypair));
    return true;
  } catch (error) {
    const isCipher = /cipher/iu.test(describeThrown(error));
    const what = isCipher ? 'cipher list' : 'certificate';
    const place = (isCipher ? draft.cipherList : undefined) ?? draft.whole;
    problems.report('CONFIG_CERTIFICATE', { what, reason: describeThrown(error) }, place.place);
    return false;
  }
}

function contextOptions(tls: ServerTls, { certificate, privateKey }: Keypair) {
  const ca = [
    ...tls.trustedCertificates,
    ...(tls.trustBrowserCas ? nodeTls().rootCertificates.slice(0, 1) : []),
  ];
  const { minVersion, cipherList } = tls;
  return {
    cert: certificate,
    key: privateKey,
    minVersion,
    ...(ca.length === 0 ? {} : { ca }),
    ...(cipherList === undefined ? {} : { ciphers: cipherList }),
  };
}

async function resolveSni(draft: DraftServerTls, context: PemContext): Promise<SniKeypair[]> {
  const taken = new Map<string, Sourced<string>>();
  const resolved = await Promise.all(
    draft.sni.map(async ({ hosts, keypair }) => ({
      hosts: hosts.flatMap((host) => sniHost(host, taken, context) ?? []),
      keypair: keypair === undefined ? undefined : await loadKeypair(keypair, context),
    })),
  );
  return resolved.flatMap(({ hosts, keypair }) => (keypair === undefined ? [] : [{ hosts, keypair }]));
}

function sniHost(
  host: Sourced<string>,
  taken: Map<string, Sourced<string>>,
  { problems }: PemContext,
): string | undefined {
  const { value, place } = host;
  const isWild = value.startsWith('*.');
  const ascii = domainToASCII(isWild ? value.slice(2) : value);
  if (ascii === '' || !/^[a-z0-9_.-]+$/u.test(ascii)) {
    problems.report(
      'CONFIG_CERTIFICATE',
      { what: `host ${JSON.stringify(value)}`, reason: 'it is no host name' },
      place,
    );
    return undefined;
  }
  const name = isWild ? `*.${ascii}` : ascii;
  const first = taken.get(name);
  if (first !== undefined) {
    problems.report('CONFIG_DUPLICATE', { what: 'host', name, first: placeName(first.place) }, place);
    return undefined;
  }
  taken.set(name, host);
  return name;
}
