/**
 * What the daemon does when it is asked: keeps the list of what is deployed, brings every change of it to the threads as one plan, and saves it
 * when the threads have taken it. Changes happen one after the other. Runs in the supervisor; its command line is behind the control API.
 */

import { internetService, type Config } from '../config/types.ts';
import type {
  ActReport,
  ActRequest,
  ControlApi,
  DeployReport,
  DeployRequest,
  GroupReport,
  KillReport,
  PingReport,
  RollbackRequest,
  ScaleRequest,
  SelectReport,
  SelectRequest,
  ServiceReport,
  StoredBundle,
  VersionReport,
} from '../control/api.ts';
import { errorsIn } from '../control/failure.ts';
import { fromStoredBundle } from '../control/stored-bundle.ts';
import { makeError } from '../shared/errors.ts';
import type { ParkedReason, Plan, ThreadBundle } from '../supervisor/specs.ts';
import { versionOfWorker } from '../supervisor/specs.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { describeChanges } from './changes.ts';
import { record } from './history.ts';
import { mergeConfigs } from './merge.ts';
import { select } from './selectors.ts';
import {
  namesOf,
  sizeAfter,
  started,
  withSource,
  withVersion,
  without,
  withoutServices,
} from './state-changes.ts';
import {
  emptyState,
  type SavedSource,
  type SavedState,
  type SavedVersion,
  type StateFile,
} from './state-file.ts';

export interface DaemonPowers {
  readonly supervisor: Supervisor;
  readonly file: StateFile;
  /** The text of src/nodejs/, for the workers of a configuration that may need it. */
  readonly nodejs: (config: Config) => Promise<string | undefined>;
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
  readonly identity: Omit<PingReport, 'startedAt'>;
  /** How long versions that are replaced may go on with their requests, in milliseconds. */
  readonly drainMs: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Ends the process when the answer has left. */
  readonly end: () => void;
}

/** A change of what is deployed, as it will be saved once the threads have taken it. */
type Change = (state: SavedState) => SavedState;

export class Daemon implements ControlApi {
  readonly #powers: DaemonPowers;
  readonly #startedAt: number;
  /** By their version. */
  readonly #bundles = new Map<string, ThreadBundle>();
  #state: SavedState = emptyState;
  /** Services that were given up. */
  #errored: ReadonlySet<string> = new Set();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(powers: DaemonPowers) {
    this.#powers = powers;
    this.#startedAt = powers.clock();
  }

  ping(): Promise<PingReport> {
    return Promise.resolve({ ...this.#powers.identity, startedAt: this.#startedAt });
  }

  list(): Promise<readonly ServiceReport[]> {
    const { sources, restarts } = this.#state;
    const listening = this.#powers.supervisor.listening;
    const reports = sources.flatMap(({ source, config }) =>
      config.services
        .filter(({ name }) => name !== internetService)
        .map((service): ServiceReport => {
          const current = this.#current(service.name);
          return {
            name: service.name,
            kind: service.kind,
            group: service.kind === 'worker' ? service.group : '',
            state: this.#stateOf(service.name),
            version: current?.version ?? '',
            deployedAt: current?.deployedAt ?? this.#startedAt,
            restarts: restarts[service.name] ?? 0,
            source,
            ...(config.readWith === undefined ? {} : { readWith: config.readWith }),
            urls: listening.filter((each) => each.service === service.name).map(({ url }) => url),
          };
        }),
    );
    return Promise.resolve(reports);
  }

  async select({ selectors }: SelectRequest): Promise<SelectReport> {
    const names = select(selectors, namesOf(this.#state));
    return { services: (await this.list()).filter(({ name }) => names.includes(name)) };
  }

  threads(): Promise<readonly GroupReport[]> {
    const { supervisor } = this.#powers;
    const { listening } = supervisor;
    const config = mergeConfigs(this.#state.sources, this.#state.threads);
    const groupOf = new Map(config.sockets.map(({ name, group }) => [name, group]));
    return Promise.resolve(
      config.groups.map(({ name }) => ({
        name,
        threads: supervisor.threadsOf(name),
        sockets: listening.filter(({ socket }) => groupOf.get(socket) === name),
      })),
    );
  }

  async deploy(request: DeployRequest): Promise<DeployReport> {
    const { source, only } = request;
    const bundles = Object.values(request.bundles);
    const given: SavedSource = {
      source,
      config: request.config as Config,
      bundles: Object.fromEntries(
        Object.entries(request.bundles).map(([name, { version }]) => [name, version]),
      ),
    };
    return this.#apply(
      (state) => ({
        ...state,
        sources: withSource(state.sources, given, only),
        stopped: started(state, given, only),
      }),
      bundles,
    );
  }

  versions({ service }: { readonly service?: string }): Promise<readonly VersionReport[]> {
    const { history } = this.#state;
    const names = history.map((each) => each.service);
    const wanted = service === undefined ? names : select([service], names);
    return Promise.resolve(
      history
        .filter((each) => wanted.includes(each.service))
        .map((each) => ({
          service: each.service,
          version: each.version,
          deployedAt: each.deployedAt,
          source: each.source,
          isCurrent: this.#current(each.service) === each,
        })),
    );
  }

  rollback({ service, version = '' }: RollbackRequest): Promise<DeployReport> {
    return this.#apply((state) => {
      select([service], namesOf(state));
      const current = this.#current(service);
      const target = state.history.find(
        (each) =>
          each.service === service && each.version !== current?.version && each.version.startsWith(version),
      );
      if (target === undefined) throw makeError('VERSION_UNKNOWN', { service, version });
      return { ...state, sources: state.sources.map((source) => withVersion(source, target)) };
    });
  }

  async act({ action, selectors }: ActRequest): Promise<ActReport> {
    let services: string[] = [];
    await this.#apply((state) => {
      services = select(selectors, namesOf(state));
      this.#errored = new Set([...this.#errored].filter((name) => !services.includes(name)));
      switch (action) {
        case 'start':
          return { ...state, stopped: without(state.stopped, services) };
        case 'stop':
          return { ...state, stopped: [...without(state.stopped, services), ...services] };
        case 'restart': {
          const restarts = { ...state.restarts };
          for (const name of services) restarts[name] = (restarts[name] ?? 0) + 1;
          return { ...state, restarts, stopped: without(state.stopped, services) };
        }
        case 'delete':
          return withoutServices(state, services);
      }
    });
    return { services };
  }

  async scale({ name, threads }: ScaleRequest): Promise<readonly GroupReport[]> {
    await this.#apply((state) => {
      const config = mergeConfigs(state.sources, state.threads);
      const groups = config.groups.map((group) => group.name);
      const worker = config.services.find((service) => service.kind === 'worker' && service.name === name);
      const isGroup = groups.includes(name);
      const group = isGroup || worker?.kind !== 'worker' ? name : worker.group;
      select([group], groups);
      const count = sizeAfter(this.#powers.supervisor.threadsOf(group), threads);
      return { ...state, threads: { ...state.threads, [group]: count } };
    });
    return this.threads();
  }

  async save(): Promise<{ readonly file: string }> {
    await this.#write();
    return { file: this.#powers.file.path };
  }

  async resurrect(): Promise<DeployReport> {
    const outcome = await this.#powers.file.read(this.#powers.clock());
    if (outcome.kind === 'corrupt')
      this.#powers.log('error', `the saved state cannot be read: ${outcome.reason}`, {
        movedTo: outcome.movedTo,
      });
    if (outcome.kind !== 'read') return this.#apply((state) => state);
    const { state } = outcome;
    const versions = [...state.sources.flatMap(({ bundles }) => Object.values(bundles))];
    const bundles = await Promise.all(
      [...new Set(versions)].map((version) => this.#powers.file.bundle(version)),
    );
    const report = await this.#apply(() => state, bundles);
    await this.#powers.file.sweep(state);
    return report;
  }

  async kill(): Promise<KillReport> {
    await this.#turn;
    const aborted = await this.#powers.supervisor.drain();
    this.#powers.end();
    return { aborted };
  }

  /** One change after the other: brings it to the threads, then saves it. Rejects with what refuses it, and then nothing has changed. */
  #apply(change: Change, bundles: readonly StoredBundle[] = []): Promise<DeployReport> {
    const turn = this.#turn.then(() => this.#applyNow(change, bundles));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #applyNow(change: Change, bundles: readonly StoredBundle[]): Promise<DeployReport> {
    const { supervisor, file, drainMs, clock } = this.#powers;
    const before = this.#state;
    for (const bundle of bundles) this.#bundles.set(bundle.version, fromStoredBundle(bundle));
    try {
      const changed = change(before);
      await this.#loadBundles(changed);
      const plan = await this.#plan(changed);
      const sockets = await supervisor.deploy(plan, drainMs);
      this.#state = record(changed, (name) => this.#versionOf(changed, name), clock());
      await this.#store(file, bundles);
      return { services: describeChanges(before, this.#state), sockets, threads: supervisor.threads };
    } finally {
      this.#forgetBundles();
    }
  }

  /** Services go on where the disk is full: that is said, and tried again with the next change. */
  async #store(file: StateFile, bundles: readonly StoredBundle[]): Promise<void> {
    try {
      for (const bundle of bundles) await file.keep(bundle);
      await this.#write();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#powers.log('error', `the state cannot be saved: ${reason}`, { file: file.path });
    }
  }

  async #write(): Promise<void> {
    const movedTo = await this.#powers.file.write(this.#state, this.#powers.clock());
    if (movedTo !== undefined)
      this.#powers.log('warn', 'the saved state was never brought back: it is kept apart', { movedTo });
  }

  async #plan(state: SavedState): Promise<Plan> {
    const config = mergeConfigs(state.sources, state.threads);
    const bundles = new Map<string, ThreadBundle>();
    for (const source of state.sources) {
      for (const [name, version] of Object.entries(source.bundles))
        bundles.set(name, this.#bundles.get(version) as ThreadBundle);
    }
    const parked = new Map<string, ParkedReason>();
    for (const name of this.#errored) parked.set(name, 'errored');
    for (const name of state.stopped) parked.set(name, 'stopped');
    const restarts = new Map(Object.entries(state.restarts));
    return { config, bundles, parked, restarts, nodejs: await this.#powers.nodejs(config) };
  }

  /** Those of earlier versions lie on the disk only. */
  async #loadBundles({ sources }: SavedState): Promise<void> {
    for (const version of sources.flatMap(({ bundles }) => Object.values(bundles))) {
      if (!this.#bundles.has(version))
        this.#bundles.set(version, fromStoredBundle(await this.#powers.file.bundle(version)));
    }
  }

  #forgetBundles(): void {
    const needed = new Set(this.#state.sources.flatMap(({ bundles }) => Object.values(bundles)));
    for (const version of this.#bundles.keys()) if (!needed.has(version)) this.#bundles.delete(version);
  }

  #versionOf(state: SavedState, name: string): Omit<SavedVersion, 'deployedAt'> | undefined {
    for (const { source, config, bundles } of state.sources) {
      const worker = config.services.find((service) => service.name === name);
      const bundle = bundles[name];
      if (worker?.kind !== 'worker' || bundle === undefined) continue;
      const version = versionOfWorker(worker, this.#bundles.get(bundle) as ThreadBundle);
      return { service: name, version, source, worker, bundle };
    }
    return undefined;
  }

  #current(name: string): SavedVersion | undefined {
    return this.#state.history.find(({ service }) => service === name);
  }

  #stateOf(name: string): ServiceReport['state'] {
    if (this.#state.stopped.includes(name)) return 'stopped';
    return this.#errored.has(name) ? 'errored' : 'online';
  }
}

/** Every error in what a change was refused with, for the log. */
export function describeRefusal(thrown: unknown): string {
  const errors = errorsIn(thrown);
  if (errors !== undefined) return errors.map(({ message }) => message).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}
