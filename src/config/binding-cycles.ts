/**
 * Circles of bindings in a value of dialect 1 that was made from another dialect: other tools permit them without being asked. Runs in the
 * supervisor.
 */
import { findCycles } from './cycles.ts';
import type { Traced } from './traced.ts';

/** Whether the workers that `apps` names reach each other in a circle. */
export function hasBindingCycle(apps: readonly Traced[]): boolean {
  const graph = new Map<string, { to: string; label: undefined }[]>();
  for (const app of apps) {
    if (app.kind !== 'record') continue;
    const name = textOf(app.members.get('name'));
    const bindings = app.members.get('bindings');
    const targets = [
      nameOfTarget(app.members.get('globalOutbound')),
      ...(bindings?.kind === 'record' ? [...bindings.members.values()].map(serviceOf) : []),
    ];
    const edges = targets.flatMap((to) => (to === undefined ? [] : [{ to, label: undefined }]));
    if (name !== undefined) graph.set(name, edges);
  }
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
