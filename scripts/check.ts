/**
 * `npm run check`: everything that can be said about the source without running it. The steps are independent of each other, so they
 * run side by side, as many as there are cores; what each prints stays together. Ends with status 1 if any of them fails.
 * Names of steps as arguments restrict it to those: `npm run check -- lint types`.
 */

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

interface Step {
  readonly name: string;
  /** A file under node_modules, or of the repository, that Node runs. */
  readonly script: string;
  readonly args: readonly string[];
}

interface Outcome {
  readonly step: Step;
  readonly passed: boolean;
  readonly output: string;
  readonly seconds: number;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The longest first: the others fit beside them. */
const STEPS: readonly Step[] = [
  // Twice, because the prelude has types of its own, and each half takes one core most of its time.
  {
    name: 'lint',
    script: 'node_modules/eslint/bin/eslint.js',
    args: ['.', '--max-warnings=0', '--ignore-pattern=src/realm/prelude/**'],
  },
  {
    name: 'prelude-lint',
    script: 'node_modules/eslint/bin/eslint.js',
    args: ['src/realm/prelude', '--max-warnings=0'],
  },
  { name: 'types', script: 'node_modules/typescript/bin/tsc', args: ['-p', 'tsconfig.json', '--pretty'] },
  {
    name: 'prelude-types',
    script: 'node_modules/typescript/bin/tsc',
    args: ['-p', 'src/realm/prelude/tsconfig.json', '--pretty'],
  },
  {
    name: 'nodejs-types',
    script: 'node_modules/typescript/bin/tsc',
    args: ['-p', 'src/nodejs/tsconfig.json', '--pretty'],
  },
  { name: 'worker-types', script: 'node_modules/typescript/bin/tsc', args: ['-p', 'workers', '--pretty'] },
  { name: 'type-tests', script: 'node_modules/typescript/bin/tsc', args: ['-p', 'test/types', '--pretty'] },
  {
    name: 'cloudflare-types',
    script: 'node_modules/typescript/bin/tsc',
    args: ['-p', 'test/types/cloudflare', '--pretty'],
  },
  {
    name: 'format',
    script: 'node_modules/prettier/bin/prettier.cjs',
    args: ['--check', '--log-level=warn', '.'],
  },
  {
    name: 'imports',
    script: 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.mjs', 'src', 'bench', 'scripts', 'test'],
  },
  { name: 'errors-doc', script: 'scripts/errors-doc.ts', args: ['--check'] },
  { name: 'config-doc', script: 'scripts/config-doc.ts', args: ['--check'] },
  { name: 'schema', script: 'scripts/schema.ts', args: ['--check'] },
  { name: 'types-doc', script: 'scripts/worker-globals.ts', args: ['--check'] },
];

/** Resolves when the step has ended, however it did. Its output is held back until then. */
function run(step: Step): Promise<Outcome> {
  const started = performance.now();
  const env = { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' };
  const child = spawn(process.execPath, [step.script, ...step.args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((resolve) => {
    child.on('error', (error) => (output += error.message));
    child.on('close', (status) => {
      resolve({
        step,
        passed: status === 0,
        output: output.trim(),
        seconds: (performance.now() - started) / 1000,
      });
    });
  });
}

function report({ step, passed, output, seconds }: Outcome): void {
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${step.name} (${seconds.toFixed(1)} s)`);
  if (!passed) console.log(`${output}\n`);
}

/** Takes steps from the queue until it is empty. */
async function work(queue: Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const outcome = await run(step);
    report(outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** The steps to run. Throws for a name that is none. */
function select(names: readonly string[]): Step[] {
  const unknown = names.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new Error(`no step "${unknown}"; there are ${STEPS.map((step) => step.name).join(', ')}`);
  }
  return STEPS.filter((step) => names.length === 0 || names.includes(step.name));
}

const queue = select(process.argv.slice(2));
const workers = Array.from({ length: availableParallelism() }, () => work(queue));
const outcomes = (await Promise.all(workers)).flat();
const failed = outcomes.filter((outcome) => !outcome.passed);
if (failed.length > 0) {
  console.log(`failed: ${failed.map((outcome) => outcome.step.name).join(', ')}`);
  process.exitCode = 1;
}
