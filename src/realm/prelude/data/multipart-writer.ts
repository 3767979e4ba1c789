/** Serializes multipart/form-data. https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */

import { StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice } from '../primordials.ts';
import { ByteList } from '../byte-list.ts';
import { utf8Encode } from '../encoding/utf8.ts';
import { guarded } from '../host.ts';
import { blobBytes, blobType } from './blob.ts';
import { type File, fileName } from './file.ts';

const crypto = guarded($host.crypto);

const LF = 0x0a;

/** `list`: name, value, name, value. */
export function writeMultipart(list: readonly (string | File)[]): {
  bytes: Uint8Array<ArrayBuffer>;
  contentType: string;
} {
  const boundary = `----formdata-nanod-${crypto.randomUUID()}`;
  const chunks = new ByteList();
  for (let i = 0; i < list.length; i += 2) {
    const name = escapeName(withNetworkEndings(list[i] as string));
    const value = list[i + 1] as string | File;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
    if (typeof value === 'string') {
      chunks.add(utf8Encode(`${head}\r\n\r\n${withNetworkEndings(value)}\r\n`));
    } else {
      const type = blobType(value);
      const more = `; filename="${escapeName(fileName(value))}"\r\nContent-Type: `;
      chunks.add(utf8Encode(`${head}${more}${type === '' ? 'application/octet-stream' : type}\r\n\r\n`));
      chunks.add(blobBytes(value));
      chunks.add(utf8Encode('\r\n'));
    }
  }
  chunks.add(utf8Encode(`--${boundary}--\r\n`));
  return { bytes: chunks.join(), contentType: `multipart/form-data; boundary=${boundary}` };
}

/** Every line ending as CR LF. */
function withNetworkEndings(text: string): string {
  if (StringPrototypeIndexOf(text, '\r') === -1 && StringPrototypeIndexOf(text, '\n') === -1) return text;
  let result = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text[i];
    if (unit !== '\r' && unit !== '\n') continue;
    result += `${StringPrototypeSlice(text, start, i)}\r\n`;
    if (unit === '\r' && StringPrototypeCharCodeAt(text, i + 1) === LF) i++;
    start = i + 1;
  }
  return result + StringPrototypeSlice(text, start);
}

/** What would end a quoted name, percent-encoded: nothing else is. */
function escapeName(name: string): string {
  let result = '';
  let start = 0;
  for (let i = 0; i < name.length; i++) {
    const escape = escapeOf(name[i] as string);
    if (escape === undefined) continue;
    result += StringPrototypeSlice(name, start, i) + escape;
    start = i + 1;
  }
  return result + StringPrototypeSlice(name, start);
}

function escapeOf(unit: string): string | undefined {
  if (unit === '"') return '%22';
  if (unit === '\r') return '%0D';
  return unit === '\n' ? '%0A' : undefined;
}
