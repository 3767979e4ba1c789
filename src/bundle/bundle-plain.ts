/**
 * The short way for workers in plain JavaScript that need nothing from other files: their code runs as it was written, and esbuild never sees
 * it. A thousand small workers start in a fraction of the time, and a classic script keeps its sloppiness.
 */

import { basename, extname } from 'node:path';
import { describePlace } from '../shared/errors.ts';
import { assemble, offsetPlaces } from './assemble.ts';
import type { Material } from './assemble.ts';
import type { BundleOutcome, BundleRequest } from './bundle.ts';
import { hasModuleSyntax, readExports } from './module-exports.ts';
import { mayHoldHtmlComment } from './script-check.ts';
import { classicScript, moduleScript, wrapperLines } from './script-code.ts';
import { identityMap } from './source-map.ts';
import { parse, scanProgram } from './syntax.ts';
import type { ProgramFacts } from './syntax.ts';

/** Bundles a script that stands alone. `undefined` when it takes esbuild to say, or to do, what is right. */
export function bundlePlain(request: BundleRequest, text: string): BundleOutcome | undefined {
  const material: Material = {
    request,
    text,
    map: identityMap(text, basename(request.script)),
    sources: [request.script],
    assets: [],
    warnings: [],
  };
  const parsed = parse(text, 'module');
  if ('problem' in parsed) return bundleClassic(material);
  const facts = scanProgram(parsed.program);
  if (!hasModuleSyntax(parsed.program) && !facts.topLevelAwait) return bundleClassic(material);
  const exports = needsEsbuild(text, facts) ? undefined : readExports(text, parsed.program);
  if (exports === undefined) return undefined;
  const code = (): string => moduleScript(text, exports, facts, []);
  return assemble(material, facts, { format: 'module', movedLines: wrapperLines, code });
}

/** Bundles a classic script. `undefined` when the text is none. */
export function bundleClassic(material: Material): BundleOutcome | undefined {
  const { request, text } = material;
  // The extension says that it is a module.
  if (/^\.m[jt]s$/u.test(extname(request.script))) return undefined;
  const parsed = parse(text, 'script');
  if ('problem' in parsed) return undefined;
  const facts = scanProgram(parsed.program);
  const warnings = [...material.warnings, ...importWarnings(material, facts)];
  const code = (): string => classicScript(text, facts);
  return assemble({ ...material, warnings }, facts, { format: 'script', movedLines: 0, code });
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

function importWarnings(material: Material, { dynamicImports }: ProgramFacts): string[] {
  const placeOf = offsetPlaces(material);
  return dynamicImports.map((offset) => {
    const where = describePlace(placeOf(offset)) ?? material.request.script;
    return `${where}: import() always rejects in a worker in service-worker syntax; as a module it could import files`;
  });
}
