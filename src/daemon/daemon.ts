/** What the daemon does when it is asked. Runs in the supervisor; the command line is behind the control API. */

import { internetService, type Config } from '../config/types.ts';
import type {
  ActReport,
  ActRequest,
  DeployReport,
  DeployRequest,
  EnvReport,
  EnvRequest,
  GroupReport,
  PingReport,
  RollbackRequest,
  ScaleRequest,
  SelectReport,
  SelectRequest,
  ServiceDetails,
  ServiceReport,
  ShareRequest,
  ShareTerms,
  VersionReport,
} from '../control/api.ts';
import { fromStoredBundle } from '../control/stored-bundle.ts';
import { makeError } from '../shared/errors.ts';
import { nearest } from '../shared/suggest.ts';
import { versionOfWorker } from '../supervisor/specs.ts';
import { Deployed, type DeployedPowers } from './deployed.ts';
import { detailsOf } from './details.ts';
import { environmentsOf } from './environment.ts';
import type { ApiWithoutLogs } from './logs/logs-api.ts';
import { mergeConfigs } from './merge.ts';
import { Resurrection } from './resurrection.ts';
import { select } from './selectors.ts';
import { aborted, promoted, withCandidate } from './shares.ts';
import {
  namesOf,
  revived,
  sizeAfter,
  started,
  withSource,
  withVersion,
  without,
  withoutServices,
} from './state-changes.ts';
import type { SavedCandidate, SavedSource } from './state-file.ts';
import { listVersions } from './versions.ts';

export interface DaemonPowers extends DeployedPowers {
  readonly identity: Omit<PingReport, 'startedAt' | 'logs'>;
  /** Calls back after so many milliseconds, unless the process ends before. */
  readonly later: (ms: number, callback: () => void) => void;
}

export class Daemon implements Omit<ApiWithoutLogs, 'update' | 'kill'> {
  readonly #powers: DaemonPowers;
  readonly #startedAt: number;
  protected readonly deployed: Deployed;
  readonly #resurrection: Resurrection;
  /** What was saved has been read. */
  #isRestored = false;

  constructor(powers: DaemonPowers) {
    this.#powers = powers;
    this.#startedAt = powers.clock();
    this.deployed = new Deployed(powers);
    this.#resurrection = new Resurrection({
      apply: (change) => this.deployed.apply(change),
      state: () => this.deployed.state,
      later: powers.later,
      log: powers.log,
    });
  }

  ping(): Promise<Omit<PingReport, 'logs'>> {
    return Promise.resolve({ ...this.#powers.identity, startedAt: this.#startedAt });
  }

  list(): Promise<readonly ServiceReport[]> {
    const { sources, restarts } = this.deployed.state;
    const listening = this.#powers.supervisor.listening;
    const reports = sources.flatMap(({ source, config, failure }) =>
      config.services
        .filter(({ name }) => name !== internetService)
        .map((service): ServiceReport => {
          const current = this.deployed.current(service.name);
          return {
            name: service.name,
            kind: service.kind,
            group: service.kind === 'worker' ? service.group : '',
            state: failure === undefined ? this.#stateOf(service.name) : 'errored',
            ...(failure === undefined ? {} : { reason: failure }),
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
    const names = select(selectors, namesOf(this.deployed.state));
    return { services: (await this.list()).filter(({ name }) => names.includes(name)) };
  }

  async describe(request: SelectRequest): Promise<{ readonly services: readonly ServiceDetails[] }> {
    const { services } = await this.select(request);
    const threads = await this.#powers.supervisor.observe();
    return { services: services.map((service) => detailsOf(service, threads)) };
  }

  threads(): Promise<readonly GroupReport[]> {
    const { supervisor } = this.#powers;
    const { listening } = supervisor;
    const config = mergeConfigs(this.deployed.state.sources, this.deployed.state.threads);
    const groupOf = new Map(config.sockets.map(({ name, group }) => [name, group]));
    return Promise.resolve(
      config.groups.map(({ name }) => ({
        name,
        threads: supervisor.threadsOf(name),
        sockets: listening.filter(({ socket }) => groupOf.get(socket) === name),
      })),
    );
  }

  env({ selectors, values }: EnvRequest): Promise<readonly EnvReport[]> {
    const names = select(selectors, namesOf(this.deployed.state));
    return Promise.resolve(environmentsOf(this.deployed.state, names, values));
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
    const { share } = request;
    return this.deployed.apply((state) => {
      if (share !== undefined) return withCandidate(state, source, this.#candidate(given, request, share));
      return {
        ...state,
        sources: withSource(state.sources, given, only),
        stopped: started(state, given, only),
      };
    }, bundles);
  }

  share({ action, service }: ShareRequest): Promise<DeployReport> {
    return this.deployed.apply((state) =>
      action === 'promote' ? promoted(state, service) : aborted(state, service),
    );
  }

  async versions({ service }: { readonly service?: string }): Promise<readonly VersionReport[]> {
    const { state } = this.deployed;
    const names = [...namesOf(state), ...state.history.map((each) => each.service)];
    const wanted = service === undefined ? names : select([service], names);
    const shares = await this.#powers.supervisor.shares();
    return listVersions(state, shares).filter((each) => wanted.includes(each.service));
  }

  rollback({ service, version = '' }: RollbackRequest): Promise<DeployReport> {
    return this.deployed.apply((state) => {
      select([service], namesOf(state));
      const current = this.deployed.current(service);
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
    await this.deployed.apply((state) => {
      services = select(selectors, namesOf(state));
      this.deployed.errored = new Set([...this.deployed.errored].filter((name) => !services.includes(name)));
      switch (action) {
        case 'start':
          return { ...revived(state, services), stopped: without(state.stopped, services) };
        case 'stop':
          return { ...state, stopped: [...without(state.stopped, services), ...services] };
        case 'restart': {
          const restarts = { ...state.restarts };
          for (const name of services) restarts[name] = (restarts[name] ?? 0) + 1;
          return { ...revived(state, services), restarts, stopped: without(state.stopped, services) };
        }
        case 'delete':
          return withoutServices(state, services);
      }
    });
    return { services };
  }

  async scale({ name, threads }: ScaleRequest): Promise<readonly GroupReport[]> {
    await this.deployed.apply((state) => {
      const config = mergeConfigs(state.sources, state.threads);
      const groups = config.groups.map((group) => group.name);
      const worker = config.services.find((service) => service.kind === 'worker' && service.name === name);
      const group = !groups.includes(name) && worker?.kind === 'worker' ? worker.group : name;
      if (!groups.includes(group))
        throw makeError('GROUP_UNKNOWN', { name, suggestion: nearest(name, [...groups, ...namesOf(state)]) });
      const count = sizeAfter(this.#powers.supervisor.threadsOf(group), threads);
      return { ...state, threads: { ...state.threads, [group]: count } };
    });
    return this.threads();
  }

  async save(): Promise<{ readonly file: string }> {
    await this.deployed.save();
    return { file: this.#powers.file.path };
  }

  async resurrect(): Promise<DeployReport> {
    if (this.#isRestored) return this.#resurrection.retry();
    const outcome = await this.#powers.file.read(this.#powers.clock());
    this.#isRestored = true;
    if (outcome.kind === 'corrupt')
      this.#powers.log('error', `the saved state cannot be read: ${outcome.reason}`, {
        movedTo: outcome.movedTo,
      });
    if (outcome.kind !== 'read') return this.deployed.apply((state) => state);
    const report = await this.#resurrection.bringBack(outcome.state);
    await this.#powers.file.sweep(this.deployed.state);
    return report;
  }

  #candidate(
    { config, bundles }: SavedSource,
    request: DeployRequest,
    { percent, sticky }: ShareTerms,
  ): SavedCandidate {
    const workers = config.services.filter((service) => service.kind === 'worker');
    const versions = workers.map((worker) => {
      const bundle = request.bundles[worker.name];
      return [worker.name, bundle === undefined ? '' : versionOfWorker(worker, fromStoredBundle(bundle))];
    });
    const since = this.#powers.clock();
    return {
      config,
      bundles,
      versions: Object.fromEntries(versions) as Record<string, string>,
      percent,
      since,
      ...(sticky === undefined ? {} : { sticky }),
    };
  }

  #stateOf(name: string): ServiceReport['state'] {
    if (this.deployed.state.stopped.includes(name)) return 'stopped';
    return this.deployed.errored.has(name) ? 'errored' : 'online';
  }
}
