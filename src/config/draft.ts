/**
 * What every dialect is read into before it is checked as a whole: the fields are of the right types, names are not yet known to refer to
 * anything, and each field that can still be wrong says where it stands in the user's file. What was wrong already is absent.
 */
import type { ErrorPlace } from '../shared/errors.ts';
import type { DraftAdmin } from './admin-schema.ts';
import type { DraftCryptoKey } from './bindings/crypto-key.ts';
import type { DraftParameter } from './bindings/parameter.ts';
import type { DraftWasmModule } from './bindings/wasm-module.ts';
import type { DraftAppAssets } from './app-assets.ts';
import type { DraftAssets } from './kinds/assets.ts';
import type { DraftDisk } from './kinds/disk.ts';
import type { DraftExternal } from './kinds/external.ts';
import type { DraftNetwork } from './kinds/network.ts';
import type { DraftLogs, LogSettings } from './log-settings.ts';
import type { DraftSocket } from './socket-schema.ts';
import type { DraftName, Sourced } from './sourced.ts';
import type { DraftExtensionModule, DraftSource } from './sources.ts';
import type { DraftSupervision } from './supervision-schema.ts';
import type {
  DataBinding,
  JsonBinding,
  MemoryCacheBinding,
  Preload,
  RateLimitBinding,
  ServiceDesignator,
  TextBinding,
  ThreadCount,
  VersionMetadataBinding,
  WorkerLoaderBinding,
} from './types.ts';

export interface Draft {
  readonly preload: Preload;
  readonly allowBindingCycles: boolean;
  /** For groups that do not say it themselves. */
  readonly threads: ThreadCount;
  readonly threadMemoryMb: number;
  readonly groups: readonly DraftGroup[];
  readonly services: readonly DraftService[];
  readonly sockets: readonly DraftSocket[];
  readonly admin: DraftAdmin | undefined;
  readonly extensions: readonly DraftExtensionModule[];
  /** Every name that is written, of something good or refused: a reference to something that was refused is not an error of its own. */
  readonly writtenNames: { readonly services: ReadonlySet<string>; readonly groups: ReadonlySet<string> };
  readonly logs?: LogSettings | undefined;
  /** What `overrides` says. */
  readonly replacements: readonly DraftReplacement[];
}

/** A service, and the script that takes its place. */
export interface DraftReplacement {
  readonly service: string;
  /** Its path; the place is that of the whole entry. */
  readonly script: Sourced<string>;
}

export interface DraftGroup {
  readonly name: string;
  readonly threads: ThreadCount | undefined;
}

/** Discriminated by `kind`, as `Service` is. */
export type DraftService = DraftWorker | DraftNetwork | DraftExternal | DraftDisk | DraftAssets;

export interface DraftWorker extends DraftName {
  readonly kind: 'worker';
  readonly source: DraftSource | undefined;
  /** The worker that it has its code from, which then is all that is said of it. */
  readonly inherit: Sourced<string> | undefined;
  readonly group: Sourced<string> | undefined;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly Sourced<string>[];
  readonly bindings: readonly DraftBinding[];
  /** Where a binding stands. */
  readonly placeOf: (binding: string) => ErrorPlace;
  readonly globalOutbound: Sourced<ServiceDesignator> | undefined;
  readonly assets: DraftAppAssets | undefined;
  readonly supervision?: DraftSupervision | undefined;
  readonly logs?: DraftLogs;
}

/** A binding that needs nothing else, or one that refers to something. */
export type DraftBinding =
  | TextBinding
  | DataBinding
  | JsonBinding
  | MemoryCacheBinding
  | RateLimitBinding
  | VersionMetadataBinding
  | WorkerLoaderBinding
  | { readonly kind: 'fromEnvironment'; readonly name: string; readonly variable: Sourced<string> }
  | { readonly kind: 'service'; readonly name: string; readonly target: Sourced<ServiceDesignator> }
  | DraftWasmModule
  | DraftParameter
  | DraftCryptoKey
  | {
      readonly kind: 'wrapped';
      readonly name: string;
      readonly moduleName: Sourced<string>;
      readonly entrypoint: string;
      readonly innerBindings: readonly DraftBinding[];
    };
