/**
 * WebAssembly modules of a realm: the code is compiled once per thread, and each realm gets a WebAssembly.Module of its own over it.
 * What a port deserializes belongs to the context of the port.
 */

import type vm from 'node:vm';
import { MessageChannel, moveMessagePortToContext, receiveMessageOnPort } from 'node:worker_threads';
import type { WorkerImage } from './worker-image.ts';

/** Gives the realm's module of asset `index`. */
export type RealmModules = (index: number) => object;

/**
 * Modules for the realm of `context`. To be called before anything ran in there: moving a port runs scripts of Node's own in the
 * context, which need its intrinsics as they were made. The modules are taken at once, so that no port stays open.
 */
export function makeRealmModules(image: WorkerImage, context: vm.Context): RealmModules {
  const { assets } = image.source;
  const wasm = [...assets.keys()].filter((index) => assets[index]?.kind === 'wasm');
  if (wasm.length === 0) return noModule;
  const { port1, port2 } = new MessageChannel();
  const moved = moveMessagePortToContext(port2, context);
  const modules = new Map<number, object>();
  for (const index of wasm) {
    port1.postMessage(image.wasmModule(index));
    modules.set(index, (receiveMessageOnPort(moved) as { message: object }).message);
  }
  port1.close();
  return (index) => modules.get(index) ?? noModule();
}

/** The bundler numbered the assets itself: nobody asks for another. */
function noModule(): never {
  throw new Error('no such WebAssembly module in the bundle');
}
