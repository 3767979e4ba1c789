/**
 * What bundling takes and what it gives: one script per version of a worker. Types, and the one place where a bundle is put
 * together, named by its content, and frozen. Runs on the main thread.
 */

import { createHash } from 'node:crypto';
import type { NanodError } from '../shared/errors.ts';
import type { ExtensionModule, WorkerSource, Wrapper } from '../shared/worker-source.ts';

/** What to bundle. */
export interface BundleRequest {
  /** The worker's name, for messages. */
  readonly name: string;
  readonly source: WorkerSource;
  /** Files inside this directory are named relative to it in messages and in the source map. */
  readonly workingDirectory: string;
  /** The worker may import modules of Node.js. Absent: it may not. */
  readonly nodejs?: boolean;
  /** Modules whose names say nothing else hold TypeScript. Absent: they do not. */
  readonly typescript?: boolean;
  /** Modules that the worker may import by name, and those behind them. */
  readonly extensions?: readonly ExtensionModule[];
  /** What makes wrapped bindings, in the order in which the realm has them. */
  readonly wrappers?: readonly Wrapper[];
}

/** A module of the bundle that is no code. The script asks for it with `$nanod.asset(index, kind)`. */
export interface BundleAsset {
  /** `wasm` becomes a WebAssembly.Module, `data` an ArrayBuffer. */
  readonly kind: 'wasm' | 'data';
  /** The file, relative to the directory of the entry. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One version of a worker's code. Frozen, `bytes` of the assets excepted. */
export interface Bundle {
  /**
   * `module`: `code` is a strict script whose completion value is a function that takes `$nanod`, registers the exports with
   * `$nanod.exports({ name: getter })`, and then runs the module. `script`: `code` runs when it is evaluated, and finds `$nanod`
   * as a global.
   */
  readonly format: 'module' | 'script';
  readonly code: string;
  /**
   * JSON of a source map (revision 3) of `code` exactly as it stands: positions in a stack need no correction before they are looked up.
   */
  readonly sourceMap: string;
  /** SHA-256, in hexadecimal, of everything that an evaluation or a stack trace could show. Does not depend on where the files lie. */
  readonly version: string;
  /** The function of a `module` is async. */
  readonly topLevelAwait: boolean;
  readonly assets: readonly BundleAsset[];
  /** The word `Temporal` occurs in the code: the realm may have to provide it. */
  readonly mentionsTemporal: boolean;
  /** Every file that was read, absolute, sorted. */
  readonly sources: readonly string[];
  /** For people, each on one line with its place. */
  readonly warnings: readonly string[];
}

/** A bundle, or every error that was found. */
export type BundleOutcome = { readonly bundle: Bundle } | { readonly errors: readonly NanodError[] };

/** A source map, revision 3, as far as nanod makes and reads it. */
export interface SourceMapData {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly sourcesContent: readonly (string | null)[];
  readonly mappings: string;
  readonly names: readonly string[];
}

/** The parts of a bundle. `sourceMap` still names its sources relative to the entry's directory, which keeps the version portable. */
export interface BundleParts extends Omit<Bundle, 'version' | 'mentionsTemporal' | 'sourceMap'> {
  readonly sourceMap: SourceMapData;
  /** How the source map of the bundle names a source. */
  readonly nameSource: (source: string) => string;
}

/** Names the version and freezes the whole. */
export function makeBundle({ sourceMap, nameSource, ...parts }: BundleParts): Bundle {
  const named = { ...sourceMap, sources: sourceMap.sources.map(nameSource) };
  return Object.freeze({
    ...parts,
    sourceMap: JSON.stringify(named),
    version: contentHash(parts, sourceMap),
    mentionsTemporal: parts.code.includes('Temporal'),
    assets: Object.freeze(parts.assets.map((asset) => Object.freeze(asset))),
    sources: Object.freeze([...parts.sources]),
    warnings: Object.freeze([...parts.warnings]),
  });
}

/** Raised when the contract between a bundle and the prelude changes, so that bundles kept on disk are not taken for new ones. */
const bundleRevision = 1;

function contentHash(
  parts: Pick<Bundle, 'format' | 'code' | 'topLevelAwait' | 'assets'>,
  { sources, mappings, names }: SourceMapData,
): string {
  const hash = createHash('sha256');
  // Every part is preceded by its length, so that no two bundles feed the hash with the same bytes.
  const add = (part: string | Uint8Array): void => {
    hash.update(`${part.length}:`).update(part);
  };
  add(JSON.stringify([bundleRevision, parts.format, parts.topLevelAwait, sources, names]));
  add(parts.code);
  add(mappings);
  for (const { kind, name, bytes } of parts.assets) {
    add(JSON.stringify([kind, name]));
    add(bytes);
  }
  return hash.digest('hex');
}
