/**
 * The prelude: evaluated first in every realm, it locks the realm down, defines its web APIs, and gives the host the only functions
 * that the host ever calls in there. Each of them has an outer catch: nothing is thrown to the host (HARDENING R12).
 */

import './primordials.ts';
import { JSONParse } from './primordials.ts';
import { forgetInFlight } from './crypto/in-flight.ts';
import { toErrorState } from './errors/error-state.ts';
import { reportException, reportHandledRejection, reportOwnRejection } from './errors/report.ts';
import { installGlobals } from './globals.ts';
import { enterRealm } from './nodejs/context-hooks.ts';
import { abandonServed, setLinks } from './rpc/links.ts';
import { releaseAll } from './live-resources.ts';
import { lockDown } from './lockdown.ts';
import type { Loaded, RealmEntry } from './realm-entry.ts';
import { dropTasks, runTask } from './tasks.ts';
import type { RealmConfig } from './worker/config.ts';
import { openEntrypoint } from './worker/entrypoint.ts';
import { loadedWorker, loadModule, loadScript } from './worker/loader.ts';

setLinks({
  exportValue: (value, kind) => require('./rpc/exports.ts').exportValue(value, kind),
  importValue: (state, keeper) => require('./rpc/imports.ts').importValue(state, keeper),
  importError: (state) => require('./rpc/imports.ts').importError(state),
  loopbackExports: () => require('./worker/loopback.ts').loopbackExports(),
});

/** Starts the prelude of this realm. The host calls it once. */
export function start(): RealmEntry {
  const config = JSONParse($host.realm.config()) as RealmConfig;
  lockDown({ keepTemporal: config.temporal, script: config.script });
  installGlobals();
  if (config.nodejs !== '') require('./nodejs/node-globals.ts').installNodeGlobals(config);
  return { ...workerEntry(config), ...taskEntry };
}

type WorkerEntry = Pick<
  RealmEntry,
  'loadModule' | 'loadScript' | 'hasEntrypoint' | 'eachTest' | 'runTest' | 'open'
>;

/** What the host asks of the worker. */
function workerEntry(config: RealmConfig): WorkerEntry {
  return {
    loadModule(factory, done) {
      try {
        void loadModule(config, factory, done);
      } catch (error) {
        report(error, done);
      }
    },
    loadScript(run, done) {
      try {
        loadScript(config, run, done);
      } catch (error) {
        report(error, done);
      }
    },
    hasEntrypoint(name) {
      try {
        return loadedWorker()?.hasEntrypoint(name) ?? false;
      } catch {
        return false;
      }
    },
    eachTest(found) {
      try {
        const worker = loadedWorker();
        if (worker !== undefined) require('./worker/tests.ts').eachTest(worker, found);
      } catch {
        // There is room for it: the host calls from the bottom of the stack.
      }
    },
    runTest(entrypoint, done) {
      try {
        const worker = loadedWorker();
        if (worker !== undefined)
          enterRealm(undefined, () => void require('./worker/tests.ts').runTest(worker, entrypoint, done));
      } catch (error) {
        report(error, done);
      }
    },
    open(entrypoint, props) {
      try {
        return openEntrypoint(entrypoint, props);
      } catch {
        return undefined;
      }
    },
  };
}

/** What the host tells the realm of. */
const taskEntry: Omit<RealmEntry, keyof WorkerEntry> = {
  reportRejection(promise, reason) {
    try {
      return reportOwnRejection(promise, reason);
    } catch {
      return false;
    }
  },
  reportHandled(promise) {
    try {
      return reportHandledRejection(promise);
    } catch {
      return false;
    }
  },
  fireTimer(id) {
    try {
      require('./timers.ts').fireTimer(id);
    } catch {
      // The timer's own guard reports what a callback throws; here only stack overflow is left.
    }
  },
  runTask() {
    try {
      runTask();
    } catch (error) {
      reportException(error, 'task');
    }
  },
  receiveBroadcast(name, text, buffer) {
    try {
      require('./messaging/broadcast-channel.ts').receiveBroadcast(name, text, buffer);
    } catch {
      // There is room for it: the host calls from the bottom of the stack.
    }
  },
  abandonCalls(onSettle) {
    try {
      abandonServed?.(onSettle);
    } catch {
      // What is told of it reports its own errors.
    }
  },
  dispose() {
    try {
      releaseAll();
      forgetInFlight();
      require('./timers.ts').clearAllTimers();
      dropTasks();
    } catch {
      // Nothing of the worker runs here.
    }
  },
};

function report(error: unknown, done: Loaded): void {
  try {
    done(toErrorState(error));
  } catch {
    // The host waits no longer than its own deadline.
  }
}
