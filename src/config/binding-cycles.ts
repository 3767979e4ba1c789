/**
 * Circles of bindings in a value of dialect 1 that was made from another dialect: other tools permit them without being asked. Runs in the
 * supervisor.
 */
import { findCycles } from './cycles.ts';
import type { Traced } from './traced.ts';

/** Whether the workers that `apps` names reach each other in a circle. */
export function hasBindingCycle(apps: readonly Traced[]): boolean {
  const graph = new Map<string, { to: string; label: undefined }[]>();
  const heirs: [name: string, base: string][] = [];
  for (const app of apps) {
    if (app.kind !== 'record') continue;
    const name = textOf(app.members.get('name'));
    const bindings = app.members.get('bindings');
    const targets = [
      nameOfTarget(app.members.get('globalOutbound')),
      ...(bindings?.kind === 'record' ? [...bindings.members.values()].map(serviceOf) : []),
    ];
    const edges = targets.flatMap((to) => (to === undefined ? [] : [{ to, label: undefined }]));
    const base = textOf(app.members.get('inherit'));
    if (name !== undefined) graph.set(name, edges);
    if (name !== undefined && base !== undefined) heirs.push([name, base]);
  }
  // A worker reaches what the one reaches that it inherits, or something in its place.
  for (const [name, base] of heirs) graph.get(name)?.push({ to: base, label: undefined });
  return findCycles(graph).length > 0;
}

function nameOfTarget(target: Traced | undefined): string | undefined {
  return textOf(target) ?? serviceOf(target);
}

function serviceOf(part: Traced | undefined): string | undefined {
  return part?.kind === 'record' ? textOf(part.members.get('service')) : undefined;
}

function textOf(part: Traced | undefined): string | undefined {
  return part?.kind === 'plain' && typeof part.value === 'string' ? part.value : undefined;
}
