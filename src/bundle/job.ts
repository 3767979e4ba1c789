/** A request as the steps of bundling hold it: what esbuild starts from, and how sources are named. Runs on the main thread. */

import { dirname, extname } from 'node:path';
import type { BuildOptions } from '../shared/worker-source.ts';
import type { BundleRequest } from './bundle.ts';
import { SourceFiles } from './source-files.ts';
import { virtualSources } from './virtual-sources.ts';
import type { VirtualSources } from './virtual-sources.ts';

/** One worker on its way to a bundle. */
export interface Job {
  readonly request: BundleRequest;
  readonly worker: string;
  readonly nodejs: boolean;
  /** What esbuild starts from: an absolute path, or the name of a virtual source. */
  readonly entry: string;
  /** Of the entry's code: `.ts`. Empty where nothing says it. */
  readonly extension: string;
  /** What esbuild names files relative to. */
  readonly directory: string;
  readonly virtual: VirtualSources;
  readonly files: SourceFiles;
  /** How a script is built; absent where nothing is said. */
  readonly build: BuildOptions | undefined;
}

export function makeJob(request: BundleRequest): Job {
  const { source, workingDirectory, name, nodejs = false } = request;
  const virtual = virtualSources(request);
  const directory = source.kind === 'script' ? dirname(source.path) : workingDirectory;
  const files = new SourceFiles({ workingDirectory, directory, virtual });
  const entry = source.kind === 'script' ? source.path : virtual.main;
  const extension = extname(source.kind === 'script' ? source.path : (virtual.get(entry)?.origin ?? ''));
  const build = source.kind === 'script' ? source.build : undefined;
  return { request, worker: name, nodejs, entry, extension, directory, virtual, files, build };
}
