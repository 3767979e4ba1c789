/**
 * What is deployed, and the way of every change of it: one after the other it is brought to the threads as one plan, and saved when the threads
 * have taken it. Runs in the supervisor.
 */

import type { Config } from '../config/types.ts';
import type { DeployReport, StoredBundle } from '../control/api.ts';
import { fromStoredBundle } from '../control/stored-bundle.ts';
import type { AdminSockets } from '../observe/admin-sockets.ts';
import { makeError } from '../shared/errors.ts';
import type { ParkedReason, Plan, ThreadBundle } from '../supervisor/specs.ts';
import { versionOfWorker } from '../supervisor/specs.ts';
import { withCandidates } from '../supervisor/state.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { describeChanges } from './changes.ts';
import { record } from './history.ts';
import { mergeConfigs } from './merge.ts';
import { inOwnFiles } from './places.ts';
import { bundlesWithNew, candidatesIn } from './shares.ts';
import { living } from './state-changes.ts';
import {
  bundleVersions,
  emptyState,
  type SavedSource,
  type SavedState,
  type SavedVersion,
  type StateFile,
} from './state-file.ts';

export interface DeployedPowers {
  readonly supervisor: Supervisor;
  readonly file: StateFile;
  readonly admin: AdminSockets;
  /** The text of src/nodejs/, for the workers of a configuration that may need it. */
  readonly nodejs: (config: Config) => Promise<string | undefined>;
  readonly log: (level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>) => void;
  /** How long versions that are replaced may go on with their requests, in milliseconds. */
  readonly drainMs: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Told of everything that is deployed, whenever that has changed. */
  readonly follow: (state: SavedState) => void;
  /** Told what runs from now on. */
  readonly onDeployed: (config: Config) => void;
}

/** A change of what is deployed, as it will be saved once the threads have taken it. */
export type Change = (state: SavedState) => SavedState;

export class Deployed {
  /** Another process has what this one had. */
  isReplaced = false;
  /** Services that were given up. */
  errored: ReadonlySet<string> = new Set();
  readonly #powers: DeployedPowers;
  /** By their version. */
  readonly #bundles = new Map<string, ThreadBundle>();
  #state: SavedState = emptyState;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(powers: DeployedPowers) {
    this.#powers = powers;
  }

  get state(): SavedState {
    return this.#state;
  }

  /** Does something while nothing changes. Rejects with DAEMON_REPLACED. */
  alone<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      if (this.isReplaced) throw makeError('DAEMON_REPLACED', {});
      return task();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** The version of a worker that runs, or ran last. */
  current(name: string): SavedVersion | undefined {
    return this.#state.history.find(({ service }) => service === name);
  }

  /** One change after the other: brings it to the threads, then saves it. Rejects with what refuses it, and then nothing has changed. */
  apply(change: Change, bundles: readonly StoredBundle[] = []): Promise<DeployReport> {
    return this.alone(() => this.#applyNow(change, bundles));
  }

  async #applyNow(change: Change, bundles: readonly StoredBundle[]): Promise<DeployReport> {
    const { supervisor, file, drainMs, clock } = this.#powers;
    const before = this.#state;
    for (const bundle of bundles) this.#bundles.set(bundle.version, fromStoredBundle(bundle));
    try {
      const changed = change(before);
      await this.#loadBundles(changed);
      const plan = await this.#plan(changed);
      const admin = await this.#powers.admin.open(plan.config.admin);
      const sockets = await supervisor.deploy(plan, drainMs).catch(async (error: unknown) => {
        await admin.undo();
        throw inOwnFiles(error, changed.sources);
      });
      await admin.finish();
      this.#powers.onDeployed(plan.config);
      this.#state = record(changed, (name) => this.#versionOf(changed, name), clock());
      this.#powers.follow(this.#state);
      await this.#store(file, bundles);
      const failures = this.#state.sources.flatMap(({ source, failure: reason }) =>
        reason === undefined ? [] : [{ source, reason }],
      );
      return {
        services: describeChanges(before, this.#state),
        sockets,
        threads: supervisor.threads,
        failures,
      };
    } finally {
      this.#forgetBundles();
    }
  }

  /** Services go on where the disk is full: that is said, and tried again with the next change. */
  async #store(file: StateFile, bundles: readonly StoredBundle[]): Promise<void> {
    try {
      for (const bundle of bundles) await file.keep(bundle);
      await this.save();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#powers.log('error', `the state cannot be saved: ${reason}`, { file: file.path });
    }
  }

  async save(): Promise<void> {
    await this.#powers.file.write(this.#state);
  }

  async #plan(state: SavedState): Promise<Plan> {
    const config = mergeConfigs(state.sources, state.threads);
    const bundles = new Map<string, ThreadBundle>();
    const sources = living(state.sources);
    for (const source of sources) {
      for (const [name, version] of Object.entries(bundlesWithNew(source)))
        bundles.set(name, this.#bundles.get(version) as ThreadBundle);
    }
    const parked = new Map<string, ParkedReason>();
    for (const name of this.errored) parked.set(name, 'errored');
    for (const name of state.stopped) parked.set(name, 'stopped');
    const restarts = new Map(Object.entries(state.restarts));
    const candidates = candidatesIn(sources, this.#bundles);
    const nodejs = await this.#powers.nodejs(withCandidates({ config, candidates }));
    return { config, bundles, parked, restarts, nodejs, candidates, sticky: stickySockets(config, sources) };
  }

  /** Those of earlier versions lie on the disk only. */
  async #loadBundles({ sources }: SavedState): Promise<void> {
    for (const version of living(sources).flatMap(bundleVersions)) {
      if (!this.#bundles.has(version))
        this.#bundles.set(version, fromStoredBundle(await this.#powers.file.bundle(version)));
    }
  }

  #forgetBundles(): void {
    const needed = new Set(living(this.#state.sources).flatMap(bundleVersions));
    for (const version of this.#bundles.keys()) if (!needed.has(version)) this.#bundles.delete(version);
  }

  #versionOf(state: SavedState, name: string): Omit<SavedVersion, 'deployedAt'> | undefined {
    for (const { source, config, bundles } of living(state.sources)) {
      const worker = config.services.find((service) => service.name === name);
      const bundle = bundles[name];
      if (worker?.kind !== 'worker' || bundle === undefined) continue;
      const version = versionOfWorker(worker, this.#bundles.get(bundle) as ThreadBundle);
      return { service: name, version, source, worker, bundle };
    }
    return undefined;
  }
}

/** By the names that the sockets of the whole have: mergeConfigs puts those of one file behind those of another. */
function stickySockets({ sockets }: Config, sources: readonly SavedSource[]): NonNullable<Plan['sticky']> {
  const wanted = sources.flatMap(({ config, candidate }) => config.sockets.map(() => candidate?.sticky));
  return new Map(
    sockets.flatMap(({ name }, index) => {
      const sticky = wanted[index];
      return sticky === undefined ? [] : [[name, sticky] as const];
    }),
  );
}
