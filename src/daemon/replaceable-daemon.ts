/** A daemon that ends: because it is told to, or because another process takes its place, see handover.ts. Runs in the supervisor. */

import type { KillReport, UpdateReport, UpdateRequest } from '../control/api.ts';
import { makeError } from '../shared/errors.ts';
import { Daemon, type DaemonPowers } from './daemon.ts';
import type { ApiWithoutLogs } from './logs/logs-api.ts';
import { describeRefusal } from './refusal.ts';
import { emptyState } from './state-file.ts';

export interface ReplaceableDaemonPowers extends DaemonPowers {
  /** Has another process take the place of this one. Rejects with UPDATE_FAILED. */
  readonly replace: (request: UpdateRequest) => Promise<UpdateReport>;
  /** Ends the process when the answer has left. */
  readonly end: () => void;
}

/**
 * How long idle connections of a daemon that was replaced stay open, in milliseconds: a client that uses one meanwhile is answered, and told to
 * open another one.
 */
const lingerMs = 5000;

export class ReplaceableDaemon extends Daemon implements ApiWithoutLogs {
  readonly #powers: ReplaceableDaemonPowers;

  constructor(powers: ReplaceableDaemonPowers) {
    super(powers);
    this.#powers = powers;
  }

  /** Rejects with UPDATE_FAILED, and then this daemon goes on. Otherwise it finishes its requests, and ends. */
  async update(request: UpdateRequest): Promise<UpdateReport> {
    const report = await this.deployed
      .alone(() => this.#replaceNow(request))
      .catch((error: unknown) => {
        // What the successor may have made of the state, and the admin sockets that were closed for it.
        this.deployed.apply((state) => state).catch(() => {});
        throw error;
      });
    void this.#drain(lingerMs);
    return report;
  }

  kill(): Promise<KillReport> {
    return this.deployed.alone(() => this.#drain());
  }

  async #replaceNow(request: UpdateRequest): Promise<UpdateReport> {
    // The successor starts from what is saved.
    await this.save().catch((error: unknown) => {
      throw makeError('UPDATE_FAILED', { reason: `the state cannot be saved: ${describeRefusal(error)}` });
    });
    const report = await this.#powers.replace(request);
    this.deployed.isReplaced = true;
    return report;
  }

  async #drain(linger?: number): Promise<KillReport> {
    this.#powers.follow(emptyState); // nothing is started any more
    const aborted = await this.#powers.supervisor.drain(linger);
    await this.#powers.admin.close();
    this.#powers.end();
    return { aborted };
  }
}
