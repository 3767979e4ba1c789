/**
 * Turns the sources of a worker into one script with the semantics of an ES module, or into a classic script for a worker in
 * service-worker syntax. Runs on the main thread; reads the worker's files and writes none.
 */

import { readFile } from 'node:fs/promises';
import { makeError } from '../shared/errors.ts';
import type { NanodError } from '../shared/errors.ts';
import { quote } from '../shared/text.ts';
import type { SourceContent, WorkerSource } from '../shared/worker-source.ts';
import { bundleCompiled } from './bundle-compiled.ts';
import { bundleServiceWorker, stripScript } from './bundle-classic.ts';
import { bundlePlain, plainMaterial } from './bundle-plain.ts';
import type { BundleOutcome, BundleRequest } from './bundle.ts';
import { findModules } from './found-modules.ts';
import { makeJob } from './job.ts';
import type { Job } from './job.ts';
import { describeFileError } from './source-files.ts';
import { readText } from './virtual-sources.ts';

const scriptTypes = Object.freeze(['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx']);

/**
 * Bundles one worker. Bad input is an outcome, with every error that was found in one pass; a rejection is a bug.
 *
 * A file is in service-worker syntax if it has neither exports nor top-level `await`. Without imports it runs as the classic script
 * that it is: sloppy, its top-level functions and variables globals of the realm. Modules of a configuration are never taken for one.
 */
export async function bundleWorker(given: BundleRequest): Promise<BundleOutcome> {
  const request = await withFoundModules(given);
  if ('errors' in request) return request;
  const job = makeJob(request);
  const { source } = request;
  if (source.kind === 'script' && !scriptTypes.includes(job.extension))
    return { errors: [await wrongType(job)] };
  // The main module is no ES module.
  if (source.kind === 'modules' && source.modules[0]?.kind !== 'esModule') return bundleCompiled(job);
  let text: string;
  try {
    text = await readText(mainContent(source));
  } catch (error) {
    return { errors: [notReadable(job, describeFileError(error))] };
  }
  if (source.kind === 'serviceWorker') return bundleWorkerScript(job, text);
  return (isPlain(job) ? await bundlePlain(job, text) : undefined) ?? bundleCompiled(job);
}

/** A worker that is not bundled consists of the modules that are found for it. */
async function withFoundModules(
  request: BundleRequest,
): Promise<BundleRequest | { readonly errors: readonly NanodError[] }> {
  const { source, name: worker } = request;
  if (source.kind !== 'script' || source.build?.unbundled === undefined) return request;
  const { unbundled, rules = [] } = source.build;
  const found = await findModules({ ...unbundled, worker, script: source.path, rules });
  return 'errors' in found ? found : { ...request, source: found };
}

async function bundleWorkerScript(job: Job, text: string): Promise<BundleOutcome> {
  if (isPlain(job)) return bundleServiceWorker(plainMaterial(job, text));
  const stripped = await stripScript(job);
  return 'errors' in stripped ? stripped : bundleServiceWorker(stripped);
}

/** Whether the code is what V8 takes, by what its name says, and nothing is to be done to it. */
function isPlain({ request, extension, build }: Job): boolean {
  if (build !== undefined) return false;
  if (request.source.kind === 'script') return extension === '.js' || extension === '.mjs';
  return request.typescript !== true && !/^\.(?:[mc]?ts|[jt]sx)$/u.test(extension);
}

function mainContent(source: WorkerSource): SourceContent {
  if (source.kind === 'script') return { kind: 'file', path: source.path };
  if (source.kind === 'serviceWorker') return source.content;
  return source.modules[0]?.content ?? { kind: 'inline', text: '' };
}

async function wrongType(job: Job): Promise<NanodError> {
  try {
    await readFile(job.entry);
  } catch (error) {
    return notReadable(job, describeFileError(error));
  }
  const file = nameOf(job);
  return makeError('WORKER_FILE_TYPE', { worker: job.worker, file }, { file });
}

function notReadable(job: Job, reason: string): NanodError {
  return makeError('SCRIPT_NOT_FOUND', {
    script: nameOf(job),
    reason: `is not the script of worker ${quote(job.worker)}: ${reason}`,
  });
}

function nameOf({ files, entry }: Job): string {
  return files.name(files.locate(entry));
}
