/**
 * `npm run conformance`: runs the project's own conformance tests and prints how many pass, by area of the platform. Names of areas as
 * arguments restrict it to those; `--json` prints data. Ends with status 1 if a test fails. What is measured is in docs/conformance.md.
 */

import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { buildTap, ROOT, TAP } from './tap.ts';

/** What one area came to. A file that ends before its tests are done counts as a test that failed. */
interface AreaResult {
  readonly area: string;
  readonly files: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The sentences that failed, with their files. */
  readonly failures: readonly string[];
}

interface FileResult {
  passed: number;
  skipped: number;
  failures: string[];
}

const HELP = `usage: npm run conformance -- [options] [area ...]

Runs the conformance tests of the areas named, or of all, and prints how many pass.

  --json   print data
  --list   print the areas and their files, and run nothing
  --help   print this text
`;

/** The files of these folders are conformance tests. */
const FOLDERS = ['test/realm', 'test/contract', 'test/libraries'];

/** By the first word of a file's name in test/realm, where the area is called otherwise. */
const AREA_OF_WORD: Readonly<Record<string, string>> = Object.freeze({
  blob: 'blob/formdata',
  bytes: 'streams',
  compression: 'streams',
  dom: 'errors',
  eventsource: 'websocket',
  foreign: 'clone',
  form: 'blob/formdata',
  headers: 'fetch',
  request: 'fetch',
  response: 'fetch',
});

/** Areas of test/realm's neighbours. */
const AREA_OF_FOLDER: Readonly<Record<string, string>> = Object.freeze({
  'test/contract': 'calls between services',
  'test/libraries': 'libraries',
});

function areaOf(file: string): string {
  const word = basename(file).split(/[-.]/u)[0] ?? '';
  return AREA_OF_FOLDER[dirname(file)] ?? AREA_OF_WORD[word] ?? word;
}

/** The test files by area, both in order. Throws for an area that there is not. */
function findAreas(wanted: readonly string[]): Map<string, string[]> {
  const files = globSync(
    FOLDERS.map((folder) => `${folder}/*.test.ts`),
    { cwd: ROOT },
  ).toSorted();
  const all = Map.groupBy(files, areaOf);
  const unknown = wanted.find((area) => !all.has(area));
  if (unknown !== undefined) throw new Error(`no area "${unknown}"; there are ${[...all.keys()].join(', ')}`);
  const names = wanted.length > 0 ? wanted : [...all.keys()];
  return new Map(names.toSorted().map((area) => [area, all.get(area) ?? []]));
}

/** Runs the files in one run of tap. */
async function runFiles(files: readonly string[]): Promise<Map<string, FileResult>> {
  const args = [TAP, 'run', '--reporter=tap', '--disable-coverage', ...files];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const results = new Map<string, FileResult>();
  const read = makeTapReader(results);
  for await (const line of createInterface({ input: child.stdout })) read(line);
  return results;
}

/** Takes TAP line by line. A subtest that has no subtests of its own is a test; the outermost ones are files. */
function makeTapReader(results: Map<string, FileResult>): (line: string) => void {
  /** The subtests that the line stands in: index 0 is the file. */
  const open: { readonly name: string; hasTests: boolean }[] = [];
  return (line) => {
    const [, indent, started, not, ended] =
      /^((?: {4})*)(?:# Subtest: (.+)|(not )?ok \d+(?: - (.*))?)$/u.exec(line) ?? [];
    if (indent === undefined) return;
    const depth = indent.length / 4;
    if (started !== undefined) {
      const parent = open[depth - 1];
      if (parent !== undefined) parent.hasTests = true;
      open.splice(depth, open.length, { name: started, hasTests: false });
      return;
    }
    const subtest = open.length === depth + 1 ? open.pop() : undefined;
    const file = open[0]?.name ?? subtest?.name ?? '';
    const result = results.get(file) ?? { passed: 0, skipped: 0, failures: [] };
    results.set(file, result);
    const isTest = depth > 0 && subtest?.hasTests === false;
    // A test that is skipped has no body.
    if (/ # (?:SKIP|TODO)/iu.test(ended ?? '')) result.skipped++;
    else if (not === undefined) result.passed += isTest ? 1 : 0;
    else if (isTest) result.failures.push([...open, subtest].map((each) => each?.name).join(': '));
    else if (depth === 0 && result.failures.length === 0) result.failures.push(`${file}: it ended early`);
  };
}

function sum(area: string, files: readonly string[], results: Map<string, FileResult>): AreaResult {
  let passed = 0;
  let skipped = 0;
  const failures: string[] = [];
  for (const file of files) {
    const result = results.get(file);
    passed += result?.passed ?? 0;
    skipped += result?.skipped ?? 0;
    failures.push(...(result?.failures ?? [`${file} was not run`]));
  }
  return { area, files: files.length, passed, failed: failures.length, skipped, failures };
}

function print(areas: readonly AreaResult[]): void {
  const total = (key: 'files' | 'passed' | 'failed' | 'skipped'): number =>
    areas.reduce((count, area) => count + area[key], 0);
  const row = (cells: readonly unknown[]): string =>
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(24) : String(cell).padStart(8))).join('');
  console.log(row(['area', 'files', 'passed', 'failed', 'skipped']));
  for (const { area, files, passed, failed, skipped } of areas)
    console.log(row([area, files, passed, failed, skipped]));
  console.log(row(['all', total('files'), total('passed'), total('failed'), total('skipped')]));
  for (const failure of areas.flatMap(({ failures }) => failures)) console.log(`failed: ${failure}`);
}

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    options: { json: flag, list: flag, help: flag },
    allowPositionals: true,
  });
  if (values.help) return say(HELP);
  const areas = findAreas(positionals);
  if (values.list) return say([...areas].map(([area, files]) => `${area}: ${files.join(' ')}\n`).join(''));
  const built = buildTap();
  if (built !== 0) return built;
  const results = await runFiles([...areas.values()].flat());
  const sums = [...areas].map(([area, files]) => sum(area, files, results));
  if (values.json) console.log(JSON.stringify(sums, undefined, 2));
  else print(sums);
  return sums.some(({ failed }) => failed > 0) ? 1 : 0;
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

process.exitCode = await main();
