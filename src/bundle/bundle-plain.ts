/**
 * The short way for workers in plain JavaScript that need nothing from other files: their code runs as it was written, and esbuild never sees
 * it. A thousand small workers start in a fraction of the time, and a classic script keeps its sloppiness.
 */

import { basename, isAbsolute } from 'node:path';
import { assemble } from './assemble.ts';
import type { Material } from './assemble.ts';
import { bundleClassic } from './bundle-classic.ts';
import type { BundleOutcome } from './bundle.ts';
import type { Job } from './job.ts';
import { hasModuleSyntax, readExports } from './module-exports.ts';
import { mayHoldHtmlComment } from './script-check.ts';
import { moduleScript, wrapperLines } from './script-code.ts';
import { identityMap } from './source-map.ts';
import { parse, scanProgram } from './syntax.ts';
import type { ProgramFacts } from './syntax.ts';

/** The text of an entry as it was written. */
export function plainMaterial(job: Job, text: string): Material {
  const name = job.request.source.kind === 'script' ? basename(job.entry) : job.entry;
  const sources = [job.files.locate(name)].filter(isAbsolute);
  return { job, text, map: identityMap(text, name), sources, assets: [], warnings: [] };
}

/** Bundles a script that stands alone. `undefined` when it takes esbuild to say, or to do, what is right. */
export async function bundlePlain(job: Job, text: string): Promise<BundleOutcome | undefined> {
  const material = plainMaterial(job, text);
  const mayBeClassic = job.request.source.kind === 'script';
  const parsed = parse(text, 'module');
  if ('problem' in parsed) return mayBeClassic ? bundleClassic(material) : undefined;
  const facts = scanProgram(parsed.program);
  if (mayBeClassic && !hasModuleSyntax(parsed.program) && !facts.topLevelAwait)
    return bundleClassic(material);
  if ((job.request.wrappers ?? []).length > 0) return undefined;
  const exports = needsEsbuild(text, facts) ? undefined : readExports(text, parsed.program);
  if (exports === undefined) return undefined;
  const code = (): string => moduleScript(text, exports, facts, []);
  return assemble(material, facts, { format: 'module', movedLines: wrapperLines, code });
}

/** Whether esbuild would make something else of the module than what stands there. */
function needsEsbuild(text: string, facts: ProgramFacts): boolean {
  return (
    facts.dynamicImports.length > 0 ||
    facts.mentionsRequire ||
    text.includes('NODE_ENV') ||
    mayHoldHtmlComment(text)
  );
}
