/** Modules of a bundle that are no code. */

import type { RealmHost } from '../host-api.ts';
import { ArrayBufferPrototypeTransfer } from '../primordials.ts';

/** An ArrayBuffer (`data`) or a WebAssembly.Module (`wasm`). */
export function assetOf(host: RealmHost, index: number, kind: 'data' | 'wasm'): object {
  return kind === 'wasm' ? host.wasmModule(index) : ArrayBufferPrototypeTransfer(host.asset(index));
}
