/** A version of a worker as a thread holds it: compiled once, run in as many realms as needed. */

import vm from 'node:vm';
import { copyOfBytes } from '../shared/bytes.ts';

/** A file of the bundle that is no code. */
export interface ImageAsset {
  readonly kind: 'data' | 'wasm';
  readonly bytes: Uint8Array;
}

/** What a worker's bundle gives to a thread. */
export interface ImageSource {
  readonly service: string;
  /** Content hash. */
  readonly version: string;
  readonly format: 'module' | 'script';
  readonly code: string;
  readonly assets: readonly ImageAsset[];
  readonly mentionsTemporal: boolean;
  /** The worker may import modules of Node.js. */
  readonly nodejs: boolean;
}

export interface WorkerImage {
  readonly source: ImageSource;
  readonly script: vm.Script;
  /** The compiled module of asset `index`, which must be `wasm`. */
  wasmModule(index: number): WebAssembly.Module;
}

/** Compiles a worker's code. The bundler has parsed it, so this does not throw. */
export function compileImage(source: ImageSource): WorkerImage {
  let modules: Map<number, WebAssembly.Module> | undefined;
  return {
    source,
    script: new vm.Script(source.code, { filename: scriptName(source.service, source.version) }),
    wasmModule(index) {
      modules ??= new Map();
      const known = modules.get(index);
      if (known !== undefined) return known;
      const bytes = source.assets[index]?.bytes ?? new Uint8Array();
      const module = new WebAssembly.Module(new Uint8Array(copyOfBytes(bytes)));
      modules.set(index, module);
      return module;
    },
  };
}

/** The name that stack frames of a worker's code carry: the prelude's formatter shows no others. */
export function scriptName(service: string, version: string): string {
  return `worker:${service}@${version.slice(0, 12)}`;
}
