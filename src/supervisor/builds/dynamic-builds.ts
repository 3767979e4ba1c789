/**
 * Answers the threads' questions for bundles of code that is given at run time. The work is done in a process of its own, one piece at a
 * time: code that takes too long there, or too much memory, ends that process, and nothing else. Runs in the supervisor.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import type { BuildAnswer, BuildOutcome, BuildQuestion, DynamicCode } from '../../messages/builds.ts';
import { KnownBuilds } from './known-builds.ts';

const entry = fileURLToPath(new URL(`./build-process${extname(import.meta.url)}`, import.meta.url));

/** What the build process may take. Times in milliseconds. */
export interface BuildLimits {
  /** Of its heap. */
  readonly memoryMb: number;
  /** For one worker. */
  readonly time: number;
  /** It ends when it has had nothing to do for so long. */
  readonly idle: number;
}

export const defaultBuildLimits: BuildLimits = Object.freeze({ memoryMb: 512, time: 30_000, idle: 30_000 });

interface Job {
  readonly port: MessagePort;
  readonly question: BuildQuestion;
}

export class DynamicBuilds {
  readonly #limits: BuildLimits;
  readonly #known = new KnownBuilds();
  readonly #queue: Job[] = [];
  #process: ChildProcess | undefined;
  #isBusy = false;
  #idle: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(limits: BuildLimits = defaultBuildLimits) {
    this.#limits = limits;
  }

  /** Answers what comes through a thread's port, until the port closes. */
  connect(port: MessagePort): void {
    port.on('message', (question: BuildQuestion) => {
      this.#queue.push({ port, question });
      void this.#work();
    });
  }

  /** Nothing is answered any more. */
  stop(): void {
    this.#isStopped = true;
    this.#queue.length = 0;
    if (this.#isBusy) this.#kill();
    this.#end();
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    clearTimeout(this.#idle);
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      const outcome = await this.#outcomeOf(job.question.code);
      job.port.postMessage({ id: job.question.id, outcome } satisfies BuildAnswer);
    }
    this.#isBusy = false;
    this.#idle = setTimeout(() => this.#end(), this.#limits.idle).unref();
  }

  async #outcomeOf(code: DynamicCode): Promise<BuildOutcome> {
    const key = keyOf(code);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const outcome = await this.#build(code);
    if ('bundle' in outcome) this.#known.add(key, outcome);
    return outcome;
  }

  #build(code: DynamicCode): Promise<BuildOutcome> {
    if (this.#isStopped) return Promise.resolve({ problem: 'nanod is stopping' });
    const { time } = this.#limits;
    const child = (this.#process ??= this.#start());
    return new Promise((resolve) => {
      const done = (outcome: BuildOutcome): void => {
        clearTimeout(timer);
        child.off('message', answered).off('error', fail).off('exit', fail);
        resolve(outcome);
      };
      const answered = (message: unknown): void => done(message as BuildOutcome);
      const fail = (): void => {
        this.#kill();
        done({ problem: 'bundling it takes more memory than there is for that' });
      };
      const timer = setTimeout(() => {
        this.#kill();
        done({ problem: `bundling it takes longer than ${time / 1000} s` });
      }, time);
      child.on('message', answered).on('error', fail).on('exit', fail);
      child.send(code, (error) => {
        if (error !== null) fail();
      });
    });
  }

  #start(): ChildProcess {
    const child = fork(entry, [], {
      env: {},
      execArgv: ['--no-warnings', `--max-old-space-size=${this.#limits.memoryMb}`],
      serialization: 'advanced',
      // What V8 says where memory runs out is of no use to anybody.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // It is the threads that ask who keep this process alive.
    child.unref();
    child.channel?.unref();
    child.on('error', () => {});
    return child;
  }

  /** It has nothing to do: it ends by itself. */
  #end(): void {
    clearTimeout(this.#idle);
    const child = this.#process;
    this.#process = undefined;
    if (child?.connected === true) child.disconnect();
  }

  #kill(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }
}

/** Messages and sources are named by nothing but the code, the name of the worker aside: that is only in what is wrong. */
function keyOf({ compatibilityFlags, compatibilityDate, modules }: DynamicCode): string {
  return createHash('sha256')
    .update(JSON.stringify([compatibilityDate, compatibilityFlags]))
    .update(modules)
    .digest('base64url');
}
