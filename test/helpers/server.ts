/** Deployments in the process of a test, by way of the programmatic API: for tests that are about services, and not about the command. */

import type { Test } from 'tap';
import { createServer } from '../../src/index.ts';
import type { NanodServer, ServerLogRecord, ServerOptions } from '../../src/server-types.ts';
import { writeFiles, type Deployment } from './nanod.ts';

export interface TestServer extends NanodServer {
  readonly directory: string;
  readonly log: readonly ServerLogRecord[];
  /** Resolves when the log has a record with such a text. */
  logged(text: RegExp): Promise<void>;
}

/** Starts the deployment without listening, unless the options say so; it is closed after the test. */
export async function startServer(
  t: Test,
  deployment: Pick<Deployment, 'config' | 'files'>,
  options: ServerOptions = {},
): Promise<TestServer> {
  const directory = writeFiles(t, deployment);
  const log: ServerLogRecord[] = [];
  const waiting = new Set<() => void>();
  const server = await createServer('.', {
    cwd: directory,
    listen: false,
    threads: 1,
    log: (record) => {
      log.push(record);
      for (const look of [...waiting]) look();
    },
    ...options,
  });
  t.teardown(() => server.close());
  const logged = (text: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!log.some((record) => text.test(record.text))) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return Object.assign(server, { directory, log, logged });
}
