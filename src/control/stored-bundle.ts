/** Bundles as JSON: what the command line sends and the daemon keeps. */

import type { StoredBundle } from './api.ts';

/** A bundle in memory, as far as threads need it. */
interface BundleParts {
  readonly format: 'module' | 'script';
  readonly code: string;
  readonly sourceMap: string;
  readonly version: string;
  readonly topLevelAwait: boolean;
  readonly mentionsTemporal: boolean;
  readonly assets: readonly {
    readonly kind: 'wasm' | 'data';
    readonly name: string;
    readonly bytes: Uint8Array;
  }[];
}

export function toStoredBundle(bundle: BundleParts): StoredBundle {
  const { format, code, sourceMap, version, topLevelAwait, mentionsTemporal } = bundle;
  const assets = bundle.assets.map(({ kind, name, bytes }) => ({
    kind,
    name,
    base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  }));
  return { format, code, sourceMap, version, topLevelAwait, mentionsTemporal, assets };
}

export function fromStoredBundle({ assets, ...rest }: StoredBundle): BundleParts {
  return {
    ...rest,
    assets: assets.map(({ kind, name, base64 }) => ({ kind, name, bytes: Buffer.from(base64, 'base64') })),
  };
}
