/** A plan as it runs: what each group's threads carry, and where they listen. Pure; runs in the supervisor. */

import { placeholderConfig, preloads } from '../config/types.ts';
import type { BindingSpec } from '../messages/startup.ts';
import type { GroupLoad } from './fleet.ts';
import type { OpenSocket } from './listening.ts';
import { changesBetween, groupSpecs, type Plan, type SpecPowers } from './specs.ts';

/** What is running, or about to. */
export interface State {
  readonly plan: Plan;
  readonly loads: ReadonlyMap<string, GroupLoad>;
  readonly sockets: readonly OpenSocket[];
}

/** Before the first plan. */
export const nothing: State = {
  plan: { config: placeholderConfig, bundles: new Map(), nodejs: undefined },
  loads: new Map(),
  sockets: [],
};

/** What the threads of each group carry. */
export function makeLoads(
  plan: Plan,
  sockets: readonly OpenSocket[],
  powers: SpecPowers,
): ReadonlyMap<string, GroupLoad> {
  return new Map(
    plan.config.groups.map(({ name }) => [
      name,
      {
        services: groupSpecs(plan, name, powers),
        nodejs: plan.nodejs,
        sockets: sockets.filter(({ group }) => group === name).map(({ spec }) => spec),
      },
    ]),
  );
}

/** Workers that are there in another version; new ones too where the plan preloads; and those that changed ones point at. */
export function namesToRehearse(from: State, to: State): ReadonlySet<string> {
  const names = new Set<string>();
  const { config } = to.plan;
  for (const [group, load] of to.loads) {
    const before = from.loads.get(group) ?? { services: [], nodejs: undefined };
    const known = new Set(
      [...from.loads.values()].flatMap(({ services }) => services.map(({ name }) => name)),
    );
    for (const spec of changesBetween(before, load).set) {
      if (spec.kind !== 'worker' || (!known.has(spec.name) && !preloads(config))) continue;
      names.add(spec.name);
      for (const name of servicesBehind(spec.bindings)) names.add(name);
    }
  }
  return names;
}

function servicesBehind(bindings: readonly BindingSpec[]): string[] {
  return bindings.flatMap((binding) => {
    if (binding.kind === 'service') return [binding.service];
    return binding.kind === 'wrapped' ? servicesBehind(binding.inner) : [];
  });
}
