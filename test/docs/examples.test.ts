/** Every example of the pages works as it stands there. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startChild } from '../helpers/child.ts';
import { docPages, fileOf, readPage } from '../helpers/doc-pages.ts';
import type { DocPage } from '../helpers/doc-pages.ts';
import { patternOf, Session, stepsOf } from '../helpers/doc-session.ts';
import { runNanod } from '../helpers/nanod.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Its example is a configuration of workers that it does not show; test/config/docs.test.ts checks it. */
const withoutProject = 'docs/configuration.md';

/** The repository's own deployment, in a directory beside it. */
const repository = {
  'ecosystem.config.mjs': `
import { join } from 'node:path';
import examples from ${JSON.stringify(new URL('../../ecosystem.config.js', import.meta.url).href)};
const apps = examples.apps.map((app) => ({ ...app, script: join(${JSON.stringify(ROOT)}, app.script) }));
export default { ...examples, apps, sockets: examples.sockets.map((socket) => ({ ...socket, address: '127.0.0.1:0' })) };`,
};

function filesOf(page: DocPage): Record<string, string> {
  const files = page.fences.map(fileOf).filter((file) => file !== undefined);
  return Object.fromEntries(files.map(({ path, text }) => [path, text]));
}

/** The text on a machine with another number of threads. */
function withoutCounts(text: string): string {
  return text.replaceAll(/\bon \d+ threads?\b/gu, 'on N threads');
}

const pages = docPages();

function jsonParts(text: string): readonly string[] {
  return text.startsWith('{\n') ? [text] : text.trim().split('\n');
}

t.test('every block of a page says what it is', async (t) => {
  for (const page of pages) {
    for (const fence of page.fences) {
      const { language, note, text } = fence;
      t.match(language, /^(js|ts|json|capnp|toml|console|sh|text)$/u, `${page.path}: ${text.slice(0, 40)}`);
      if (language === 'js' || language === 'ts') {
        t.not(fileOf(fence), undefined, `${page.path} names the file of ${text.slice(0, 40)}`);
      }
      if (language === 'console') t.match(note, /^(examples)?$/u);
      // A document, or a log of one document a line.
      if (language === 'json') for (const part of jsonParts(text)) JSON.parse(part);
    }
    const fenceLines = [...page.text.matchAll(/^ *```/gmu)].length;
    t.equal(
      fenceLines,
      2 * page.fences.length,
      `${page.path} has no block without a language, or within a list`,
    );
  }
});

t.test('commands for a clone are scripts that it has', async (t) => {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: object };
  const commands = pages.flatMap(({ fences }) => fences.filter(({ language }) => language === 'sh'));
  for (const command of commands.flatMap(({ text }) => text.trim().split(/\n| && /u))) {
    if (command === 'npm ci') continue;
    const name = /^npm (?:run )?(?:--silent )?([\w:]+)$/u.exec(command)?.[1] ?? command;
    t.ok(Object.hasOwn(scripts, name), command);
  }
});

for (const page of pages) {
  const consoles = page.fences.filter(({ language }) => language === 'console');
  const files = filesOf(page);
  if (page.path === withoutProject) continue;

  if (Object.keys(files).length > 0) {
    t.test(`the workers of ${page.path} can be bundled and evaluated`, async (t) => {
      const scripts = Object.keys(files).filter(
        (path) => !path.includes('.config.') && !files[path]?.includes('createServer'),
      );
      const apps = scripts.map((script, index) => ({
        name: `worker-${index}`,
        script,
        compatibilityFlags: files[script]?.includes("'node:") ? ['nodejs_compat'] : [],
      }));
      const sources = Object.fromEntries(scripts.map((path) => [path, files[path] ?? '']));
      const outcome = await runNanod(t, { config: { apps }, files: sources, args: ['check', '--evaluate'] });
      t.match(outcome, { status: 0, stderr: '' });
    });
  }

  if (consoles.length > 0) {
    t.test(`the sessions of ${page.path} print what they show`, async (t) => {
      const own = new Session(t, { files });
      const examples = new Session(t, { files: repository });
      if (consoles.some(({ note }) => note === 'examples')) await examples.serve();
      for (const { note, text } of consoles) {
        const session = note === 'examples' ? examples : own;
        for (const { command, expected } of stepsOf(text)) {
          const printed = await session.run(command);
          t.match(withoutCounts(printed), patternOf(withoutCounts(expected)), command);
        }
      }
      t.strictSame([await own.end(), await examples.end()], [0, 0]);
    });
  }
}

t.test('the examples in TypeScript have the types that they say', async (t) => {
  const files = Object.assign({}, ...pages.map(filesOf)) as Record<string, string>;
  const typed = Object.entries(files).filter(([path]) => path.endsWith('.ts'));
  t.ok(typed.length > 0);
  const folder = t.testdir({
    'tsconfig.json': JSON.stringify({
      extends: join(ROOT, 'workers/tsconfig.json'),
      compilerOptions: { paths: { nanod: [join(ROOT, 'src/worker-types.ts')] } },
      include: [join(ROOT, 'src/types.d.ts'), './**/*.ts'],
    }),
  });
  for (const [path, text] of typed) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const child = startChild(t, process.execPath, [compiler, '-p', folder]);
  const { status } = await child.ended;
  t.equal(child.stdout, '');
  t.equal(status, 0);
});

t.test('the README shows a worker and its configuration in about twenty lines', async (t) => {
  const files = Object.values(filesOf(readPage('README.md')));
  const lines = files.flatMap((text) => text.trim().split('\n').slice(1));
  t.ok(lines.length <= 25, `${lines.length} lines`);
});
