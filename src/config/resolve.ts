/**
 * Turns a draft of any dialect into a `Config`: checks what the parts of a configuration say about each other (names, scripts, addresses,
 * circles) and fills in what is implied. Runs in the supervisor.
 */
import { assertNever } from '../shared/assert.ts';
import type { ErrorPlace } from '../shared/errors.ts';
import { resolveAppAssets } from './app-assets.ts';
import { resolveCryptoKey } from './bindings/crypto-key.ts';
import { resolveWasmModule } from './bindings/wasm-module.ts';
import { effectiveFlag, suggestedFlags } from './compatibility-flags.ts';
import { makeContentReader, type ReadContent } from './contents.ts';
import { findCycles } from './cycles.ts';
import { edgesOf, implicitOutbound } from './reach.ts';
import type { Draft, DraftBinding, DraftService, DraftWorker } from './draft.ts';
import { deepFreeze } from './freeze.ts';
import { listGroups } from './groups.ts';
import { resolveInheritance } from './inheritance.ts';
import { resolveAssets } from './kinds/assets.ts';
import { resolveDisk } from './kinds/disk.ts';
import { resolveExternal } from './kinds/external.ts';
import { resolveNetwork } from './kinds/network.ts';
import { resolveLogs } from './log-settings.ts';
import type { ConfigPowers } from './powers.ts';
import { listNames } from './list-names.ts';
import { placeName } from './problems.ts';
import { quote } from '../shared/text.ts';
import type { Problems } from './problems.ts';
import { defaultClientTls } from '../shared/tls-options.ts';
import { nearest } from '../shared/suggest.ts';
import { resolveSupervision } from './supervision-schema.ts';
import { resolveSockets } from './sockets.ts';
import { SourceResolver, fileOf, filesOf, findFiles } from './sources.ts';
import type { Sourced } from './sourced.ts';
import { defaultGroup, internetService, wrappersOf } from './types.ts';
import type {
  Binding,
  Config,
  ExtensionModule,
  NetworkService,
  Service,
  ServiceDesignator,
  WorkerScript,
  WorkerService,
} from './types.ts';

/** Where a draft came from, and what it may look at. */
export interface ResolveContext {
  readonly source: string | undefined;
  /** Absolute. */
  readonly baseDir: string;
  readonly powers: Pick<ConfigPowers, 'cwd' | 'environment' | 'readBytes' | 'stampOf' | 'statKind'>;
  readonly problems: Problems;
}

/** What a draft comes to. */
export interface Resolved {
  /** Deeply frozen; `undefined` when there is any problem, those found before included. */
  readonly config: Config | undefined;
  /** The workers whose script is there. */
  readonly scripts: readonly WorkerScript[];
}

export async function resolveDraft(written: Draft, context: ResolveContext): Promise<Resolved> {
  const { baseDir, powers, problems } = context;
  const { services: all, abstract } = resolveInheritance(written, problems);
  const draft = { ...written, services: all };
  const sources = new SourceResolver(await findFiles(filesIn(draft), baseDir, powers), baseDir, problems);
  const extensions = sources.extensions(draft.extensions);
  const resolver = new Resolver(draft, context, { sources, extensions, abstract });
  const checked = await resolveEach(draft.services, (service) => resolver.service(service));
  const services = checked.filter(({ name }) => !abstract.has(name));
  if (!draft.allowBindingCycles) resolver.reportCycles();
  const { sockets, admin } = await resolveSockets(draft, context, {
    target: (target) => resolver.target(target),
    groupOf: (service) => resolver.groupOf(service),
    hasMethods: (service) => resolver.hasMethods(service),
  });
  const found = resolver.scripts();
  if (context.problems.count > 0) return { config: undefined, scripts: found };
  const config = deepFreeze({
    source: context.source,
    baseDir: context.baseDir,
    preload: draft.preload,
    threadMemoryMb: draft.threadMemoryMb,
    groups: listGroups(draft, services, sockets),
    services: resolver.has(internetService) ? services : [...services, internet],
    sockets,
    admin,
    extensions,
    ...(draft.logs === undefined ? {} : { logs: draft.logs }),
  });
  return { config, scripts: found };
}

/** For a configuration that has none of its own. Its allow list is the one of workerd. */
const internet: NetworkService = {
  kind: 'network',
  name: internetService,
  allow: ['public'],
  deny: [],
  tls: defaultClientTls,
};
/** One after the other, so that what is reported stands in the order of the file. */
async function resolveEach<From, To>(
  items: readonly From[],
  resolve: (item: From) => Promise<To | undefined>,
): Promise<To[]> {
  const resolved: To[] = [];
  for (const item of items) {
    const result = await resolve(item);
    if (result !== undefined) resolved.push(result);
  }
  return resolved;
}

function filesIn({ services, extensions }: Draft): string[] {
  const workers = services.flatMap((service) => (service.kind === 'worker' ? filesOf(service.source) : []));
  return [...workers, ...extensions.flatMap(({ content }) => fileOf(content))];
}

interface Code {
  readonly sources: SourceResolver;
  readonly extensions: readonly ExtensionModule[];
  /** Workers that can only be inherited. */
  readonly abstract: ReadonlyMap<string, readonly string[]>;
}

class Resolver {
  readonly #draft: Draft;
  readonly #context: ResolveContext;
  readonly #problems: Problems;
  readonly #code: Code;
  readonly #scripts: WorkerScript[] = [];
  /** The first service of each name. */
  readonly #named = new Map<string, DraftService>();
  readonly #groups: ReadonlySet<string>;
  readonly #readContent: ReadContent;

  constructor(draft: Draft, context: ResolveContext, code: Code) {
    this.#draft = draft;
    this.#context = context;
    this.#problems = context.problems;
    this.#code = code;
    this.#readContent = makeContentReader(context);
    this.#groups = new Set([defaultGroup, ...draft.groups.map((group) => group.name)]);
    for (const service of draft.services) {
      const name = service.name?.value;
      if (name !== undefined && !this.#named.has(name)) this.#named.set(name, service);
    }
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  /** `undefined` when something is missing or wrong; all of it is reported. */
  async service(draft: DraftService): Promise<Service | undefined> {
    this.#checkName(draft);
    if (draft.kind === 'worker') return this.#worker(draft);
    // Without a name it is refused already; the rest of it is checked all the same.
    const name = draft.name?.value ?? '';
    switch (draft.kind) {
      case 'network':
        return resolveNetwork(name, draft, this.#context);
      case 'external':
        return resolveExternal(name, draft, this.#context);
      case 'disk':
        return resolveDisk(name, draft, this.#context);
      case 'assets':
        return resolveAssets(name, draft, this.#context);
      default:
        return assertNever(draft);
    }
  }

  async #worker(draft: DraftWorker): Promise<WorkerService | undefined> {
    const source = draft.source && this.#code.sources.source(draft.source);
    const group = this.#group(draft.group);
    const compatibilityFlags = draft.compatibilityFlags.flatMap((flag) => this.#flag(flag) ?? []);
    const bindings = await resolveEach(draft.bindings, (binding) => this.#binding(binding));
    const globalOutbound = this.target(draft.globalOutbound ?? implicitOutbound);
    const when = { date: draft.compatibilityDate, flags: compatibilityFlags };
    const site = draft.assets && (await resolveAppAssets(draft.assets, when, this.#context));
    if (draft.assets?.binding !== undefined)
      bindings.push({ kind: 'assets', name: draft.assets.binding.value });
    if (draft.name === undefined || source === undefined) return undefined;
    const name = draft.name.value;
    const { extensions } = this.#code;
    this.#scripts.push({ name, source, compatibilityFlags, extensions, wrappers: wrappersOf(bindings) });
    if (globalOutbound === undefined || (draft.assets !== undefined && site === undefined)) return undefined;
    return {
      kind: 'worker',
      name,
      source,
      group,
      compatibilityDate: draft.compatibilityDate,
      compatibilityFlags,
      bindings,
      globalOutbound,
      ...(site === undefined ? {} : { site }),
      ...resolveSupervision(draft.supervision, source, this.#context.baseDir),
      ...resolveLogs(draft.logs, this.#context.baseDir),
    };
  }

  /** The designator, or `undefined` after a report when there is no such service. */
  target({ value, place }: Sourced<ServiceDesignator>): ServiceDesignator | undefined {
    const name = value.service;
    const found = this.#named.get(name);
    const parameters = this.#code.abstract.get(name);
    if (parameters !== undefined) {
      this.#problems.report('CONFIG_PARAMETERS', { service: name, parameters }, place);
      return undefined;
    }
    if (this.hasMethods(name)) return value;
    if (found !== undefined || name === internetService) return this.#withoutEntrypoints(value, place);
    if (!this.#draft.writtenNames.services.has(name))
      this.#reportUnknown('service', name, [...new Set([...this.#named.keys(), internetService])], place);
    return undefined;
  }

  #withoutEntrypoints(value: ServiceDesignator, place: ErrorPlace): ServiceDesignator | undefined {
    if (value.entrypoint === undefined) return value;
    const expected = `no entrypoint, as "${value.service}" has none`;
    this.#problems.report('CONFIG_VALUE', { expected, found: quote(value.entrypoint) }, place);
    return undefined;
  }

  /** Whether methods of a service can be called, and entrypoints of it named. */
  hasMethods(service: string): boolean {
    const found = this.#named.get(service);
    return found?.kind === 'worker' || (found?.kind === 'external' && found.rpc !== undefined);
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
    if (holder === draft || holder?.name === undefined) return;
    const first = placeName(holder.name.place);
    this.#problems.report('CONFIG_DUPLICATE', { what: 'service name', name, first }, place);
  }

  /** The workers whose code is there. */
  scripts(): readonly WorkerScript[] {
    return this.#scripts;
  }

  #group(group: Sourced<string> | undefined): string {
    if (group === undefined) return defaultGroup;
    const { value: name, place } = group;
    if (!this.#groups.has(name) && !this.#draft.writtenNames.groups.has(name)) {
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

  async #binding(draft: DraftBinding): Promise<Binding | undefined> {
    switch (draft.kind) {
      case 'text':
      case 'data':
      case 'json':
      case 'memoryCache':
      case 'ratelimit':
      case 'versionMetadata':
      case 'workerLoader':
        return draft;
      case 'fromEnvironment': {
        const text = this.#environment(draft.variable);
        return text === undefined ? undefined : { ...draft, variable: draft.variable.value, text };
      }
      case 'service': {
        const target = this.target(draft.target);
        return target && { kind: draft.kind, name: draft.name, ...target };
      }
      case 'cryptoKey':
        return resolveCryptoKey(draft, this.#readContent, this.#problems);
      case 'wasmModule':
        return resolveWasmModule(draft, this.#readContent, this.#problems);
      case 'parameter':
        return undefined; // those of workers are gone; others were refused
      case 'wrapped':
        return this.#wrapped(draft);
    }
  }

  async #wrapped(draft: Extract<DraftBinding, { kind: 'wrapped' }>): Promise<Binding | undefined> {
    const { kind, name, moduleName, entrypoint } = draft;
    const innerBindings = await resolveEach(draft.innerBindings, (binding) => this.#binding(binding));
    const internal = this.#code.extensions.filter((module) => module.internal).map((module) => module.name);
    if (internal.includes(moduleName.value))
      return { kind, name, moduleName: moduleName.value, entrypoint, innerBindings };
    this.#reportUnknown('internal extension module', moduleName.value, internal, moduleName.place);
    return undefined;
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

  #reportUnknown(what: string, name: string, known: readonly string[], place: ErrorPlace): void {
    const details = () => ({ what, name, suggestion: nearest(name, known), known: listNames(known) });
    this.#problems.report('CONFIG_UNKNOWN_NAME', details, place);
  }
}
