/**
 * Certificates and private keys in a configuration: PEM text, or the file that has it. Files are read when the configuration is, and
 * what is in them is held against each other, so that what is wrong is known before anything listens. Runs in the supervisor.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { resolve as resolvePath } from 'node:path';
import { z } from 'zod';
import type { ErrorPlace } from '../shared/errors.ts';
import { describeThrown } from '../shared/text.ts';
import { entry } from './manual.ts';
import type { Choice } from './manual.ts';
import { isRecord } from './plain-copy.ts';
import { errorCode } from './powers.ts';
import type { ConfigPowers } from './powers.ts';
import type { Problems } from './problems.ts';
import type { Read, Sourced, Sourcing } from './sourced.ts';
import type { Keypair } from '../shared/tls-options.ts';

const pemText = entry(z.string().min(1), {
  description: 'The text itself.',
  expected: 'text that begins with "-----BEGIN"',
});

const pemFile = entry(
  z.strictObject({
    file: entry(z.string().min(1), {
      description: 'Path of the file, counted from the directory of the configuration.',
      expected: 'the path of a file',
      errors: ['CONFIG_CERTIFICATE'],
    }),
  }),
  { description: 'The file that has the text.', expected: 'an object { file }' },
);

/** PEM text, or the file that has it. Each use adds its own entry to a copy of it. */
export const pemSchema = z.union([pemText, pemFile]);
/** What such a use says, its description aside. */
export const pemEntry = {
  expected: 'PEM text, or { file: "./cert.pem" }',
  errors: ['CONFIG_CERTIFICATE'],
  choose: (value: unknown): Choice =>
    typeof value === 'string' ? pemText : isRecord(value) ? pemFile : undefined,
} as const;

/** A certificate and its private key. */
export const keypairSchema = entry(
  z.strictObject({
    certificate: entry(z.union(pemSchema.options), {
      ...pemEntry,
      description:
        'The certificate, and behind it those that lead to its root, the nearest first. `{ file }` names a file with them.',
    }),
    privateKey: entry(z.union(pemSchema.options), {
      ...pemEntry,
      description: 'The private key of the certificate, not encrypted.',
    }),
  }),
  {
    description: 'A certificate and its private key.',
    expected: 'an object { certificate, privateKey }',
  },
);

/** PEM text that is there, or is in a file. */
export type DraftPem = Sourced<string | { readonly file: string }>;

export interface DraftKeypair {
  readonly certificate: DraftPem | undefined;
  readonly privateKey: DraftPem | undefined;
}

/** `undefined` where it is absent or was wrong. */
export function readPem(value: Read<typeof pemSchema> | undefined, at: Sourcing): DraftPem | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return at.sourced(value);
  return value.file === undefined ? undefined : at.sourced({ file: value.file }, 'file');
}

export function readKeypair(
  value: Read<typeof keypairSchema> | undefined,
  at: Sourcing,
): DraftKeypair | undefined {
  if (value === undefined) return undefined;
  return {
    certificate: readPem(value.certificate, at.at('certificate')),
    privateKey: readPem(value.privateKey, at.at('privateKey')),
  };
}

/** What reading PEM needs. */
export interface PemContext {
  /** Absolute. */
  readonly baseDir: string;
  readonly powers: Pick<ConfigPowers, 'readBytes'>;
  readonly problems: Problems;
}

/** The text, or `undefined` after a report. */
async function loadPem(
  what: string,
  { value, place }: DraftPem,
  { baseDir, powers, problems }: PemContext,
): Promise<string | undefined> {
  if (typeof value === 'string') return value;
  try {
    return new TextDecoder().decode(await powers.readBytes(resolvePath(baseDir, value.file)));
  } catch (error) {
    problems.report(
      'CONFIG_CERTIFICATE',
      { what, reason: `its file cannot be read (${errorCode(error)})` },
      place,
    );
    return undefined;
  }
}

/** Every certificate of a text in PEM, or `undefined` after a report. */
export async function loadCertificates(draft: DraftPem, context: PemContext): Promise<string | undefined> {
  const text = await loadPem('certificate', draft, context);
  return text !== undefined && areCertificates(text, draft.place, context.problems) ? text : undefined;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;

function areCertificates(text: string, place: ErrorPlace, problems: Problems): boolean {
  const report = (reason: string): false => {
    problems.report('CONFIG_CERTIFICATE', { what: 'certificate', reason }, place);
    return false;
  };
  const blocks = text.match(certificateBlock) ?? [];
  if (blocks.length === 0) return report('there is no "-----BEGIN CERTIFICATE-----" in it');
  try {
    for (const block of blocks) new X509Certificate(block);
    return true;
  } catch (error) {
    return report(`it cannot be parsed: ${describeThrown(error)}`);
  }
}

/** The keypair, whose halves belong to each other, or `undefined` after a report. */
export async function loadKeypair(draft: DraftKeypair, context: PemContext): Promise<Keypair | undefined> {
  const { certificate: first, privateKey: second } = draft;
  if (first === undefined || second === undefined) return undefined;
  const [certificate, privateKey] = await Promise.all([
    loadCertificates(first, context),
    loadPem('private key', second, context),
  ]);
  if (certificate === undefined || privateKey === undefined) return undefined;
  const reason = keyProblem(certificate, privateKey);
  if (reason === undefined) return { certificate, privateKey };
  context.problems.report('CONFIG_CERTIFICATE', { what: 'private key', reason }, second.place);
  return undefined;
}

function keyProblem(certificate: string, privateKey: string): string | undefined {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/mu.test(privateKey))
    return 'it is encrypted';
  try {
    const isOwn = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey));
    return isOwn ? undefined : 'it is not the key of the certificate';
  } catch (error) {
    return `it cannot be parsed: ${describeThrown(error)}`;
  }
}
