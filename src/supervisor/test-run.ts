/**
 * Runs the tests that workers export, one after the other, on the threads of a deployment that listens to nothing. What a worker's top level
 * throws is a failed test of its default export: the others still run.
 */

import type { Config, WorkerService } from '../config/types.ts';
import type { TestName, TestResult } from '../control/contract.ts';
import type { EvaluationFailure, TestList } from '../messages/control.ts';
import { describeThrown } from '../shared/text.ts';
import { deadline } from './deadline.ts';
import { evaluationError } from './evaluation.ts';
import type { ThreadsApart } from './fleet.ts';
import type { ThreadHandle } from './group-pool.ts';
import type { TestFilter } from './test-filter.ts';

export interface TestRunOptions {
  readonly config: Config;
  readonly threads: ThreadsApart;
  readonly filter: TestFilter;
  /** How long a test may take, in milliseconds. */
  readonly timeout: number;
  /** How long the top level of a worker may take, in milliseconds. */
  readonly evaluationTimeout: number;
  readonly onTest: (name: TestName) => void;
  readonly onResult: (result: TestResult) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

type Failure = NonNullable<TestResult['error']>;

/** A thread says itself when a worker is late, unless the worker blocks it: then this much later nobody waits any more, in milliseconds. */
const blockedAfter = 1000;

/** Resolves with the results, and with the names of the tests that the filter left out. */
export async function runTests(
  options: TestRunOptions,
): Promise<{ readonly results: readonly TestResult[]; readonly others: readonly TestName[] }> {
  const results: TestResult[] = [];
  const others: TestName[] = [];
  for (const service of options.config.services) {
    if (service.kind !== 'worker') continue;
    if (!options.filter.mayMean(service.name)) continue;
    await new WorkerTests(service, options, results, others).run();
  }
  return { results, others };
}

class WorkerTests {
  readonly #worker: WorkerService;
  readonly #options: TestRunOptions;
  readonly #results: TestResult[];
  readonly #others: TestName[];

  constructor(worker: WorkerService, options: TestRunOptions, results: TestResult[], others: TestName[]) {
    this.#worker = worker;
    this.#options = options;
    this.#results = results;
    this.#others = others;
  }

  async run(): Promise<void> {
    const { name: service } = this.#worker;
    const { filter, onTest } = this.#options;
    const { entrypoints, failure } = await this.#list();
    if (failure !== undefined) {
      onTest({ service, entrypoint: 'default' });
      this.#end({ service, entrypoint: 'default' }, 0, this.#describe(failure));
    }
    for (const entrypoint of entrypoints) {
      const test = { service, entrypoint };
      if (filter.means(test)) await this.#runOne(test);
      else this.#others.push(test);
    }
  }

  async #list(): Promise<TestList> {
    const { name: service } = this.#worker;
    const late: TestList = { entrypoints: [], failure: { kind: 'late', service } };
    const thread = await this.#thread();
    try {
      const asked = thread.ask((control) => control.tests(service));
      const list = await deadline(asked, this.#options.evaluationTimeout + blockedAfter, late);
      if (list === late) this.#options.threads.kill(thread);
      return list;
    } catch {
      const { name, message, stack } = await lost(thread);
      return { entrypoints: [], failure: { kind: 'threw', service, name, message, stack } };
    }
  }

  async #runOne(test: TestName): Promise<void> {
    const { onTest, timeout, now, threads } = this.#options;
    const thread = await this.#thread();
    onTest(test);
    const began = now();
    try {
      const asked = thread.ask((control) => control.runTest(test));
      const report = await deadline(asked, timeout, undefined);
      if (report !== undefined) return this.#end(test, report.ms, report.error);
      // It may go on for ever, and the next test is to find nothing of it.
      threads.kill(thread);
      const message = `the test did not end within ${timeout / 1000} s`;
      this.#end(test, now() - began, { name: 'TimeoutError', message, stack: '' });
    } catch {
      this.#end(test, now() - began, await lost(thread));
    }
  }

  #thread(): Promise<ThreadHandle> {
    return this.#options.threads.thread(this.#worker.group);
  }

  #end(test: TestName, ms: number, error: Failure | undefined): void {
    const result = { ...test, ms, error };
    this.#results.push(result);
    this.#options.onResult(result);
  }

  #describe(failure: EvaluationFailure): Failure {
    if (failure.kind === 'threw') return failure;
    if (failure.kind === 'no-entrypoint') throw new Error('nobody has asked for an entrypoint');
    const { message } = evaluationError(failure, this.#options.evaluationTimeout);
    return { name: 'TimeoutError', message, stack: '' };
  }
}

/** A thread that ends in the middle of a test has run out of memory, as a rule. */
async function lost({ ended }: ThreadHandle): Promise<Failure> {
  const reason = await ended.then(() => 'it has ended', describeThrown);
  return { name: 'Error', message: `the thread was lost: ${reason}`, stack: '' };
}
