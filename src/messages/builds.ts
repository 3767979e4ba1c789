/**
 * What threads and the supervisor say to each other about workers whose code is given at run time: a thread asks for a bundle, and gets one
 * or the reason why there is none. Types only.
 */

import type { AssetSpec } from './startup.ts';

/** Code as a worker of the thread gave it; nothing in it has been checked. */
export interface DynamicCode {
  /** Of the worker that is to be made, for messages. */
  readonly name: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** JSON of `[name, kind, text]` for each module, the main module first. Text is base64 where the kind is `data` or `wasm`. */
  readonly modules: string;
}

export interface BuildQuestion {
  /** Unique on the thread. */
  readonly id: number;
  readonly code: DynamicCode;
}

export interface BuildAnswer {
  readonly id: number;
  readonly outcome: BuildOutcome;
}

/** A bundle, or what is wrong with the code, in words, with the place. */
export type BuildOutcome = { readonly bundle: DynamicBundle } | { readonly problem: string };

/** What a realm takes to run the code. It is always a module. */
export interface DynamicBundle {
  readonly code: string;
  readonly sourceMap: string;
  /** Content hash. */
  readonly version: string;
  readonly assets: readonly AssetSpec[];
  readonly mentionsTemporal: boolean;
  /** The worker may import modules of Node.js. */
  readonly nodejs: boolean;
}
