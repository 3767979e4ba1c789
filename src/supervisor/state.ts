/** A plan as it runs: what each group's threads carry, and where they listen. Pure; runs in the supervisor. */

import { placeholderConfig, preloads, type Config } from '../config/types.ts';
import { partsOf, type BindingSpec } from '../messages/startup.ts';
import type { GroupLoad } from './fleet.ts';
import type { OpenSocket } from './open-socket.ts';
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

/** The configuration with the second versions of services beside the first. */
export function withCandidates({ config, candidates }: Pick<Plan, 'config' | 'candidates'>): Config {
  if (candidates === undefined) return config;
  const more = [...candidates.values()].map(({ service }) => service);
  return { ...config, services: [...config.services, ...more] };
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
      const workers = partsOf(spec).filter((part) => part.kind === 'worker');
      const isWanted =
        known.has(spec.name) || preloads(config) || workers.some((part) => part.waitReady === true);
      if (workers.length === 0 || !isWanted) continue;
      names.add(spec.name);
      for (const name of workers.flatMap(({ bindings }) => servicesBehind(bindings))) names.add(name);
    }
  }
  return names;
}

/** The plan, in which a service refuses every call, because it has failed too often. */
export function withParked(plan: Plan, service: string): Plan {
  return { ...plan, parked: new Map([...(plan.parked ?? []), [service, 'errored']]) };
}

/** How long requests may go on when `to` takes the place of `from`: the longest time that any worker is given that goes or changes. */
export function drainTime(from: State, to: State, usual: number): number {
  const names = new Set<string>();
  for (const [group, load] of from.loads) {
    const { set, removed } = changesBetween(load, to.loads.get(group) ?? { services: [], nodejs: undefined });
    for (const name of [...set.map((spec) => spec.name), ...removed]) names.add(name);
  }
  const workers = from.plan.config.services.filter(({ kind, name }) => kind === 'worker' && names.has(name));
  const times = workers.map(
    (each) => (each.kind === 'worker' ? each.supervision?.killTimeout : undefined) ?? usual,
  );
  return times.length === 0 ? usual : Math.max(...times);
}

function servicesBehind(bindings: readonly BindingSpec[]): string[] {
  return bindings.flatMap((binding) => {
    if (binding.kind === 'service') return [binding.service];
    return binding.kind === 'wrapped' ? servicesBehind(binding.inner) : [];
  });
}
