/** The long way: esbuild brings the worker's files together into one ES module, which becomes one script here. */

import { assemble } from './assemble.ts';
import type { Material } from './assemble.ts';
import { bundleClassic, completeCalls, stripScript, syntaxError } from './bundle-classic.ts';
import type { BundleOutcome } from './bundle.ts';
import type { Job } from './job.ts';
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
export async function bundleCompiled(job: Job): Promise<BundleOutcome> {
  const compiled = await compile(job, 'bundle');
  if ('errors' in compiled) return compiled;
  const material = materialOf(job, compiled);
  const parsed = parse(material.text, 'module');
  if ('problem' in parsed) return syntaxError(material, parsed.problem);
  const exports = readExports(material.text, parsed.program);
  if (exports === undefined) throw new Error('esbuild left an import or an anonymous export in its output');
  const facts = scanProgram(parsed.program);
  const [ownCalls, edits] = finalEdits(compiled, facts);
  const isModule = job.request.source.kind === 'modules';
  const isEffect = !isModule && exports.names.length === 0 && !facts.topLevelAwait;
  if (!isEffect) {
    const code = (): string => moduleScript(material.text, exports, facts, edits);
    return assemble(material, facts, { format: 'module', movedLines: wrapperLines, code, ownCalls });
  }
  const classic = await tryClassic(job);
  if (classic !== undefined) return classic;
  const code = (): string => effectScript(material.text, facts, edits);
  return assemble(material, facts, { format: 'script', movedLines: wrapperLines, code, ownCalls });
}

/** A worker in service-worker syntax without imports, once its types are gone, is a classic script. */
async function tryClassic(job: Job): Promise<BundleOutcome | undefined> {
  if (job.request.source.kind !== 'script') return undefined;
  const stripped = await stripScript(job);
  return 'errors' in stripped ? undefined : bundleClassic(stripped);
}

function materialOf(job: Job, { code, map, assets, sources, warnings }: Compiled): Material {
  return { job, text: code, map, assets, sources, warnings };
}

/** The calls of the virtual modules; and the edits that complete them, and that give classes their names back. */
function finalEdits(compiled: Compiled, facts: ProgramFacts): [ownCalls: ScopeCall[], edits: Edit[]] {
  const { ownCalls, edits } = completeCalls(facts, (call) => compiled.virtual.editOf(call));
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
