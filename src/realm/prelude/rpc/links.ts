/**
 * Values hold stubs, stubs make calls, and calls carry values: these are the joints where that circle is closed. main.ts sets them; what
 * stands behind them is loaded when it is needed.
 */

import type { ExportState, OnSettle } from './rpc-state.ts';

/** Takes note of the stubs that a value brings. */
export interface StubKeeper {
  keep(dispose: () => void, isDisposed: () => boolean): void;
}

export interface Links {
  /** See exports.ts. */
  readonly exportValue: (value: object, kind: 'function' | 'platform') => ExportState | undefined;
  /** See imports.ts. */
  readonly importValue: (state: ExportState, keeper: StubKeeper) => object;
  readonly importError: (state: ExportState) => object;
  /** See worker/loopback.ts. */
  readonly loopbackExports: () => object;
}

export let links: Links;

export function setLinks(given: Links): void {
  links = given;
}

/** Lets go of calls that this realm serves for one that is going; see RealmEntry.abandonCalls. Undefined before it has served any. */
export let abandonServed: ((onSettle: OnSettle) => void) | undefined;

export function setAbandonServed(given: (onSettle: OnSettle) => void): void {
  abandonServed = given;
}
