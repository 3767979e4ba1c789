/** The way from a capability to a property of it, as a message and back. */

import { neutralRpc } from '../../../realm/neutral-rpc.ts';
import type { PathLink, PathState } from '../../../realm/prelude/rpc/rpc-state.ts';

export function keysOf(path: PathState): readonly string[] {
  if (path === undefined) return [];
  return typeof path === 'string' ? [path] : [...keysOf(path.parent), path.key];
}

export function pathOf(keys: readonly string[]): PathState {
  let path: string | PathLink | undefined;
  for (const key of keys) path = path === undefined ? key : neutralRpc.link(path, key);
  return path;
}
