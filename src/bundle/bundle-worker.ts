/**
 * Turns the sources of a worker into one script with the semantics of an ES module, or into a classic script for a worker in
 * service-worker syntax. Runs on the main thread; reads the worker's files and writes none.
 */

import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { makeError } from '../shared/errors.ts';
import type { NanodError } from '../shared/errors.ts';
import { quote } from '../shared/text.ts';
import { bundleCompiled } from './bundle-compiled.ts';
import { bundlePlain } from './bundle-plain.ts';
import type { BundleOutcome, BundleRequest } from './bundle.ts';
import { SourceFiles, describeFileError } from './source-files.ts';

const scriptTypes = Object.freeze(['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx']);

/**
 * Bundles one worker. Bad input is an outcome, with every error that was found in one pass; a rejection is a bug.
 *
 * A worker is in service-worker syntax if its entry has neither exports nor top-level `await`. Without imports it runs as the classic script
 * that it is: sloppy, its top-level functions and variables globals of the realm.
 */
export async function bundleWorker(request: BundleRequest): Promise<BundleOutcome> {
  const type = extname(request.script);
  if (!scriptTypes.includes(type)) return { errors: [await wrongType(request)] };
  let text: string;
  try {
    text = stripByteOrderMark(await readFile(request.script, 'utf8'));
  } catch (error) {
    return { errors: [notReadable(request, describeFileError(error))] };
  }
  const isPlain = type === '.js' || type === '.mjs';
  return (isPlain ? bundlePlain(request, text) : undefined) ?? bundleCompiled(request);
}

function stripByteOrderMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

async function wrongType(request: BundleRequest): Promise<NanodError> {
  try {
    await readFile(request.script);
  } catch (error) {
    return notReadable(request, describeFileError(error));
  }
  return makeError(
    'WORKER_FILE_TYPE',
    { worker: request.name, file: nameOf(request) },
    { file: nameOf(request) },
  );
}

function notReadable(request: BundleRequest, reason: string): NanodError {
  const script = nameOf(request);
  return makeError('SCRIPT_NOT_FOUND', {
    script,
    reason: `is not the script of worker ${quote(request.name)}: ${reason}`,
  });
}

function nameOf({ script, workingDirectory }: BundleRequest): string {
  return new SourceFiles(workingDirectory).name(script);
}
