/** Requests without a pause, until a test has seen enough of them: over connections that are kept, and over one for each request. */

import { Agent, request } from 'node:http';
import type { Test } from 'tap';

export interface Load {
  /** What has failed so far. */
  readonly failures: readonly string[];
  /** How many requests were answered so far, by body. */
  readonly answered: ReadonlyMap<string, number>;
  /** Resolves when every client has been answered this often once more. Rejects where nobody answers any more. */
  more(times: number): Promise<void>;
  /** Resolves when no request is under way. */
  stop(): Promise<void>;
}

/** Where requests go: a URL, or a path of a Unix socket. */
export type Where = { readonly url: string } | { readonly socketPath: string };

/** Half of the clients keep their connection. It is stopped when the test ends. */
export function startLoad(t: Test, where: Where, clients: number): Load {
  const failures: string[] = [];
  const answered = new Map<string, number>();
  const counts = Array.from({ length: clients }, () => 0);
  let isRunning = true;
  const agents: Agent[] = [];
  const run = async (client: number): Promise<void> => {
    const agent = client % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
    if (agent !== undefined) agents.push(agent);
    while (isRunning) {
      try {
        const body = await ask(where, agent);
        answered.set(body, (answered.get(body) ?? 0) + 1);
      } catch (error) {
        failures.push(`${agent === undefined ? 'new' : 'kept'} connection: ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, 10)); // not as fast as the processor can
      }
      counts[client] = (counts[client] ?? 0) + 1;
    }
  };
  const running = Promise.all(counts.map((_, client) => run(client)));
  const stop = async (): Promise<void> => {
    isRunning = false;
    await running;
    for (const agent of agents) agent.destroy();
  };
  t.teardown(stop);
  return {
    failures,
    answered,
    async more(times) {
      const before = [...counts];
      while (counts.some((count, client) => count - (before[client] ?? 0) < times))
        await new Promise((resolve) => setImmediate(resolve));
    },
    stop,
  };
}

function ask(where: Where, agent: Agent | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { agent: agent ?? (false as const) };
    const asking =
      'url' in where ? request(where.url, options) : request({ ...options, socketPath: where.socketPath });
    asking.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body)).on('error', reject);
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
    });
    asking.on('error', reject).end();
  });
}
