/** What the daemon does when it is asked. Runs in the supervisor; the command line is behind the control API. */

import type { Config } from '../config/types.ts';
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
  VitalsReport,
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
import { reportGroups, reportServices } from './service-report.ts';
import { describeRefusal } from './refusal.ts';
import { aborted, isCandidate, promoted, withCandidate } from './shares.ts';
import {
  namesOf,
  namespacesOf,
  revived,
  sizeAfter,
  started,
  withSource,
  withVersion,
  without,
  withoutServices,
} from './state-changes.ts';
import type { SavedCandidate, SavedSource, SavedState } from './state-file.ts';
import { listVersions } from './versions.ts';

export interface DaemonPowers extends DeployedPowers {
  readonly identity: Omit<PingReport, 'startedAt' | 'logs'>;
  /** Calls back after so many milliseconds, unless the process ends before. */
  readonly later: (ms: number, callback: () => void) => void;
  /** Resident memory of the process, in bytes. */
  readonly rss: () => number;
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
    const { supervisor } = this.#powers;
    const reports = reportServices(this.deployed.state, {
      stateOf: (name) => this.#stateOf(name),
      current: (name) => this.deployed.current(name),
      crashes: (name) => supervisor.restarts.report(name),
      listening: supervisor.listening,
      startedAt: this.#startedAt,
    });
    return Promise.resolve(reports);
  }

  async select({ selectors }: SelectRequest): Promise<SelectReport> {
    const names = this.#select(selectors, this.deployed.state);
    const found = (await this.list()).filter(({ name }) => names.includes(name));
    const { restarts } = this.#powers.supervisor;
    return { services: found.map((each) => ({ ...each, recentCrashes: restarts.report(each.name).recent })) };
  }

  async describe(request: SelectRequest): Promise<{ readonly services: readonly ServiceDetails[] }> {
    const { services } = await this.select(request);
    const threads = await this.#powers.supervisor.observe();
    return { services: services.map((service) => detailsOf(service, threads)) };
  }

  async vitals(): Promise<VitalsReport> {
    const { identity, supervisor, rss } = this.#powers;
    const threads = await supervisor.observe();
    return {
      process: { version: identity.version, startedAt: this.#startedAt, rss: rss() },
      threads: threads.map(({ thread, group, report }) => ({
        thread,
        group,
        report: report && {
          activeMs: report.loop.active,
          idleMs: report.loop.idle,
          delayP99: report.delay.p99,
          heapUsed: report.heap.used,
          heapLimit: report.heap.limit,
        },
      })),
    };
  }

  threads(): Promise<readonly GroupReport[]> {
    const config = mergeConfigs(this.deployed.state.sources, this.deployed.state.threads);
    return Promise.resolve(reportGroups(config, this.#powers.supervisor));
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
      this.#forgive(only ?? given.config.services.map(({ name }) => name));
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
      this.#forgive([service]);
      return { ...state, sources: state.sources.map((source) => withVersion(source, target)) };
    });
  }

  async act({ action, selectors }: ActRequest): Promise<ActReport> {
    let services: string[] = [];
    await this.deployed.apply((state) => {
      services = this.#select(selectors, state);
      this.#forgive(services);
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

  /**
   * A service has crashed so often that it is not started again; a version that has a share of the requests loses it. It is tried once more when
   * somebody starts it, or after a resurrection.
   */
  async park(service: string, version: string): Promise<void> {
    const parking = this.deployed.apply((state) => {
      if (isCandidate(state, service, version)) return aborted(state, service);
      this.deployed.errored = new Set([...this.deployed.errored, service]);
      return state;
    });
    await parking.catch((error: unknown) =>
      this.#powers.log('error', `${service} cannot be parked: ${describeRefusal(error)}`),
    );
  }

  #forgive(names: readonly string[]): void {
    this.deployed.errored = new Set(without([...this.deployed.errored], names));
    this.#powers.supervisor.restarts.forget(names);
  }

  #select(selectors: readonly string[], state: SavedState): string[] {
    return select(selectors, namesOf(state), namespacesOf(state));
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
