/** Lists the tests of workers, and runs the test of an entrypoint as a request of its own, which ends with what the test gave to `waitUntil`. */

import { performance } from 'node:perf_hooks';
import type {
  EvaluationFailure,
  TestError,
  TestReport,
  TestSpec,
  ThreadControl,
} from '../messages/control.ts';
import { endRequest, type RequestContext, runInRequest } from '../services/request-context.ts';
import type { Registry } from './registry.ts';

/** What fails a test although its handler has not thrown. What a service that it calls throws, it may have expected. */
const failing: ReadonlySet<string> = new Set(['timer', 'waitUntil']);

let tests = 0;

/** The part of a thread's contract that is about tests. `evaluate`: loads a worker, and says what is wrong with it. */
export function testControl(
  registry: Registry,
  evaluate: (service: string) => Promise<readonly EvaluationFailure[]>,
): Pick<ThreadControl, 'tests' | 'runTest'> {
  return {
    async tests(service) {
      const [failure] = await evaluate(service);
      return { entrypoints: registry.workers(service)[0]?.tests() ?? [], failure };
    },
    async runTest(test) {
      await registry.workers(test.service)[0]?.load(); // the thread may have taken the place of another
      return runTest(registry, test);
    },
  };
}

function runTest(registry: Registry, { service, entrypoint }: TestSpec): Promise<TestReport> {
  const [worker] = registry.workers(service);
  const began = performance.now();
  return new Promise((resolve) => {
    let error: TestError | undefined;
    const report = (): void => resolve({ ms: performance.now() - began, error });
    const context: RequestContext = {
      requestId: `test-${(++tests).toString(36)}`,
      depth: 0,
      onUncaught(uncaught) {
        if (uncaught.service !== service || !failing.has(uncaught.source)) return;
        const { name, message, stack } = uncaught;
        error ??= { name, message, stack };
      },
      // A rejection is reported in the turn in which it ends the wait.
      ends: [() => setImmediate(report)],
    };
    runInRequest(context, () =>
      worker?.runTest(entrypoint, (thrown) => {
        if (thrown !== undefined) error = registry.describeFailure(thrown);
        endRequest(context);
      }),
    );
  });
}
