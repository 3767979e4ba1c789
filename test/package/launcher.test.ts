/** The launcher, with a small program in nanod's place, in each of the ways in which it can hand over. */

import { parse, tokenizer } from 'acorn';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Test } from 'tap';
import { makeError } from '../../src/shared/errors.ts';
import type { ErrorCode, ErrorDetails } from '../../src/shared/errors.ts';
import { machineNode, startChild } from '../helpers/child.ts';
import type { Child, Ending } from '../helpers/child.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/nanod.cjs', import.meta.url));
const LAUNCHED = fileURLToPath(new URL('../../src/launched.ts', import.meta.url));

/** Says who it is, then does what its arguments say. */
const PROGRAM = `
import { dieWithLauncher } from './launched.ts';
dieWithLauncher(process);
const [what, detail] = process.argv.slice(2);
const signals = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2'];
if (what === 'serve') for (const signal of signals) process.on(signal, () => console.log('got ' + signal));
if (what === 'serve') setInterval(() => {}, 1000);
console.log(JSON.stringify({ pid: process.pid, args: process.argv.slice(2), pinned: process.env.TEST_PINNED }));
if (what === 'exit') process.exit(Number(detail));
if (what === 'die') process.kill(process.pid, detail);
`;

/** A Node.js that cannot become another program, as before 22.15. */
const WITHOUT_EXECVE = 'Reflect.deleteProperty(process, "execve");';

/** A Node.js that is too old. */
const OLD =
  'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.19.0" } });';

interface Layout {
  /** Version of the package `node`; undefined leaves it out. */
  readonly pinned?: string;
  /** Where its binary is, relative to node_modules. */
  readonly binary?: string;
  /** False leaves the program out. */
  readonly program?: boolean;
}

/** A folder laid out like a clone. */
function layOut(t: Test, { pinned, binary = 'node/bin/node', program = true }: Layout): string {
  const root = mkdtempSync(join(tmpdir(), 'nanod-launcher-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package.json', '{ "type": "module" }');
  write('without-execve.cjs', WITHOUT_EXECVE);
  write('old.cjs', OLD);
  cpSync(LAUNCHER, join(root, 'bin/nanod.cjs'));
  cpSync(LAUNCHED, join(root, 'src/launched.ts'));
  if (program) write('src/main.ts', PROGRAM);
  if (pinned === undefined) return root;
  write('node_modules/node/package.json', JSON.stringify({ name: 'node', version: pinned }));
  const folder = binary.slice(0, binary.indexOf('/'));
  write(`node_modules/${folder}/package.json`, JSON.stringify({ name: folder, version: pinned }));
  write(
    `node_modules/${binary}`,
    `#!/bin/sh\necho starting\nTEST_PINNED=yes exec '${process.execPath}' "$@"\n`,
  );
  chmodSync(join(root, 'node_modules', binary), 0o755);
  return root;
}

interface Launch {
  readonly args?: readonly string[];
  /** Flags of the Node.js that runs the launcher. */
  readonly flags?: readonly string[];
  readonly node?: string;
}

function launch(t: Test, root: string, { args = [], flags = [], node = process.execPath }: Launch): Child {
  return startChild(t, node, [...flags, join(root, 'bin/nanod.cjs'), ...args], { group: true });
}

interface Introduction {
  readonly pid: number;
  readonly args: readonly string[];
  readonly pinned?: string;
}

async function introduction(child: Child): Promise<Introduction> {
  const [line] = await child.printed(/^\{.*\}$/m);
  return JSON.parse(line) as Introduction;
}

function count(child: Child, line: string): number {
  return child.stdout.split('\n').filter((each) => each === line).length;
}

/** What the error table says that the launcher prints. */
function printedError<Code extends ErrorCode>(code: Code, details: ErrorDetails<Code>): string {
  const { message, hint } = makeError(code, details);
  return `error[${code}]: ${message}\n  hint: ${hint}\n`;
}

t.test('the launcher is parsed by a Node.js of any age', async (t) => {
  const source = readFileSync(LAUNCHER, 'utf8');
  parse(source, { ecmaVersion: 2020, allowHashBang: true });
  const tokens = [...tokenizer(source, { ecmaVersion: 2020, allowHashBang: true })].map(
    (token) => token.type.label,
  );
  t.notOk(tokens.includes('?.'), 'no optional chaining');
  t.notOk(tokens.includes('??'), 'no nullish coalescing');
  t.notMatch(source, /require\(['"]node:/, 'no node: prefixes');
});

t.test('the process becomes the pinned runtime where Node.js can do that', async (t) => {
  const child = launch(t, layOut(t, { pinned: '26.1.0' }), { args: ['exit', '7', 'a b'] });
  const program = await introduction(child);
  t.match(program, { pid: child.pid, args: ['exit', '7', 'a b'], pinned: 'yes' });
  t.strictSame(await child.ended, { status: 7, signal: null });
});

t.test('a binary that only the package of the platform has is found', async (t) => {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const folder = `${prefix}-${process.platform}-${process.arch}`;
  const child = launch(t, layOut(t, { pinned: '26.1.0', binary: `${folder}/bin/node` }), {});
  t.equal((await introduction(child)).pinned, 'yes');
});

t.test(
  'without a pinned runtime, or with one that is too old, a Node.js that is new enough runs it',
  async (t) => {
    for (const layout of [{}, { pinned: '18.0.0' }]) {
      const child = launch(t, layOut(t, layout), { args: ['exit', '3'] });
      t.match(await introduction(child), { pid: child.pid, pinned: undefined });
      t.strictSame(await child.ended, { status: 3, signal: null });
    }
  },
);

t.test('without any runtime that is new enough it says so', async (t) => {
  const root = layOut(t, {});
  const child = launch(t, root, { flags: ['--require', join(root, 'old.cjs')] });
  t.strictSame(await child.ended, { status: 1, signal: null });
  t.equal(child.stderr, printedError('NODE_TOO_OLD', { needed: 24, found: '18.19.0' }));
  t.equal(child.stdout, '');
});

t.test('without the program it says so', async (t) => {
  const root = layOut(t, { program: false });
  const child = launch(t, root, {});
  t.strictSame(await child.ended, { status: 1, signal: null });
  t.equal(child.stderr, printedError('PACKAGE_INCOMPLETE', { folder: root }));
});

for (const flags of [[], ['without-execve.cjs']]) {
  const how = flags.length === 0 ? 'replace the process' : 'be started as a child';
  t.test(`a runtime that cannot ${how} is reported`, async (t) => {
    const root = layOut(t, { pinned: '26.1.0' });
    const file = join(root, 'node_modules/node/bin/node');
    writeFileSync(file, '#!/there/is/no/such/interpreter\n');
    const child = launch(t, root, { flags: flags.map((name) => `--require=${join(root, name)}`) });
    t.strictSame(await child.ended, { status: 1, signal: null });
    t.match(child.stderr, `error[RUNTIME_NOT_STARTED]: ${file} cannot be run: `);
  });
}

/** What holds where the launcher stands in front of a child, as it must before Node.js 22.15. */
async function inFront(
  t: Test,
  start: (t: Test, root: string, args: readonly string[]) => Child,
): Promise<void> {
  const root = layOut(t, { pinned: '26.1.0' });

  const endings: [args: string[], ending: Ending][] = [
    [['exit', '7'], { status: 7, signal: null }],
    [['exit', '0'], { status: 0, signal: null }],
    [['die', 'SIGKILL'], { status: null, signal: 'SIGKILL' }],
    [['die', 'SIGTERM'], { status: null, signal: 'SIGTERM' }],
  ];
  for (const [args, ending] of endings) {
    await t.test(`it ends as the child does: ${args.join(' ')}`, async (t) => {
      const child = start(t, root, args);
      const program = await introduction(child);
      t.not(program.pid, child.pid);
      t.equal(program.pinned, 'yes');
      t.strictSame(await child.ended, ending);
    });
  }

  await t.test('each signal arrives exactly once, sent to the launcher or to its whole group', async (t) => {
    const child = start(t, root, ['serve']);
    const program = await introduction(child);
    process.kill(-child.pid, 'SIGINT');
    await child.printed(/^got SIGINT$/m);
    process.kill(child.pid, 'SIGHUP');
    await child.printed(/^got SIGHUP$/m);
    process.kill(child.pid, 'SIGTERM');
    await child.printed(/^got SIGTERM$/m);
    process.kill(program.pid, 'SIGUSR2');
    await child.printed(/^got SIGUSR2$/m);
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM', 'SIGUSR2'])
      t.equal(count(child, `got ${signal}`), 1, signal);
    process.kill(program.pid, 'SIGKILL');
    t.strictSame(await child.ended, { status: null, signal: 'SIGKILL' });
  });

  await t.test('the child does not outlive a launcher that is killed', async (t) => {
    const child = start(t, root, ['serve']);
    await introduction(child);
    process.kill(child.pid, 'SIGKILL');
    // Resolves only when the child's end of the pipe is closed as well.
    t.strictSame(await child.ended, { status: null, signal: 'SIGKILL' });
  });

  await t.test('nor one that is killed before the child has noticed that it has one', async (t) => {
    const child = start(t, root, ['serve']);
    await child.printed(/^starting$/m);
    process.kill(child.pid, 'SIGKILL');
    t.strictSame(await child.ended, { status: null, signal: 'SIGKILL' });
  });
}

t.test('a Node.js that cannot become the runtime stands in front of it', async (t) => {
  await inFront(t, (t, root, args) =>
    launch(t, root, { args, flags: ['--require', join(root, 'without-execve.cjs')] }),
  );
});

const ownNode = machineNode();
t.test("the machine's own Node.js starts the pinned runtime", { skip: ownNode === undefined }, async (t) => {
  const child = launch(t, layOut(t, { pinned: '26.1.0' }), { args: ['exit', '5'], node: String(ownNode) });
  t.equal((await introduction(child)).pinned, 'yes');
  t.strictSame(await child.ended, { status: 5, signal: null });
});

t.test('each signal arrives exactly once in a process that became the runtime', async (t) => {
  const child = launch(t, layOut(t, { pinned: '26.1.0' }), { args: ['serve'] });
  await introduction(child);
  process.kill(-child.pid, 'SIGINT');
  await child.printed(/^got SIGINT$/m);
  process.kill(child.pid, 'SIGTERM');
  await child.printed(/^got SIGTERM$/m);
  t.equal(count(child, 'got SIGINT'), 1);
});
