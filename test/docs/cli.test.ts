/** docs/cli.md and the command line say the same. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Test } from 'tap';
import { readPage } from '../helpers/doc-pages.ts';
import { runNanod, serve, single } from '../helpers/nanod.ts';

const page = readPage('docs/cli.md');

/** The part of the page below a heading. */
function section(heading: string): string {
  return page.text.split(/^## /mu).find((part) => part.startsWith(`${heading}\n`)) ?? '';
}

/** Options that the items of a list begin with. */
function documented(heading: string): string[] {
  const items = [...section(heading).matchAll(/^- (.*?):/gmu)].map((match) => String(match[1]));
  return items
    .flatMap((item) => [...item.matchAll(/`(--?[\w-]+)/gu)].map((match) => String(match[1])))
    .toSorted();
}

/** Options, and the commands, that `--help` shows. */
async function helped(t: Test, ...command: string[]): Promise<{ options: string[]; commands: string[] }> {
  const { stdout, status } = await runNanod(t, { args: [...command, '--help'] });
  t.equal(status, 0);
  const lines = stdout.slice(stdout.indexOf('Options:')).split('\n');
  const names = lines
    .filter((line) => /^ +-/u.test(line))
    .flatMap((line) => line.match(/(?<= )--?[a-z-]+(?=[, ]|$)/gu) ?? []);
  const commands = [...stdout.matchAll(/^ {2}nanod (\w+)/gmu)].map((match) => String(match[1]));
  return { options: names.toSorted(), commands };
}

t.test('every option is documented, and every documented option exists', async (t) => {
  const common = documented('Every command');
  const { options, commands } = await helped(t);
  t.strictSame(options, common);
  t.strictSame(
    commands,
    [...page.text.matchAll(/^## nanod (\w+)$/gmu)].map((match) => match[1]),
  );
  for (const command of commands) {
    const own = (await helped(t, command)).options.filter((option) => !common.includes(option));
    t.strictSame(own, documented(`nanod ${command}`), command);
    const synopsis =
      page.fences[0]?.text.split('\n').find((line) => `${line} `.startsWith(`nanod ${command} `)) ?? '';
    const long = own.filter((option) => option.startsWith('--'));
    t.strictSame((synopsis.match(/--[a-z-]+/gu) ?? []).toSorted(), long, synopsis);
  }
});

t.test('every documented field of the log is one, and every other way round', async (t) => {
  const rows = [...section('The log').matchAll(/^\| `(\w+)`/gmu)].map((match) => String(match[1]));
  const shown = page.fences
    .filter(({ language }) => language === 'json')
    .flatMap(({ text }) => text.trim().split('\n'));
  const code = `export default { fetch() { console.log('x'); throw new Error('no'); } };`;
  const nanod = await serve(t, single(code));
  await fetch(nanod.url);
  await nanod.logged(({ err }) => err !== undefined);
  const real = nanod.log().flatMap((line) => Object.keys(line));
  await nanod.stop();
  // Those of a lost thread, and of one that floods; test/e2e/ has both.
  const rare = ['group', 'restartInMs', 'dropped'];
  t.strictSame([...new Set([...real, ...rare])].toSorted(), rows.toSorted());
  for (const line of shown) {
    for (const field of Object.keys(JSON.parse(line) as object)) t.ok(rows.includes(field), field);
  }
});

t.test('every environment variable that nanod reads is documented', async (t) => {
  const rows = [...section('Environment variables').matchAll(/^\| `(\w+)`/gmu)].map((match) =>
    String(match[1]),
  );
  const texts = ['main.ts', 'daemon-process.ts', 'daemon/home.ts'].map((file) =>
    readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8'),
  );
  const read = texts.flatMap((text) => [...text.matchAll(/env(?:ironment)?\['(\w+)'\]/gu)]);
  t.strictSame(
    [...new Set(read.map((match) => String(match[1]))), 'NANOD_TUNING'].toSorted(),
    rows.toSorted(),
  );
});
