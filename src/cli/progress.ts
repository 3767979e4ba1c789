/** One line on a terminal that says how far long work has come, and goes when it is done. */

import type { CliPowers } from './command.ts';

export interface Progress {
  readonly update: (done: number, total: number) => void;
  clear(): void;
}

/** Work that takes less than this, in milliseconds, shows nothing. */
const quietMs = 500;

export function makeProgress(label: string, powers: Pick<CliPowers, 'stderr' | 'interactive'>): Progress {
  const began = Date.now();
  let shown = false;
  return {
    update(done, total) {
      if (!powers.interactive || Date.now() - began < quietMs) return;
      shown = true;
      powers.stderr(`\r${label} ${done}/${total}`);
    },
    clear() {
      if (shown) powers.stderr('\r\u001b[K');
    },
  };
}
