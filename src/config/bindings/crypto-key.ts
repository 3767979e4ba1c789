/** The binding kind `cryptoKey` in dialect 1, in a draft, and in a `Config`. Runs in the supervisor and in scripts. */
import { webcrypto } from 'node:crypto';
import { z } from 'zod';
import { describeThrown } from '../../shared/text.ts';
import { fileSchema } from '../contents.ts';
import type { ReadContent } from '../contents.ts';
import { entry } from '../manual.ts';
import type { Choice } from '../manual.ts';
import { isRecord } from '../plain-copy.ts';
import type { Problems } from '../problems.ts';
import type { Read, Sourced, Sourcing } from '../sourced.ts';
import type { CryptoKeyBinding } from '../types.ts';
import { bytesValue } from '../values.ts';
import { keyFormats, readMaterial } from './key-material.ts';
import type { KeyFormat, KeyMaterial } from './key-material.ts';

const usages = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'deriveKey',
  'deriveBits',
  'wrapKey',
  'unwrapKey',
] as const;

const common = {
  algorithm: entry(z.union([z.string().min(1), z.custom<object>(isRecord)]), {
    description: 'The `algorithm` of `importKey`: a name such as `"AES-GCM"`, or an object with a `name`.',
    expected: 'the name of an algorithm, or an object { name, … }',
  }),
  extractable: entry(z.boolean().optional(), {
    description: 'Whether the worker may export the key. Otherwise it can use the key, and never see it.',
    expected: 'true or false',
    default: '`false`',
  }),
  usages: entry(
    z.array(entry(z.enum(usages), { description: 'A usage.', expected: `one of ${usages.join(', ')}` })),
    {
      description: 'What the key may be used for, as `importKey` has it.',
      expected: `an array of ${usages.join(', ')}`,
    },
  ),
};

/** Text, or a file that holds it. */
const keyText = z.union([z.string(), fileSchema]);

const written = {
  raw: entry(z.union([bytesValue, fileSchema]), {
    description: 'The bytes of a symmetric key, or of a public key on a curve.',
    expected: 'base64 with padding, a Uint8Array, or { file }',
    isSecret: true,
  }),
  hex: entry(keyText.clone(), {
    description: 'The same as text in hexadecimal digits.',
    expected: 'hexadecimal digits, or { file }',
    isSecret: true,
  }),
  base64: entry(keyText.clone(), {
    description: 'The same as text in base64.',
    expected: 'base64, or { file }',
    isSecret: true,
  }),
  pkcs8: entry(keyText.clone(), {
    description: 'A private key: PKCS #8 in PEM.',
    expected: 'a PEM block, -----BEGIN PRIVATE KEY-----, or { file }',
    isSecret: true,
  }),
  spki: entry(keyText.clone(), {
    description: 'A public key: SPKI in PEM.',
    expected: 'a PEM block, -----BEGIN PUBLIC KEY-----, or { file }',
    isSecret: true,
  }),
  jwk: entry(z.union([keyText, z.custom<object>(isRecord)]), {
    description: 'A JSON Web Key, as an object or as text.',
    expected: 'a JSON Web Key, its text, or { file }',
    isSecret: true,
  }),
} satisfies Record<KeyFormat, z.ZodType>;

const keyEntry = {
  description: 'A key in one of the formats.',
  expected: `an object with one of ${keyFormats.join(', ')}, and with algorithm and usages`,
  keyAdvice: 'a key has one format',
  isSecret: true,
} as const;

function keySchemaOf<Format extends KeyFormat>(format: Format) {
  const shape = { [format]: written[format], ...common } as Pick<typeof written, Format> & typeof common;
  return entry(z.strictObject(shape), keyEntry);
}

const keySchemas = {
  raw: keySchemaOf('raw'),
  hex: keySchemaOf('hex'),
  base64: keySchemaOf('base64'),
  pkcs8: keySchemaOf('pkcs8'),
  spki: keySchemaOf('spki'),
  jwk: keySchemaOf('jwk'),
} as const;

function formatOf(value: unknown): KeyFormat | undefined {
  return isRecord(value) ? keyFormats.find((format) => value[format] !== undefined) : undefined;
}

function chooseKey(value: unknown): Choice {
  const format = formatOf(value);
  return format === undefined ? undefined : keySchemas[format];
}

/** Every field that a key can have, for the manual. */
export const cryptoKeyFields = z.strictObject({
  raw: written.raw.optional(),
  hex: written.hex.optional(),
  base64: written.base64.optional(),
  pkcs8: written.pkcs8.optional(),
  spki: written.spki.optional(),
  jwk: written.jwk.optional(),
  ...common,
});

export const cryptoKeySchema = entry(
  z.strictObject({
    cryptoKey: entry(z.union(Object.values(keySchemas)), { ...keyEntry, choose: chooseKey }),
  }),
  {
    description:
      'A key for `crypto.subtle`, with the [fields](#keys) below. The worker sees a `CryptoKey`; the text of the key never reaches it, nor any log.',
    expected: 'an object { cryptoKey }',
    errors: ['CONFIG_UNREADABLE'],
  },
);

/** What a dialect says of it. What is in `key` is secret. */
export interface DraftCryptoKey {
  readonly kind: 'cryptoKey';
  readonly name: string;
  readonly format: KeyFormat;
  readonly key: Sourced<{ readonly file: string } | { readonly written: string | Uint8Array }>;
  /** JSON. */
  readonly algorithm: string;
  readonly extractable: boolean;
  readonly usages: readonly string[];
}

export function readCryptoKey(
  name: string,
  { cryptoKey }: Read<typeof cryptoKeySchema>,
  at: Sourcing,
): DraftCryptoKey | undefined {
  const format = formatOf(cryptoKey);
  if (cryptoKey === undefined || format === undefined) return undefined;
  const material: unknown = (cryptoKey as Partial<Record<KeyFormat, unknown>>)[format];
  const key = at.sourced(normalize(format, material), 'cryptoKey', format);
  const { algorithm, extractable = false } = cryptoKey;
  if (key === undefined || algorithm === undefined) return undefined;
  return {
    kind: 'cryptoKey',
    name,
    format,
    key,
    algorithm: JSON.stringify(algorithm),
    extractable,
    usages: (cryptoKey.usages ?? []).filter((usage) => usage !== undefined),
  };
}

function normalize(
  format: KeyFormat,
  material: unknown,
): { readonly file: string } | { readonly written: string | Uint8Array } {
  if (material instanceof Uint8Array) return { written: material };
  if (isRecord(material)) {
    const { file, kty } = material;
    return typeof file === 'string' && kty === undefined ? { file } : { written: JSON.stringify(material) };
  }
  const text = material as string;
  return { written: format === 'raw' ? Buffer.from(text, 'base64') : text };
}

/** Reads the file, and reports what cannot be imported: workers find either a good key or no deployment. */
export async function resolveCryptoKey(
  { kind, name, format, key: { value, place }, ...how }: DraftCryptoKey,
  readContent: ReadContent,
  problems: Problems,
): Promise<CryptoKeyBinding | undefined> {
  const content = 'file' in value ? await readContent({ value: value.file, place }) : value.written;
  if (content === undefined) return undefined;
  const material = readMaterial(format, content);
  const flaw = 'expected' in material ? material : await findFlaw({ ...material, ...how });
  if (flaw === undefined) return { kind, name, ...(material as KeyMaterial), ...how };
  problems.report('CONFIG_VALUE', flaw, place);
  return undefined;
}

type Importable = KeyMaterial & Pick<CryptoKeyBinding, 'algorithm' | 'extractable' | 'usages'>;

/** `importKey` as it is called here. */
type ImportKey = (
  format: string,
  data: unknown,
  algorithm: unknown,
  extractable: boolean,
  usages: readonly string[],
) => Promise<unknown>;

async function findFlaw({ format, material, algorithm, extractable, usages }: Importable) {
  const data: unknown = format === 'jwk' ? JSON.parse(material) : Buffer.from(material, 'base64');
  const { subtle } = webcrypto;
  try {
    await (subtle.importKey.bind(subtle) as ImportKey)(
      format,
      data,
      JSON.parse(algorithm),
      extractable,
      usages,
    );
    return undefined;
  } catch (error) {
    return { expected: 'a key that can be imported', found: withoutValues(describeThrown(error)) };
  }
}

/** Node.js shows in some messages what it was given. */
function withoutValues(message: string): string {
  return message.split(/[.:]? Received /u, 1).join();
}
