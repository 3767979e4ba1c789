/** Key material as dialect 1 writes it, turned into what `importKey` takes. Messages never show any of it. Runs in the supervisor. */

/** The ways to write a key, in the order in which they are named to users. */
export const keyFormats = ['raw', 'hex', 'base64', 'pkcs8', 'spki', 'jwk'] as const;
export type KeyFormat = (typeof keyFormats)[number];

/** Bytes by a format of `importKey`, as base64 with padding, or the JSON text of a JSON Web Key. */
export interface KeyMaterial {
  readonly format: 'raw' | 'pkcs8' | 'spki' | 'jwk';
  readonly material: string;
}

/** What is wrong with it: what would be right, and what was found, in words that tell nothing of the key. */
export interface KeyFlaw {
  readonly expected: string;
  readonly found: string;
}

const hexText = /^(?:[\da-f]{2})*$/iu;
const base64Characters = /^[\d+/A-Za-z]*={0,2}$/u;

/** Reads text, or the bytes of a file; `raw` is bytes as they are, and all others are text. */
export function readMaterial(format: KeyFormat, written: string | Uint8Array): KeyMaterial | KeyFlaw {
  if (format === 'raw') return bytes('raw', Buffer.from(written as Uint8Array));
  const text = (typeof written === 'string' ? written : Buffer.from(written).toString('utf8')).trim();
  switch (format) {
    case 'hex':
      if (!hexText.test(text)) return flaw('pairs of hexadecimal digits');
      return bytes('raw', Buffer.from(text, 'hex'));
    case 'base64':
      if (!base64Characters.test(text)) return flaw('base64');
      return bytes('raw', Buffer.from(text, 'base64'));
    case 'pkcs8':
      return readPem(format, 'PRIVATE KEY', text);
    case 'spki':
      return readPem(format, 'PUBLIC KEY', text);
    case 'jwk':
      return readJwk(text);
  }
}

function bytes(format: KeyMaterial['format'], data: Buffer): KeyMaterial {
  return { format, material: data.toString('base64') };
}

function flaw(expected: string, found = 'something else'): KeyFlaw {
  return { expected, found };
}

/** https://www.rfc-editor.org/rfc/rfc7468: one block with one label. */
function readPem(format: 'pkcs8' | 'spki', label: string, text: string): KeyMaterial | KeyFlaw {
  const expected = `one PEM block, -----BEGIN ${label}-----`;
  const begins = [...text.matchAll(/-----BEGIN ([A-Z ]{1,40})-----/gu)];
  if (begins.length !== 1) return flaw(expected, begins.length === 0 ? 'none' : `${begins.length} blocks`);
  const found = begins[0]?.[1] ?? '';
  if (found !== label) return flaw(expected, `-----BEGIN ${found}-----`);
  const [, rest = ''] = text.split(`-----BEGIN ${label}-----`);
  const [body = '', ...after] = rest.split(`-----END ${label}-----`);
  const base64 = body.replace(/\s/gu, '');
  if (after.length !== 1) return flaw(expected, 'a block without its end');
  return base64Characters.test(base64) ? bytes(format, Buffer.from(base64, 'base64')) : flaw(expected);
}

function readJwk(text: string): KeyMaterial | KeyFlaw {
  const expected = 'a JSON Web Key: an object with `kty`';
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch {
    return flaw(expected, 'text that is not JSON');
  }
  const isKey = typeof key === 'object' && key !== null && 'kty' in key && typeof key.kty === 'string';
  return isKey ? { format: 'jwk', material: JSON.stringify(key) } : flaw(expected);
}
