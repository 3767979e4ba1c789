/** docs/vps.md, typed into a shell word by word, in a home of its own; without what needs root or a network. */

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { readPage } from '../helpers/doc-pages.ts';
import { stepsOf } from '../helpers/doc-session.ts';
import { LAUNCHER } from '../helpers/nanod.ts';

/** The port that the page shows. Here the system chooses one. */
const shownPort = '8787';

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(String(port)));
    });
  });
}

/** `…` stands for the rest of a line; in a line of its own, for any lines. The number of threads is the machine's. */
function patternOf(expected: string): RegExp {
  const lines = expected.split('\n').map((line) => {
    if (line === '…') return '[^]*';
    return line.split('…').map(RegExp.escape).join('[^\\n]*');
  });
  return new RegExp(`^${lines.join('\\n')}$`, 'u');
}

function withoutCounts(text: string): string {
  return text.replaceAll(/\bon \d+ threads?\b/gu, 'on N threads');
}

t.test('a server is set up as the page says', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'nanod-vps-'));
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const programs = {
    nanod: `exec ${process.execPath} ${LAUNCHER} "$@"`,
    systemctl: 'exit 0', // of whoever runs the tests, nothing is changed
    curl: `exec ${(await shell('command -v curl', home, process.env)).trim()} --silent "$@"`,
  };
  for (const [name, line] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    HOME: home,
    NANOD_HOME: undefined,
    XDG_CONFIG_HOME: undefined,
    PATH: [bin, process.env['PATH']].join(delimiter),
  };
  t.teardown(async () => {
    await shell('nanod kill', home, env);
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  });
  const port = await freePort();
  const { fences } = readPage('docs/vps.md');
  const steps = fences.filter(({ note }) => note === 'vps').flatMap(({ text }) => stepsOf(text));
  let cwd = home;
  for (const { command, expected } of steps) {
    if (command.startsWith('cd ')) {
      cwd = join(cwd, command.slice('cd '.length));
      continue;
    }
    const printed = await shell(command.replaceAll(shownPort, port), cwd, env);
    const shown = withoutCounts(printed.trimEnd().replaceAll(port, shownPort));
    t.match(shown, patternOf(withoutCounts(expected)), command);
    if (!command.startsWith('nanod init')) continue;
    const config = join(cwd, 'site', 'ecosystem.config.js');
    writeFileSync(config, readFileSync(config, 'utf8').replace(shownPort, port));
  }
});

/** Resolves with everything that a command prints. */
function shell(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd, env }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}
