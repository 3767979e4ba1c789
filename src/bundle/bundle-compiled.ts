/** The long way: esbuild brings the worker's files together into one ES module, which becomes one script here. */

import { makeError } from '../shared/errors.ts';
import { assemble, offsetPlaces } from './assemble.ts';
import type { Material } from './assemble.ts';
import { bundleClassic } from './bundle-plain.ts';
import type { BundleOutcome, BundleRequest } from './bundle.ts';
import { restoreClassName } from './class-names.ts';
import { compile } from './compile.ts';
import type { Compiled } from './compile.ts';
import type { Edit } from './edits.ts';
import { linesOf } from './lines.ts';
import { readExports } from './module-exports.ts';
import { effectScript, moduleScript, wrapperLines } from './script-code.ts';
import { originalPositions } from './source-map.ts';
import { parse, scanProgram } from './syntax.ts';
import type { ProgramFacts, ScopeCall } from './syntax.ts';

/** Bundles a worker with everything that it imports. */
export async function bundleCompiled(request: BundleRequest): Promise<BundleOutcome> {
  const compiled = await compile(request, 'bundle');
  if ('errors' in compiled) return compiled;
  const material = materialOf(request, compiled);
  const parsed = parse(material.text, 'module');
  if ('problem' in parsed) return syntaxError(material, parsed.problem);
  const exports = readExports(material.text, parsed.program);
  if (exports === undefined) throw new Error('esbuild left an import or an anonymous export in its output');
  const facts = scanProgram(parsed.program);
  const [ownCalls, edits] = finalEdits(compiled, facts);
  const isEffect = exports.names.length === 0 && !facts.topLevelAwait;
  if (!isEffect) {
    const code = (): string => moduleScript(material.text, exports, facts, edits);
    return assemble(material, facts, { format: 'module', movedLines: wrapperLines, code, ownCalls });
  }
  const classic = await tryClassic(request);
  if (classic !== undefined) return classic;
  const code = (): string => effectScript(material.text, facts, edits);
  return assemble(material, facts, { format: 'script', movedLines: wrapperLines, code, ownCalls });
}

/** A worker in service-worker syntax without imports, once its types are gone, is a classic script. */
async function tryClassic(request: BundleRequest): Promise<BundleOutcome | undefined> {
  const stripped = await compile(request, 'strip');
  return 'errors' in stripped ? undefined : bundleClassic(materialOf(request, stripped));
}

function materialOf(request: BundleRequest, { code, map, assets, sources, warnings }: Compiled): Material {
  return { request, text: code, map, assets, sources, warnings };
}

/** The calls of the virtual modules; and the edits that complete them, and that give classes their names back. */
function finalEdits(compiled: Compiled, facts: ProgramFacts): [ownCalls: ScopeCall[], edits: Edit[]] {
  const ownCalls: ScopeCall[] = [];
  const edits: Edit[] = [];
  for (const call of facts.scopeCalls) {
    const edit = compiled.virtual.editOf(call);
    if (edit === undefined) continue;
    ownCalls.push(call);
    edits.push(edit);
  }
  const isOriginal = originalNames(compiled);
  for (const found of facts.classValues) edits.push(...restoreClassName(found, isOriginal));
  return [ownCalls, edits];
}

/** A look-up function: does the name stand in the source where that offset of the code comes from? */
function originalNames({ code, map }: Compiled): (offset: number, name: string) => boolean {
  const lines = linesOf(code);
  const positions = originalPositions(map);
  const contents = new Map<string, string[]>();
  return (offset, name) => {
    const { line, column } = lines(offset);
    const position = positions(line, column);
    if (position?.content === undefined) return false;
    let sourceLines = contents.get(position.source);
    if (sourceLines === undefined)
      contents.set(position.source, (sourceLines = position.content.split('\n')));
    const text = sourceLines[position.line - 1] ?? '';
    const start = position.column - 1;
    return text.startsWith(name, start) && !/^[\w$]/u.test(text.slice(start + name.length));
  };
}

function syntaxError(
  material: Material,
  { reason, offset }: { reason: string; offset: number },
): BundleOutcome {
  const place = offsetPlaces(material)(offset);
  return {
    errors: [makeError('WORKER_SYNTAX', { worker: material.request.name, reason, advice: undefined }, place)],
  };
}
