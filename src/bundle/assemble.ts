/** The last step of bundling: from code and what is known of it to a bundle, or to the errors that only show in the code. */

import { makeError } from '../shared/errors.ts';
import type { ErrorPlace, NanodError } from '../shared/errors.ts';
import { makeBundle } from './bundle.ts';
import type { BundleAsset, BundleOutcome, SourceMapData } from './bundle.ts';
import type { Job } from './job.ts';
import { linesOf } from './lines.ts';
import { checkScript } from './script-check.ts';
import { moveDown, originalPositions } from './source-map.ts';
import type { OriginalPosition } from './source-map.ts';
import { scopeName } from './syntax.ts';
import type { ProgramFacts, ScopeCall } from './syntax.ts';

/** A worker's code in one text, before it becomes a script, and where it came from. */
export interface Material {
  readonly job: Job;
  readonly text: string;
  /** Of `text`. Names its sources relative to the directory of the entry. */
  readonly map: SourceMapData;
  readonly sources: readonly string[];
  readonly assets: readonly BundleAsset[];
  readonly warnings: readonly string[];
}

/** What the text became. */
export interface ScriptPlan {
  readonly format: 'module' | 'script';
  /** Lines by which the code is further down than in the text. */
  readonly movedLines: number;
  /** Makes the code. Called when nothing speaks against it. */
  readonly code: () => string;
  /** The uses of `$nanod` that are the bundler's own. */
  readonly ownCalls?: readonly ScopeCall[];
}

/** Makes the bundle. */
export function assemble(material: Material, facts: ProgramFacts, plan: ScriptPlan): BundleOutcome {
  const errors = reservedNames(material, facts, plan);
  if (errors.length > 0) return { errors };
  const code = plan.code();
  const sourceMap = moveDown(material.map, plan.movedLines);
  const problem = checkScript(code);
  if (problem !== undefined) {
    const place = toPlace(material, originalPositions(sourceMap)(problem.line, problem.column));
    return {
      errors: [
        makeError(
          'WORKER_SYNTAX',
          { worker: material.job.worker, reason: problem.reason, advice: undefined },
          place,
        ),
      ],
    };
  }
  const { assets, sources, warnings } = material;
  const topLevelAwait = plan.format === 'module' && facts.topLevelAwait;
  const { format } = plan;
  return {
    bundle: makeBundle({
      format,
      code,
      sourceMap,
      nameSource: (source) => material.job.files.name(material.job.files.locate(source)),
      topLevelAwait,
      assets,
      sources,
      warnings,
    }),
  };
}

/** The worker's own uses of `$nanod`, the first of each name in a file. */
function reservedNames(material: Material, facts: ProgramFacts, plan: ScriptPlan): NanodError[] {
  const own = new Set(plan.ownCalls?.map(({ scope }) => scope.start));
  const foreign = facts.reserved.filter(({ start }) => !own.has(start)).toSorted((a, b) => a.start - b.start);
  const placeOf = offsetPlaces(material);
  const errors = new Map<string, NanodError>();
  for (const { name, start } of foreign) {
    const place = placeOf(start);
    const id = `${name} ${place.file}`;
    if (errors.has(id)) continue;
    errors.set(id, makeError('WORKER_IDENTIFIER', { worker: material.job.worker, scopeName }, place));
  }
  return [...errors.values()];
}

/** A look-up function from offsets in the text to places in the sources. */
export function offsetPlaces(material: Material): (offset: number) => ErrorPlace {
  const lines = linesOf(material.text);
  const positions = originalPositions(material.map);
  return (offset) => {
    const { line, column } = lines(offset);
    return toPlace(material, positions(line, column));
  };
}

function toPlace({ job: { files, entry } }: Material, position: OriginalPosition | undefined): ErrorPlace {
  if (position === undefined) return { file: files.name(files.locate(entry)) };
  return files.place({ ...position, file: files.locate(position.source) });
}
