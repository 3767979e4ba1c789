/** What the services of a draft can call. Pure; runs in the supervisor. */
import type { ErrorPlace } from '../shared/errors.ts';
import type { Edge } from './cycles.ts';
import type { DraftBinding, DraftService } from './draft.ts';
import type { Sourced } from './sourced.ts';
import { internetService } from './types.ts';
import type { ServiceDesignator } from './types.ts';

/** What the global `fetch` of a worker reaches that says nothing of it. */
export const implicitOutbound: Sourced<ServiceDesignator> = {
  value: { service: internetService },
  place: {},
};

/** To the services that a service can call, each labelled with the place that says so. */
export function edgesOf(service: DraftService): Edge<ErrorPlace>[] {
  if (service.kind !== 'worker') return [];
  const targets = targetsOf(service.bindings);
  const { globalOutbound = { ...implicitOutbound, place: service.name?.place ?? {} } } = service;
  targets.push(globalOutbound);
  return targets.map(({ value, place }) => ({ to: value.service, label: place }));
}

function targetsOf(bindings: readonly DraftBinding[]): Sourced<ServiceDesignator>[] {
  return bindings.flatMap((binding) => {
    if (binding.kind === 'wrapped') return targetsOf(binding.innerBindings);
    return binding.kind === 'service' ? [binding.target] : [];
  });
}
