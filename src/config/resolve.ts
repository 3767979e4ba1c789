/**
 * Turns a draft of any dialect into a `Config`: checks what the parts of a configuration say about each other (names, scripts, addresses,
 * circles) and fills in what is implied. Runs in the supervisor.
 */
import { resolve as resolvePath } from 'node:path';
import type { ErrorPlace } from '../shared/errors.ts';
import { effectiveFlag, suggestedFlags } from './compatibility-flags.ts';
import { findCycles } from './cycles.ts';
import type { Edge } from './cycles.ts';
import type { Draft, DraftBinding, DraftService, DraftWorker } from './draft.ts';
import { deepFreeze } from './freeze.ts';
import { resolveNetwork } from './kinds/network.ts';
import type { ConfigPowers } from './powers.ts';
import { placeName } from './problems.ts';
import { quote } from '../shared/text.ts';
import type { Problems } from './problems.ts';
import { nearest } from '../shared/suggest.ts';
import { resolveSockets } from './sockets.ts';
import type { Sourced } from './sourced.ts';
import { defaultGroup, internetService } from './types.ts';
import type {
  Binding,
  Config,
  Group,
  NetworkService,
  Service,
  ServiceDesignator,
  Socket,
  WorkerScript,
  WorkerService,
} from './types.ts';

/** Where a draft came from, and what it may look at. */
export interface ResolveContext {
  readonly source: string | undefined;
  /** Absolute. */
  readonly baseDir: string;
  readonly powers: Pick<ConfigPowers, 'environment' | 'statKind'>;
  readonly problems: Problems;
}

/** What a draft comes to. */
export interface Resolved {
  /** Deeply frozen; `undefined` when there is any problem, those found before included. */
  readonly config: Config | undefined;
  /** The workers whose script is there. */
  readonly scripts: readonly WorkerScript[];
}

export async function resolveDraft(draft: Draft, context: ResolveContext): Promise<Resolved> {
  const scripts = await findScripts(draft, context);
  const resolver = new Resolver(draft, context, scripts);
  const services = draft.services.flatMap((service) => resolver.service(service) ?? []);
  if (!draft.allowBindingCycles) resolver.reportCycles();
  const sockets = resolveSockets(draft.sockets, context.problems, {
    target: (target) => resolver.target(target),
    groupOf: (service) => resolver.groupOf(service),
  });
  const found = resolver.scripts();
  if (context.problems.count > 0) return { config: undefined, scripts: found };
  const config = deepFreeze({
    source: context.source,
    baseDir: context.baseDir,
    preload: draft.preload,
    threadMemoryMb: draft.threadMemoryMb,
    groups: listGroups(draft, services, sockets),
    services: [...services, internet],
    sockets,
  });
  return { config, scripts: found };
}

/** Its allow list is the one of workerd. */
const internet: NetworkService = { kind: 'network', name: internetService, allow: ['public'], deny: [] };

type ScriptKinds = ReadonlyMap<string, Awaited<ReturnType<ConfigPowers['statKind']>>>;

async function findScripts(draft: Draft, { baseDir, powers }: ResolveContext): Promise<ScriptKinds> {
  const scripts = draft.services.flatMap((service) =>
    service.kind === 'worker' && service.script !== undefined ? [service.script.value] : [],
  );
  const paths = [...new Set(scripts.map((script) => resolvePath(baseDir, script)))];
  return new Map(await Promise.all(paths.map(async (path) => [path, await powers.statKind(path)] as const)));
}

class Resolver {
  readonly #draft: Draft;
  readonly #context: ResolveContext;
  readonly #problems: Problems;
  readonly #scripts: ScriptKinds;
  /** The first service of each name. */
  readonly #named = new Map<string, DraftService>();
  readonly #groups: ReadonlySet<string>;

  constructor(draft: Draft, context: ResolveContext, scripts: ScriptKinds) {
    this.#draft = draft;
    this.#context = context;
    this.#problems = context.problems;
    this.#scripts = scripts;
    this.#groups = new Set([defaultGroup, ...draft.groups.map((group) => group.name)]);
    for (const service of draft.services) {
      const name = service.name?.value;
      if (name !== undefined && name !== internetService && !this.#named.has(name))
        this.#named.set(name, service);
    }
  }

  /** `undefined` when something is missing or wrong; all of it is reported. */
  service(draft: DraftService): Service | undefined {
    this.#checkName(draft);
    if (draft.kind === 'worker') return this.#worker(draft);
    return draft.name === undefined ? undefined : resolveNetwork(draft.name.value, draft);
  }

  #worker(draft: DraftWorker): WorkerService | undefined {
    const path = this.#script(draft.script);
    const group = this.#group(draft.group);
    const compatibilityFlags = draft.compatibilityFlags.flatMap((flag) => this.#flag(flag) ?? []);
    const bindings = draft.bindings.flatMap((binding) => this.#binding(binding) ?? []);
    const globalOutbound = this.target(draft.globalOutbound ?? implicitOutbound);
    if (draft.name === undefined || path === undefined || globalOutbound === undefined) return undefined;
    return {
      kind: 'worker',
      name: draft.name.value,
      source: { kind: 'script', path },
      group,
      compatibilityDate: draft.compatibilityDate,
      compatibilityFlags,
      bindings,
      globalOutbound,
    };
  }

  /** The designator, or `undefined` after a report when there is no such service. */
  target({ value, place }: Sourced<ServiceDesignator>): ServiceDesignator | undefined {
    const name = value.service;
    const found = this.#named.get(name);
    if (found?.kind === 'worker') return value;
    if (found !== undefined || name === internetService) return this.#withoutEntrypoints(value, place);
    if (!this.#draft.refusedNames.has(name))
      this.#reportUnknown('service', name, [...this.#named.keys(), internetService], place);
    return undefined;
  }

  #withoutEntrypoints(value: ServiceDesignator, place: ErrorPlace): ServiceDesignator | undefined {
    if (value.entrypoint === undefined) return value;
    const expected = `no entrypoint, as "${value.service}" has none`;
    this.#problems.report('CONFIG_VALUE', { expected, found: quote(value.entrypoint) }, place);
    return undefined;
  }

  groupOf(service: string): string {
    const found = this.#named.get(service);
    return (found?.kind === 'worker' ? found.group?.value : undefined) ?? defaultGroup;
  }

  reportCycles(): void {
    const graph = new Map([...this.#named].map(([name, service]) => [name, edgesOf(service)]));
    for (const { names, closedBy } of findCycles(graph)) {
      this.#problems.report('CONFIG_CYCLE', { cycle: names }, closedBy);
    }
  }

  #checkName(draft: DraftService): void {
    if (draft.name === undefined) return;
    const { value: name, place } = draft.name;
    const holder = this.#named.get(name);
    if (holder === draft) return;
    const first = holder?.name === undefined ? 'the implicit network service' : placeName(holder.name.place);
    this.#problems.report('CONFIG_DUPLICATE', { what: 'service name', name, first }, place);
  }

  scripts(): WorkerScript[] {
    return this.#draft.services.flatMap((service) => {
      if (service.kind !== 'worker') return [];
      const { name, script, compatibilityFlags } = service;
      if (name === undefined || script === undefined) return [];
      const path = resolvePath(this.#context.baseDir, script.value);
      if (this.#scripts.get(path) !== 'file') return [];
      return [{ name: name.value, path, compatibilityFlags: compatibilityFlags.map(({ value }) => value) }];
    });
  }

  #script(script: Sourced<string> | undefined): string | undefined {
    if (script === undefined) return undefined;
    const path = resolvePath(this.#context.baseDir, script.value);
    const kind = this.#scripts.get(path) ?? 'missing';
    if (kind === 'file') return path;
    this.#problems.report('SCRIPT_NOT_FOUND', { script: script.value, reason: notAFile(kind) }, script.place);
    return undefined;
  }

  #group(group: Sourced<string> | undefined): string {
    if (group === undefined) return defaultGroup;
    const { value: name, place } = group;
    if (!this.#groups.has(name) && !this.#draft.refusedNames.has(name)) {
      this.#reportUnknown('group', name, [...this.#groups], place);
    }
    return name;
  }

  #flag({ value: flag, place }: Sourced<string>): string | undefined {
    switch (effectiveFlag(flag)) {
      case 'known':
        return flag;
      case 'unavailable':
        this.#problems.report(
          'CONFIG_NOT_AVAILABLE',
          { what: `the compatibility flag ${quote(flag)}` },
          place,
        );
        return undefined;
      case 'unknown': {
        const details = () => ({ flag, suggestion: nearest(flag, suggestedFlags) });
        this.#problems.report('CONFIG_FLAG', details, place);
        return undefined;
      }
    }
  }

  #binding(draft: DraftBinding): Binding | undefined {
    if (draft.kind === 'fromEnvironment') {
      const text = this.#environment(draft.variable);
      if (text === undefined) return undefined;
      return { kind: draft.kind, name: draft.name, variable: draft.variable.value, text };
    }
    if (draft.kind !== 'service') return draft;
    const target = this.target(draft.target);
    return target === undefined ? undefined : { kind: draft.kind, name: draft.name, ...target };
  }

  #environment({ value: variable, place }: Sourced<string>): string | undefined {
    const { environment } = this.#context.powers;
    const text = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
    if (text === undefined) {
      const details = () => ({ variable, suggestion: nearest(variable, Object.keys(environment)) });
      this.#problems.report('CONFIG_ENVIRONMENT', details, place);
    }
    return text;
  }

  #reportUnknown(what: 'service' | 'group', name: string, known: readonly string[], place: ErrorPlace): void {
    const details = () => ({ what, name, suggestion: nearest(name, known), known: listNames(known) });
    this.#problems.report('CONFIG_UNKNOWN_NAME', details, place);
  }
}

const implicitOutbound: Sourced<ServiceDesignator> = { value: { service: internetService }, place: {} };

function edgesOf(service: DraftService): Edge<ErrorPlace>[] {
  if (service.kind !== 'worker') return [];
  const targets = service.bindings.flatMap((binding) => (binding.kind === 'service' ? [binding.target] : []));
  if (service.globalOutbound !== undefined) targets.push(service.globalOutbound);
  return targets.map(({ value, place }) => ({ to: value.service, label: place }));
}

function listGroups(draft: Draft, services: readonly Service[], sockets: readonly Socket[]): Group[] {
  const groups = draft.groups.map(({ name, threads = draft.threads }) => ({ name, threads }));
  const workers = services.filter((service) => service.kind === 'worker');
  const isUsed = [...workers, ...sockets].some(({ group }) => group === defaultGroup);
  const isListed = groups.some(({ name }) => name === defaultGroup);
  return isUsed && !isListed ? [{ name: defaultGroup, threads: draft.threads }, ...groups] : groups;
}

const mostNamesListed = 12;

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, mostNamesListed).map((name) => `"${name}"`);
  const hidden = names.length - shown.length;
  return hidden === 0 ? shown.join(', ') : `${shown.join(', ')} and ${hidden} more`;
}

function notAFile(kind: string): string {
  switch (kind) {
    case 'missing':
      return 'does not exist';
    case 'directory':
      return 'is a directory, not a script';
    case 'other':
      return 'is not a file';
    default:
      return `cannot be read: ${kind}`;
  }
}
