/** Keys that a configuration gives to workers: imported by the host, so that their material never enters a realm. Runs in a thread. */

import type { KeyHandle } from '../../prelude/host-api.ts';
import { performOperation } from './operations.ts';
import type { Algorithm, CryptoRequest } from './request.ts';

/** What a configuration says of a key; it was imported once already when the configuration was read. */
export interface BoundKeySource {
  readonly format: 'raw' | 'pkcs8' | 'spki' | 'jwk';
  /** Base64; JSON where the format is `jwk`. */
  readonly material: string;
  /** JSON. */
  readonly algorithm: string;
  readonly extractable: boolean;
  readonly usages: readonly string[];
}

/** A key as a prelude takes it. */
export interface BoundKey {
  /** As for CryptoSettle. */
  readonly text: string;
  readonly handle: KeyHandle;
}

const known = new WeakMap<BoundKeySource, Promise<BoundKey>>();

/** Imports a key once per thread: realms that follow each other share it. */
export function importBoundKey(source: BoundKeySource): Promise<BoundKey> {
  const importing = known.get(source) ?? importKey(source);
  known.set(source, importing);
  return importing;
}

async function importKey(source: BoundKeySource): Promise<BoundKey> {
  const { format, material, extractable, usages } = source;
  const request = {
    operation: 'importKey',
    algorithm: JSON.parse(source.algorithm) as Algorithm,
    format,
    extractable,
    usages,
    data: new Uint8Array(Buffer.from(format === 'jwk' ? '' : material, 'base64')),
    jwk: format === 'jwk' ? (JSON.parse(material) as object) : undefined,
  };
  const { text = '', first } = await performOperation(request as CryptoRequest);
  return { text, handle: first as KeyHandle };
}
