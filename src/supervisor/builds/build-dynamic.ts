/** Bundles code that workers gave at run time. It is parsed here and never run. Runs in the build process. */

import { bundleWorker } from '../../bundle/bundle-worker.ts';
import type { BuildOutcome, DynamicCode } from '../../messages/builds.ts';
import { describeError, type NanodError } from '../../shared/errors.ts';
import { describeThrown } from '../../shared/text.ts';
import { readDynamicCode, type DynamicSource } from './dynamic-source.ts';

/** Errors of one worker that are told. */
const mostErrors = 5;

/** The bundle, or what is wrong. Rejects nothing. */
export async function buildDynamic(code: DynamicCode): Promise<BuildOutcome> {
  try {
    return await bundle(code.name, readDynamicCode(code));
  } catch (error) {
    return { problem: describeThrown(error) };
  }
}

async function bundle(name: string, { source, nodejs }: DynamicSource): Promise<BuildOutcome> {
  // Its modules import each other by their names, and nothing from the disk: no directory matters.
  const outcome = await bundleWorker({ name, source, workingDirectory: '/', nodejs });
  if ('errors' in outcome) return { problem: describeErrors(outcome.errors) };
  const { code, sourceMap, version, assets, mentionsTemporal } = outcome.bundle;
  return {
    bundle: {
      code,
      sourceMap,
      version,
      assets: assets.map(({ kind, bytes }) => ({ kind, bytes })),
      mentionsTemporal,
      nodejs,
    },
  };
}

function describeErrors(errors: readonly NanodError[]): string {
  const told = errors.slice(0, mostErrors).map((error) => {
    const text = describeError(error);
    return error.hint === undefined ? text : `${text} (${error.hint})`;
  });
  if (errors.length > mostErrors) told.push(`and ${errors.length - mostErrors} more`);
  return told.join('\n');
}
