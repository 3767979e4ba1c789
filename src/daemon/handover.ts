/**
 * How a daemon is replaced by another process, a new version of it for example, without closing an address: the predecessor starts the
 * successor with the sockets that it listens on, gives it the home once it serves, and drains (docs/decisions/update.md). Until the home has
 * changed hands, everything can be undone by ending the successor. Runs in the supervisor; the steps of both are here.
 */

import type { ChildProcess } from 'node:child_process';
import process from 'node:process';
import type { Duplex } from 'node:stream';
import type { UpdateReport, UpdateRequest } from '../control/api.ts';
import { makeError } from '../shared/errors.ts';
import { deadline } from '../supervisor/deadline.ts';
import type { HandedSocket } from '../supervisor/inheritance.ts';
import { lineReader, sayLine, type PredecessorMessage, type SuccessorMessage } from './lines.ts';

/** What the predecessor needs of its surroundings. */
export interface HandoverPowers {
  readonly identity: UpdateReport['from'];
  /** What is listened on. Rejects with an Error for what cannot be handed over. */
  readonly sockets: () => Promise<readonly HandedSocket[]>;
  /** Descriptors that a service manager has given to this process. */
  readonly activated: readonly number[];
  /** Starts a process with pipes for its standard input and output, and these descriptors by their number in it. */
  readonly spawn: (request: UpdateRequest, descriptors: ReadonlyMap<number, number>) => Promise<Started>;
  /** Closes what only one process can have. */
  readonly give: () => Promise<void>;
  /** Takes the home back: the successor has ended with it. */
  readonly regain: () => Promise<void>;
  /** How long the successor may take to serve, in milliseconds. */
  readonly patience: number;
}

export interface Started {
  readonly child: ChildProcess;
  /** Over which it speaks. */
  readonly tie: Duplex;
  /** What it has said on its standard error. */
  readonly said: () => Promise<string>;
}

/** How long the successor may take to take the home, in milliseconds. */
const takingPatience = 10_000;

/** How long a successor that has nothing more to say may take to end, in milliseconds. */
const endingPatience = 1000;

const firstDescriptor = 3;

/** The predecessor's side. */
export class Handover {
  readonly #powers: HandoverPowers;
  #child: ChildProcess | undefined;
  /** Of the successor; its child, where another process stands between. */
  #pid: number | undefined;

  constructor(powers: HandoverPowers) {
    this.#powers = powers;
  }

  /** Ends the successor that is not there yet; one that has the home ends as this process does. */
  abort(): void {
    this.#kill('SIGTERM');
  }

  /** Resolves when another process has the home and serves. Rejects with UPDATE_FAILED, and then nothing has changed. */
  async replace(request: UpdateRequest): Promise<UpdateReport> {
    const { sockets, activated, spawn, identity } = this.#powers;
    const handed = await sockets().catch((error: unknown) => {
      throw makeError('UPDATE_FAILED', { reason: (error as Error).message });
    });
    const { numbered, descriptors } = layOut(handed, activated);
    const started = await spawn(request, descriptors);
    this.#child = started.child;
    try {
      return { from: identity, to: await this.#steps(started, numbered) };
    } finally {
      this.#child = undefined;
      this.#pid = undefined;
    }
  }

  #kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
    try {
      if (this.#pid !== undefined) process.kill(this.#pid, signal);
    } catch {
      // It has ended.
    }
  }

  async #steps({ child, tie, said }: Started, sockets: readonly HandedSocket[]): Promise<UpdateReport['to']> {
    const { patience, give, regain } = this.#powers;
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (status, signal) => resolve(signal ?? `exit status ${String(status)}`));
      child.once('error', (error) => resolve(error.message));
    });
    const fail = async (why: string): Promise<never> => {
      await deadline(ended, endingPatience, undefined);
      this.#kill('SIGKILL');
      const ending = await ended;
      const text = (await said()).trim();
      throw makeError('UPDATE_FAILED', { reason: text === '' ? `${why} (${ending})` : text.slice(-2000) });
    };
    tie.on('error', () => {}); // it has ended, and so does what it says
    const next = lineReader<SuccessorMessage>(tie);
    sayLine(tie, { kind: 'sockets', sockets });
    const serving = await deadline(
      next('hello').then((hello) => {
        this.#pid = hello?.pid;
        return hello && next('serving');
      }),
      patience,
      'late',
    );
    if (serving === 'late') return fail('the successor did not come up in time');
    if (serving === undefined) return fail('the successor has ended');
    await give();
    sayLine(tie, { kind: 'take' });
    const taken = await deadline(next('taken'), takingPatience, undefined);
    if (taken !== undefined) return { pid: taken.pid, version: taken.version };
    this.#kill('SIGKILL');
    await ended;
    await regain();
    return fail('the successor has ended when it took the home');
  }
}

/**
 * Which descriptor is which in the successor. Those of a service manager, and those that a configuration names by their number, keep it; the
 * others get numbers that are free.
 */
function layOut(
  sockets: readonly HandedSocket[],
  activated: readonly number[],
): { readonly numbered: readonly HandedSocket[]; readonly descriptors: ReadonlyMap<number, number> } {
  const named = sockets.flatMap(({ listen }) => (listen.kind === 'fd' ? listen.fds : []));
  const descriptors = new Map([...activated, ...named].map((fd) => [fd, fd]));
  let free = firstDescriptor;
  const numbered = sockets.map((socket) => {
    if (socket.listen.kind === 'fd') return socket;
    const fds = socket.fds.map((fd) => {
      while (descriptors.has(free)) free++;
      descriptors.set(free, fd);
      return free;
    });
    return { ...socket, fds };
  });
  return { numbered, descriptors };
}

/** The predecessor as its successor meets it. */
export interface Predecessor {
  readonly sockets: readonly HandedSocket[];
  /** Says that everything is served here as well. Resolves when the home may be taken; rejects where the predecessor has ended. */
  serving(): Promise<void>;
  /** Says that this process has the home. */
  taken(identity: UpdateReport['to']): void;
}

/** The successor's side; `pid` is its own. Rejects with UPDATE_FAILED where nobody speaks. */
export async function meetPredecessor(pid: number, tie: Duplex): Promise<Predecessor> {
  tie.on('error', () => {}); // it has ended, and so does what it says
  const next = lineReader<PredecessorMessage>(tie);
  const gone = (): never => {
    throw makeError('UPDATE_FAILED', { reason: 'the process that was to be replaced has ended' });
  };
  const { sockets } = (await next('sockets')) ?? gone();
  sayLine(tie, { kind: 'hello', pid });
  return {
    sockets: sockets as readonly HandedSocket[],
    async serving() {
      sayLine(tie, { kind: 'serving' });
      if ((await next('take')) === undefined) gone();
    },
    taken({ version }) {
      sayLine(tie, { kind: 'taken', pid, version });
      tie.end();
    },
  };
}
