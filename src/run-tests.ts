/** The operation behind `nanod test`: runs the tests that the workers of a configuration export, as `workerd test` does. */

import { writeFile } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import { stopCompiler } from './bundle/compile.ts';
import { CommandFailure, type TestOptions, type TestRun } from './control/contract.ts';
import { errorCode } from './config/powers.ts';
import { load, makeSupervisor, type OperationPowers } from './operations.ts';
import { displayPath } from './shared/display-path.ts';
import { makeError } from './shared/errors.ts';
import { nearest } from './shared/suggest.ts';
import type { LogWriter } from './supervisor/log-writer.ts';
import { makeTestFilter, testName } from './supervisor/test-filter.ts';
import { runTests as runAll } from './supervisor/test-run.ts';
import { readTuning, tuningVariable } from './supervisor/tuning.ts';

/** Throws CommandFailure. */
export async function runTests(options: TestOptions, powers: OperationPowers): Promise<TestRun> {
  const loaded = await load(options, powers);
  // One thread is enough for tests that run one after the other.
  const groups = loaded.config.groups.map((group) => ({ ...group, threads: 1 }));
  const makeLog = async (): Promise<LogWriter> => quieter(await powers.makeLog(), options.verbose);
  const config = { ...loaded.config, groups };
  const { supervisor, plan, warnings } = await makeSupervisor(config, options, { ...powers, makeLog });
  await stopCompiler();
  const { evaluationTimeout } = readTuning(powers.environment[tuningVariable]);
  const { results, others } = await supervisor.apart(plan, (threads) => {
    const filter = makeTestFilter(options.filter);
    return runAll({ ...options, config, threads, filter, evaluationTimeout, now: powers.now });
  });
  if (results.length === 0) {
    const { filter } = options;
    const names = [...config.services.map(({ name }) => name), ...others.map(testName)];
    const suggestion = filter === undefined || names.includes(filter) ? undefined : nearest(filter, names);
    throw new CommandFailure([makeError('TESTS_NOT_FOUND', { filter, suggestion })]);
  }
  return { results, warnings: [...loaded.warnings, ...warnings] };
}

/** pino's number for warnings. */
const warn = 40;

function quieter(log: LogWriter, verbose: boolean): LogWriter {
  if (verbose) return log;
  return {
    write: (message) => {
      if (message.level >= warn) log.write(message);
    },
    log: (level, text, details) => {
      if (level !== 'info') log.log(level, text, details);
    },
  };
}

/** Throws CommandFailure. */
export async function writeReport(path: string, text: string, { cwd }: OperationPowers): Promise<void> {
  const absolute = resolvePath(cwd, path);
  try {
    await writeFile(absolute, text);
  } catch (error) {
    const file = displayPath(absolute, cwd);
    throw new CommandFailure([makeError('OUTPUT_UNWRITABLE', { reason: errorCode(error) }, { file })]);
  }
}
