/** Workers in service-worker syntax: classic scripts, which run as they were written, behind what makes their wrapped bindings. */

import { describePlace, makeError } from '../shared/errors.ts';
import { assemble, offsetPlaces } from './assemble.ts';
import type { Material } from './assemble.ts';
import type { BundleOutcome } from './bundle.ts';
import { compile } from './compile.ts';
import type { Edit } from './edits.ts';
import type { Job } from './job.ts';
import { classicScript, closedScript, wrapperLines } from './script-code.ts';
import { joinMaps, moveDown } from './source-map.ts';
import { parse, scanProgram } from './syntax.ts';
import type { ProgramFacts, ScopeCall } from './syntax.ts';

/** What completes the calls of virtual modules: `editOf` of VirtualModules. */
export type Completion = (call: ScopeCall) => Edit | undefined;

/** Bundles a classic script. `undefined` when the text is none. */
export async function bundleClassic(material: Material): Promise<BundleOutcome | undefined> {
  const { job, text } = material;
  // The extension says that it is a module.
  if (job.request.source.kind === 'script' && /^\.m[jt]s$/u.test(job.extension)) return undefined;
  if ('problem' in parse(text, 'script')) return undefined;
  return (job.request.wrappers ?? []).length === 0
    ? finish(material, () => undefined)
    : bundleWithWrappers(material);
}

/** Bundles the script of a worker that is said to be in service-worker syntax. */
export async function bundleServiceWorker(material: Material): Promise<BundleOutcome> {
  return (await bundleClassic(material)) ?? finish(material, () => undefined);
}

function finish(material: Material, completion: Completion): BundleOutcome {
  const parsed = parse(material.text, 'script');
  if ('problem' in parsed) return syntaxError(material, parsed.problem);
  const facts = scanProgram(parsed.program);
  const { ownCalls, edits } = completeCalls(facts, completion);
  const warnings = [...material.warnings, ...importWarnings(material, facts)];
  const code = (): string => classicScript(material.text, facts, edits);
  return assemble({ ...material, warnings }, facts, { format: 'script', movedLines: 0, code, ownCalls });
}

/** The calls of virtual modules, and the edits that complete them. */
export function completeCalls(
  facts: ProgramFacts,
  completion: Completion,
): { readonly ownCalls: ScopeCall[]; readonly edits: Edit[] } {
  const ownCalls: ScopeCall[] = [];
  const edits: Edit[] = [];
  for (const call of facts.scopeCalls) {
    const edit = completion(call);
    if (edit === undefined) continue;
    ownCalls.push(call);
    edits.push(edit);
  }
  return { ownCalls, edits };
}

async function bundleWithWrappers(material: Material): Promise<BundleOutcome> {
  const compiled = await compile(material.job, 'wrappers');
  if ('errors' in compiled) return compiled;
  const head = closedScript(compiled.code);
  const lines = head.split('\n').length - 1;
  const map = joinMaps(moveDown(compiled.map, wrapperLines), material.map, lines);
  const whole: Material = {
    job: material.job,
    text: head + material.text,
    map,
    sources: [...new Set([...compiled.sources, ...material.sources])].toSorted(),
    assets: compiled.assets,
    warnings: [...compiled.warnings, ...material.warnings],
  };
  return finish(whole, (call) => compiled.virtual.editOf(call));
}

function importWarnings(material: Material, { dynamicImports }: ProgramFacts): string[] {
  const placeOf = offsetPlaces(material);
  return dynamicImports.map((offset) => {
    const where = describePlace(placeOf(offset)) ?? material.job.entry;
    return `${where}: import() always rejects in a worker in service-worker syntax; as a module it could import files`;
  });
}

/** A text that does not parse. */
export function syntaxError(
  material: Material,
  { reason, offset }: { readonly reason: string; readonly offset: number },
): BundleOutcome {
  const place = offsetPlaces(material)(offset);
  const details = { worker: material.job.worker, reason, advice: undefined };
  return { errors: [makeError('WORKER_SYNTAX', details, place)] };
}

/** A script whose types and JSX have gone, as material for a bundle. */
export async function stripScript(job: Job): Promise<Material | Extract<BundleOutcome, { errors: unknown }>> {
  const stripped = await compile(job, 'strip');
  if ('errors' in stripped) return stripped;
  const { code, map, assets, sources, warnings } = stripped;
  return { job, text: code, map, assets, sources, warnings };
}
