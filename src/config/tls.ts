/**
 * TLS in a configuration: certificates, keys, and how strict to be. The fields in dialect 1, what is checked of them, and what becomes of
 * them. Runs in the supervisor and in scripts.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { quote } from '../shared/text.ts';
import { tlsVersions } from '../shared/tls-options.ts';
import type { ClientTls, Keypair, TlsVersion } from '../shared/tls-options.ts';
import { entry } from './manual.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';
import { readTextOrFile, resolveText, textOrFile } from './text-or-file.ts';
import type { DraftText, FileContext } from './text-or-file.ts';

const pemExpected = 'text in PEM, or { file }';

/** A certificate and its private key. */
export const keypairSchema = entry(
  z.strictObject({
    certificate: textOrFile({
      description: 'The certificate, with those that lead to its authority behind it, in PEM.',
      expected: pemExpected,
    }),
    privateKey: textOrFile({ description: 'Its private key, in PEM.', expected: pemExpected }),
  }),
  {
    description: 'A certificate and its private key.',
    expected: 'an object { certificate, privateKey }',
  },
);

/** The fields that both sides of a connection have. */
export const commonTlsShape = {
  trustBrowserCas: entry(z.boolean().optional(), {
    description: 'Whether the certificate authorities that browsers trust are trusted.',
    expected: 'true or false',
    default: '`true`',
  }),
  trustedCertificates: entry(
    z
      .array(
        textOrFile({
          description: 'A certificate in PEM: that of an authority, or that of the other side itself.',
          expected: pemExpected,
        }),
      )
      .optional(),
    { description: 'Certificates that are trusted as well.', expected: 'an array', default: '`[]`' },
  ),
  minVersion: entry(z.enum(tlsVersions).optional(), {
    description: 'The oldest version of TLS that is spoken.',
    expected: tlsVersions.map((version) => `"${version}"`).join(', '),
    default: '`"TLSv1.2"`',
  }),
  cipherList: entry(z.string().min(1).optional(), {
    description: "The ciphers, in OpenSSL's notation.",
    expected: "a list in OpenSSL's notation",
    default: "Node.js's",
  }),
};

/** TLS of connections that nanod opens. */
export const clientTlsSchema = entry(
  z.strictObject({
    keypair: entry(keypairSchema.optional(), {
      description: 'The certificate that is presented to servers which ask for one.',
      expected: 'an object { certificate, privateKey }',
      default: 'none',
    }),
    ...commonTlsShape,
  }),
  {
    description: 'How TLS is spoken to servers.',
    expected: 'an object { keypair?, trustBrowserCas?, trustedCertificates?, minVersion?, cipherList? }',
  },
);

export interface DraftKeypair {
  readonly certificate: DraftText | undefined;
  readonly privateKey: DraftText | undefined;
}

export interface DraftClientTls {
  readonly keypair: DraftKeypair | undefined;
  readonly trustBrowserCas: boolean;
  readonly trustedCertificates: readonly DraftText[];
  readonly minVersion: TlsVersion | undefined;
  readonly cipherList: Sourced<string> | undefined;
}

export function readKeypair(
  keypair: Read<typeof keypairSchema> | undefined,
  at: Sourcing,
): DraftKeypair | undefined {
  if (keypair === undefined) return undefined;
  return {
    certificate: readTextOrFile(keypair.certificate, at, 'certificate'),
    privateKey: readTextOrFile(keypair.privateKey, at, 'privateKey'),
  };
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
      (text, index) => readTextOrFile(text, at, 'trustedCertificates', index) ?? [],
    ),
    minVersion: tls.minVersion,
    cipherList: at.sourced(tls.cipherList, 'cipherList'),
  };
}

/** Every text that is no PEM, and a key that is not that of its certificate, is reported. */
export async function resolveClientTls(
  { keypair, trustBrowserCas, trustedCertificates, minVersion, cipherList }: DraftClientTls,
  context: FileContext,
): Promise<ClientTls> {
  return {
    keypair: keypair && (await resolveKeypair(keypair, context)),
    trustBrowserCas,
    trustedCertificates: await resolveCertificates(trustedCertificates, context),
    minVersion,
    cipherList: cipherList && resolveCiphers(cipherList, context),
  };
}

/** `undefined` when something of it is wrong; it is reported then. */
export async function resolveKeypair(
  { certificate, privateKey }: DraftKeypair,
  context: FileContext,
): Promise<Keypair | undefined> {
  const chain = certificate && (await resolveCertificate(certificate, context));
  const key = privateKey && (await resolveKey(privateKey, context));
  if (chain === undefined || key === undefined || privateKey === undefined) return undefined;
  if (!new X509Certificate(chain).checkPrivateKey(key.key)) {
    const details = { expected: 'the private key of the certificate', found: 'another one' };
    context.problems.report('CONFIG_VALUE', details, privateKey.place);
    return undefined;
  }
  return { certificate: chain, privateKey: key.pem };
}

/** Those that are none are reported. */
export async function resolveCertificates(
  drafts: readonly DraftText[],
  context: FileContext,
): Promise<readonly string[]> {
  const certificates: string[] = [];
  for (const draft of drafts) {
    const pem = await resolveCertificate(draft, context);
    if (pem !== undefined) certificates.push(pem);
  }
  return certificates;
}

/** The list, or `undefined` after a report when OpenSSL knows no cipher of it. */
export function resolveCiphers(
  { value, place }: Sourced<string>,
  { problems }: FileContext,
): string | undefined {
  try {
    createSecureContext({ ciphers: value });
    return value;
  } catch {
    const details = { expected: "a list of ciphers in OpenSSL's notation", found: quote(value) };
    problems.report('CONFIG_VALUE', details, place);
    return undefined;
  }
}

async function resolveCertificate(draft: DraftText, context: FileContext): Promise<string | undefined> {
  const pem = await resolveText(draft, context);
  if (pem === undefined || certificatesIn(pem).every(isCertificate)) return pem;
  return reportPem(draft, 'a certificate in PEM', context);
}

/** Each block of a chain; the text itself where it has none. */
function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN [^-]*CERTIFICATE-----[^-]*-----END [^-]*CERTIFICATE-----/gu) ?? [pem];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== '';
  } catch {
    return false;
  }
}

async function resolveKey(
  draft: DraftText,
  context: FileContext,
): Promise<{ readonly pem: string; readonly key: KeyObject } | undefined> {
  const pem = await resolveText(draft, context);
  if (pem === undefined) return undefined;
  try {
    return { pem, key: createPrivateKey(pem) };
  } catch {
    return reportPem(draft, 'a private key in PEM, without a passphrase', context);
  }
}

/** Never shows what was found: it may be a key that stands in the wrong place. */
function reportPem({ value, place }: DraftText, expected: string, { problems }: FileContext): undefined {
  const found = typeof value === 'string' ? 'another text' : `another text in ${quote(value.file)}`;
  problems.report('CONFIG_VALUE', { expected, found }, place);
}
