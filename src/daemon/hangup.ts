/**
 * What SIGHUP does: every configuration is read again and deployed. The command line does that, in a process of its own, because configurations
 * are code and the daemon runs none of its users' (docs/decisions/deployments.md). Runs in the supervisor.
 */

import type { ServiceManager } from './service-manager.ts';

export interface HangupPowers {
  /** Runs `nanod reload`. Resolves with its exit status and with what it has said. */
  readonly reload: () => Promise<{ readonly status: number; readonly said: string }>;
  readonly manager: Pick<ServiceManager, 'reloading' | 'reloaded'>;
  readonly log: (level: 'info' | 'error', text: string, details?: Record<string, unknown>) => void;
}

/** Makes the handler. Signals that come while it is at work make it work once more. */
export function makeHangup(powers: HangupPowers): () => void {
  let wanted = 0;
  let isBusy = false;
  const work = async (): Promise<void> => {
    isBusy = true;
    while (wanted > 0) {
      wanted = 0;
      await reloadOnce(powers);
    }
    isBusy = false;
  };
  return () => {
    wanted++;
    if (!isBusy) void work();
  };
}

async function reloadOnce({ reload, manager, log }: HangupPowers): Promise<void> {
  log('info', 'SIGHUP: every configuration is read again');
  await manager.reloading();
  try {
    const { status, said } = await reload();
    if (status === 0) log('info', 'every configuration was read again');
    else log('error', `the configurations could not be deployed again: ${said.trim()}`, { status });
    await manager.reloaded(status === 0 ? 'serves' : 'serves what was deployed before: the reload failed');
  } catch (error) {
    log('error', `nanod reload could not be run: ${(error as Error).message}`);
    await manager.reloaded('serves what was deployed before: the reload failed');
  }
}
