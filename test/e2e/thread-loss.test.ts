/** A thread that dies takes its own requests with it and nothing else, and another is there in its place. */

import { Agent, request } from 'node:http';
import t from 'tap';
import type { Test } from 'tap';
import { serve } from '../helpers/nanod.ts';
import type { Nanod } from '../helpers/nanod.ts';

/** Tells by which thread it is answered; `/overflow` fills the heap of that thread. */
const WORKER = `
const thread = crypto.randomUUID();
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/overflow') {
      const all = [];
      for (;;) all.push({ number: all.length });
    }
    if (pathname === '/slow') await new Promise(() => {});
    return new Response(thread);
  },
};`;

const DEPLOYMENT = {
  files: { 'main.js': WORKER },
  config: {
    threads: 2,
    threadMemoryMb: 32,
    apps: [{ name: 'main', script: 'main.js' }],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'main' }],
  },
};

/** One keep-alive connection, which stays with the thread that has accepted it. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  thread = '';
  answered = 0;

  constructor(t: Test, port: number) {
    this.#port = port;
    t.teardown(() => this.#agent.destroy());
  }

  /** The thread that has answered. Rejects when the connection is lost. */
  get(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request({ port: this.#port, host: '127.0.0.1', path, agent: this.#agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  async connect(): Promise<this> {
    this.thread = await this.get('/');
    return this;
  }

  /** Sends one request after the other until it is told to end. Rejects with the first that fails. */
  async load(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if ((await this.get('/')) !== this.thread) throw new Error('another thread has answered');
      this.answered++;
    }
  }
}

/** A client of each thread: the system spreads connections over threads as it likes. */
async function clientsOfBothThreads(t: Test, port: number): Promise<readonly [Client, Client]> {
  const first = await new Client(t, port).connect();
  for (;;) {
    const other = await new Client(t, port).connect();
    if (other.thread !== first.thread) return [first, other];
  }
}

const isLost = ({ msg }: { msg: string }): boolean => /^thread \d+ is lost/.test(msg);
const isBack = ({ msg }: { msg: string }): boolean => /^thread \d+ serves the group default again$/.test(msg);

/** Resolves when a thread answers that has not answered before. */
async function newThread(t: Test, nanod: Nanod, known: readonly string[]): Promise<string> {
  for (;;) {
    const { thread } = await new Client(t, nanod.port).connect();
    if (!known.includes(thread)) return thread;
  }
}

t.test('a worker that overflows the heap loses its thread, and the other thread never stops', async (t) => {
  const nanod = await serve(t, DEPLOYMENT);
  const [doomed, other] = await clientsOfBothThreads(t, nanod.port);
  const waiting = await (async () => {
    for (;;) {
      const client = await new Client(t, nanod.port).connect();
      if (client.thread === doomed.thread) return client;
    }
  })();
  const end = new AbortController();
  const load = other.load(end.signal);
  const slow = waiting.get('/slow');
  const failed = Promise.allSettled([doomed.get('/overflow'), slow]);

  const lost = await nanod.logged(isLost);
  t.match(lost, { level: 50, service: 'nanod', msg: /memory/i, group: 'default' });
  t.strictSame(
    (await failed).map(({ status }) => status),
    ['rejected', 'rejected'],
    'the requests of the lost thread fail at once',
  );
  const third = await newThread(t, nanod, [doomed.thread, other.thread]);
  t.match(await nanod.logged(isBack), { level: 30, service: 'nanod', group: 'default' });

  const before = other.answered;
  await other.get('/');
  end.abort();
  await load;
  t.ok(before > 0, `${other.answered} requests were answered by the other thread, and none has failed`);
  t.not(third, doomed.thread);
  const { status, log } = await nanod.stop();
  t.equal(status, 0);
  t.equal(log.filter(isLost).length, 1);
});

t.test('both threads may go, and more than once', async (t) => {
  const nanod = await serve(t, DEPLOYMENT);
  const known: string[] = [];
  for (let round = 0; round < 2; round++) {
    const clients = await clientsOfBothThreads(t, nanod.port);
    known.push(...clients.map(({ thread }) => thread));
    await Promise.allSettled(clients.map((client) => client.get('/overflow')));
    // Nobody listens for a moment: only then do connections fail.
    let thread: string | undefined;
    while (thread === undefined) thread = await newThread(t, nanod, known).catch(() => undefined);
  }
  const clients = await clientsOfBothThreads(t, nanod.port);
  t.equal(clients.filter(({ thread }) => known.includes(thread)).length, 0);
  const { status, log } = await nanod.stop();
  t.equal(status, 0);
  t.equal(log.filter(isLost).length, 4);
  t.equal(log.filter(isBack).length, 4);
});

t.test('a stop while a thread is being replaced ends with status 0', async (t) => {
  const nanod = await serve(t, { ...DEPLOYMENT, config: { ...DEPLOYMENT.config, threads: 1 } });
  await new Client(t, nanod.port).get('/overflow').catch(() => undefined);
  await nanod.logged(isLost);
  t.equal((await nanod.stop()).status, 0);
});
