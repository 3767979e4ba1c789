/** `nanod test [config] [filter]`: runs the tests that workers export, and says which have failed. */

import type { TestName, TestResult } from '../control/contract.ts';
import { count, printable } from '../shared/text.ts';
import type { Command } from './command.ts';
import { configPositional, readConfigArgs } from './config-args.ts';
import type { ConfigArgs } from './config-args.ts';
import { formatJunit } from './junit.ts';
import { makeProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

interface TestArgs extends Omit<ConfigArgs, 'constant'> {
  readonly filter: readonly string[] | undefined;
  readonly json: boolean;
  readonly junit: string | undefined;
  readonly timeout: number;
  readonly verbose: boolean;
}

/** In seconds. */
const defaultTimeout = 60;

export const test: Command<TestArgs> = {
  usage: 'test [config] [filter..]',
  summary: 'Run the tests that workers export',
  build: (yargs) =>
    configPositional(yargs)
      .positional('filter', {
        type: 'string',
        array: true,
        describe: 'SERVICE or SERVICE:ENTRYPOINT, both globs; or more wrangler files',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the results as JSON' })
      .option('junit', {
        type: 'string',
        requiresArg: true,
        describe: 'Write the results to a file as JUnit XML',
      })
      .option('timeout', {
        type: 'number',
        default: defaultTimeout,
        requiresArg: true,
        describe: 'Seconds that a test may take',
      })
      .option('verbose', {
        type: 'boolean',
        default: true,
        describe: 'Write the whole log; negated with no-, only warnings and errors',
      })
      .check(({ timeout }) => {
        if (Number.isFinite(timeout) && timeout > 0) return true;
        throw new UsageError('--timeout: expected a number of seconds');
      })
      .example('$0 test', 'Run every test of ./ecosystem.config.js')
      .example("$0 test config.capnp 'main:test*'", 'Some tests of a configuration of workerd'),
  async run({ json, junit, timeout, verbose, ...args }, { operations, stdout, stderr, interactive }) {
    const progress = makeProgress('bundling', { stderr, interactive });
    const print = (text: string): void => {
      if (!json) stdout(text);
    };
    const { results, warnings } = await operations
      .test({
        ...readTestArgs(args),
        timeout: timeout * 1000,
        verbose,
        onProgress: progress.update,
        onTest: (name) => {
          progress.clear();
          print(`[ TEST ] ${displayName(name)}\n`);
        },
        onResult: (result) => print(formatResult(result)),
      })
      .finally(progress.clear);
    for (const warning of warnings) stderr(`warning: ${warning}\n`);
    stdout(json ? `${JSON.stringify(summarize(results))}\n` : formatSummary(results));
    if (junit !== undefined) await operations.writeReport(junit, formatJunit(results));
    return results.every(({ error }) => error === undefined) ? 0 : 1;
  },
};

/** The filter is what is no file; workerd's form `constant:service:entrypoint` names the constant of a capnp file as well. Throws UsageError. */
function readTestArgs({
  filter: words = [],
  ...args
}: Pick<TestArgs, 'filter'> & Omit<ConfigArgs, 'constant'>): ReturnType<typeof readConfigArgs> & {
  readonly filter: string | undefined;
} {
  const files = words.filter((word) => /\.(?:toml|jsonc?)$/iu.test(word));
  const [filter, ...more] = words.filter((word) => !files.includes(word));
  if (more.length > 0) throw new UsageError('name one filter: SERVICE or SERVICE:ENTRYPOINT');
  const read = readConfigArgs({ ...args, constant: files });
  const [constant, service, entrypoint, ...rest] = filter?.split(':') ?? [];
  const isCapnp = /\.capnp$/iu.test(args.config ?? '');
  if (!isCapnp || entrypoint === undefined || rest.length > 0) return { ...read, filter };
  return { ...read, constant, filter: `${service}:${entrypoint}` };
}

function displayName({ service, entrypoint }: TestName): string {
  return printable(entrypoint === 'default' ? service : `${service}:${entrypoint}`);
}

function formatResult(result: TestResult): string {
  const { ms, error } = result;
  const head = `[ ${error === undefined ? 'PASS' : 'FAIL'} ] ${displayName(result)} (${formatTime(ms)})\n`;
  return error === undefined ? head : head + indent(describe(error));
}

/** As V8 writes it: the stack begins with the name and the message, where there is one. */
export function describe({ name, message, stack }: NonNullable<TestResult['error']>): string {
  const head = message === '' ? name : `${name}: ${message}`;
  return stack.includes(message) && stack !== '' ? stack : `${head}\n${stack}`.trimEnd();
}

function indent(text: string): string {
  return `${printable(text).replaceAll(/^/gmu, '    ')}\n`;
}

/** `3 ms`, `1.25 s` */
function formatTime(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function formatSummary(results: readonly TestResult[]): string {
  const { passed, failed, ms } = summarize(results);
  return `${count(results.length, 'test')}: ${passed} passed, ${failed} failed (${formatTime(ms)})\n`;
}

interface Summary {
  readonly passed: number;
  readonly failed: number;
  /** Of all tests together. */
  readonly ms: number;
  readonly tests: readonly object[];
}

function summarize(results: readonly TestResult[]): Summary {
  const failed = results.filter(({ error }) => error !== undefined).length;
  const tests = results.map(({ service, entrypoint, ms, error }) => {
    const outcome = error === undefined ? { status: 'passed' } : { status: 'failed', error };
    return { service, entrypoint, ms, ...outcome };
  });
  const ms = results.reduce((sum, result) => sum + result.ms, 0);
  return { passed: results.length - failed, failed, ms, tests };
}
