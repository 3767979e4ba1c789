/**
 * Text encodings for realms: UTF-8 by the host's native code, the legacy encodings by the decoders of ./encoding/, base64. Runs in
 * a thread, in the host realm. No state of a decoder is kept here: it travels as one number.
 */

import type { EncodingHost } from '../prelude/host-api.ts';
import { decodeLegacy, makeLegacyState } from './encoding/legacy.ts';

const FATAL = 1;
const KEEP_BOM = 2;

const encoder = new TextEncoder();
/** By flags: FATAL | KEEP_BOM. */
const utf8Decoders = [
  new TextDecoder('utf-8'),
  new TextDecoder('utf-8', { fatal: true }),
  new TextDecoder('utf-8', { ignoreBOM: true }),
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
] as const;
const [lossyDecoder] = utf8Decoders;

/** The encodings area; one serves all realms of a thread. */
export function makeEncodingHost(): EncodingHost {
  let written = 0;
  const legacy = makeLegacyState();
  return Object.freeze<EncodingHost>({
    encodeUtf8: (text) => exactBuffer(encoder.encode(text)),
    encodeInto(text, buffer, byteOffset, byteLength) {
      const result = encoder.encodeInto(text, new Uint8Array(buffer, byteOffset, byteLength));
      written = result.written;
      return result.read;
    },
    encodeIntoWritten: () => written,
    decodeUtf8: (buffer, byteOffset, byteLength) =>
      lossyDecoder.decode(new Uint8Array(buffer, byteOffset, byteLength)),
    decodeUtf8With: (buffer, byteOffset, byteLength, flags) =>
      decodeUtf8With(new Uint8Array(buffer, byteOffset, byteLength), flags),
    encodingOf,
    decodeLegacy: (encoding, state, buffer, byteOffset, byteLength, flags) =>
      decodeLegacy(legacy, encoding, state, new Uint8Array(buffer, byteOffset, byteLength), flags),
    legacyState: () => legacy.next,
    atob: decodeBase64,
    btoa: encodeBase64,
    indexOf: (buffer, byteOffset, byteLength, text) =>
      Buffer.from(buffer, byteOffset, byteLength).indexOf(text, 0, 'latin1'),
    decodeLatin1: (buffer, byteOffset, byteLength) =>
      Buffer.from(buffer, byteOffset, byteLength).toString('latin1'),
    base64Bytes(text) {
      const binary = decodeBase64(text);
      return binary === undefined ? undefined : new Uint8Array(Buffer.from(binary, 'latin1')).buffer;
    },
  });
}

function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

function decodeUtf8With(bytes: Uint8Array, flags: number): string | undefined {
  const decoder = utf8Decoders[flags & (FATAL | KEEP_BOM)] ?? lossyDecoder;
  if ((flags & FATAL) === 0) return decoder.decode(bytes);
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Node knows every label of the standard, and refuses those of the replacement encoding as TextDecoder has to. */
function encodingOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function decodeBase64(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

function encodeBase64(text: string): string | undefined {
  try {
    return btoa(text);
  } catch {
    return undefined;
  }
}
