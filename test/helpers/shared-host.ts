/** The host areas for realms of a test process, which lacks the `--no-warnings` that nanod's threads are started with. */

import process from 'node:process';
import { makeSharedHost } from '../../src/realm/host/index.ts';

// Node.js calls many algorithms of its SubtleCrypto experimental, and says so of each. Without a listener it says nothing anyway.
if (process.listenerCount('warning') > 0) {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name !== 'ExperimentalWarning') console.error(`${name}: ${message}`);
  });
}

export const shared = makeSharedHost();
