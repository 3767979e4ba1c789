/**
 * Dialing, loaded at the first connection: TLS and WebSockets take memory of every thread, and few threads call another nanod
 * (docs/decisions/cost-of-a-realm.md). Runs in a thread.
 */

import { makeError } from '../../shared/errors.ts';
import type { Dial, Peer } from './dial.ts';

/** To be made once for a server. */
export function makeLazyDial(peer: Peer): Dial {
  let loading: Promise<Dial> | undefined;
  const load = async (): Promise<Dial> => (await import('./dial.ts')).makeDial(peer);
  return (onDialed) => {
    let isOver = false;
    let giveUp = (): void => {
      isOver = true;
    };
    (loading ??= load()).then(
      (dial) => {
        if (!isOver) giveUp = dial(onDialed);
      },
      (error: unknown) => {
        const reason = `its code cannot be loaded: ${error instanceof Error ? error.message : 'unknown'}`;
        if (!isOver) onDialed(makeError('INTERNAL', { reason }));
      },
    );
    return () => giveUp();
  };
}
