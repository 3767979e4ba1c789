/** The commands about the machine: init, doctor, startup, completion, env. Through the real command line. */

import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import type { EnvReport } from '../../src/control/api.ts';
import type { Finding } from '../../src/control/contract.ts';
import { commandNames } from '../../src/cli/commands.ts';
import { makeDaemon } from '../helpers/daemon.ts';
import { LAUNCHER, runNanod, serve, writeFiles } from '../helpers/nanod.ts';

interface Ran {
  readonly status: number | string;
  readonly output: string;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, args, { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? 'killed'), output: stdout + stderr });
    });
  });
}

async function isThere(program: string): Promise<boolean> {
  return (await run('sh', ['-c', `command -v ${program}`])).status === 0;
}

for (const [name, args] of [
  ['JavaScript', []],
  ['TypeScript', ['--ts']],
] as const) {
  t.test(`init writes a deployment that runs, in ${name}`, async (t) => {
    const cwd = writeFiles(t, {});
    const written = await runNanod(t, { cwd, args: ['init', 'site', ...args] });
    t.equal(written.status, 0);
    const again = await runNanod(t, { cwd, args: ['init', 'site', ...args] });
    t.equal(again.status, 1);
    t.match(again.stderr, /^error\[INIT_EXISTS\]: .*ecosystem\.config\.js is there already/);
    const site = join(cwd, 'site');
    t.match(await runNanod(t, { cwd: site, args: ['check', '--evaluate'] }), { status: 0, stderr: '' });
    const nanod = await serve(t, { args: [site, '--socket-addr', 'http=127.0.0.1:0'] });
    t.equal(await (await fetch(`${nanod.url}?name=Ada`)).text(), 'Hello, Ada!\n');
    await nanod.stop();
  });
}

t.test('init writes nothing where one of its files is there', async (t) => {
  const cwd = writeFiles(t, { files: { 'workers/hello.js': 'mine' } });
  const { status } = await runNanod(t, { cwd, args: ['init'] });
  t.equal(status, 1);
  t.notOk(existsSync(join(cwd, 'ecosystem.config.js')));
  t.equal(readFileSync(join(cwd, 'workers/hello.js'), 'utf8'), 'mine');
});

const deployment = {
  config: {
    threads: 1,
    apps: [
      {
        name: 'hello',
        script: 'hello.js',
        bindings: { WORD: 'open sesame', OTHER: { service: 'back' }, LIST: { json: [1] } },
      },
      { name: 'back', script: 'hello.js' },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'hello' }],
  },
  files: { 'hello.js': 'export default { fetch: () => new Response() };' },
};

t.test('doctor says what it finds, and ends with 1 where something fails', async (t) => {
  const daemon = makeDaemon(t, deployment);
  const look = async (): Promise<Map<string, Finding>> => {
    const { stdout } = await daemon.nanod('doctor', '--json');
    return new Map((JSON.parse(stdout) as Finding[]).map((finding) => [finding.check, finding]));
  };
  t.match((await look()).get('daemon'), { status: 'warn', hint: /nanod start/ });
  await daemon.json('start');
  const running = await look();
  t.match(running.get('daemon'), { status: 'ok' });
  t.match(running.get('home'), { status: 'ok', text: daemon.home });
  t.match(running.get('state'), { status: 'ok', text: '1 configuration' });
  for (const check of ['runtime', 'disk', 'ports', 'systemd', 'memory', 'processors', 'clock'])
    t.ok(running.has(check), check);
  chmodSync(daemon.home, 0o755);
  t.match((await look()).get('home'), { status: 'warn', hint: `chmod 700 ${daemon.home}` });
  await daemon.nanod('kill');
  writeFileSync(join(daemon.home, 'state.json'), '{');
  const { status, stdout } = await daemon.nanod('doctor');
  t.equal(status, 1);
  t.match(stdout, /^fail +state +state\.json cannot be read: /m);
  t.equal(readFileSync(join(daemon.home, 'state.json'), 'utf8'), '{', 'nothing is changed');
});

t.test('env shows kinds, and values only where they are asked for', async (t) => {
  const daemon = makeDaemon(t, deployment);
  await daemon.json('start');
  const plain = await daemon.nanod('env', 'hello');
  t.match(plain.stdout, /^WORD +text$/m);
  t.match(plain.stdout, /^OTHER +service +back$/m);
  t.match(plain.stdout, /^fetch\(\) +service +the internet$/m);
  t.notMatch(plain.stdout, /sesame/);
  t.notMatch(JSON.stringify(await daemon.json<EnvReport[]>('env', 'hello')), /sesame/);
  t.match((await daemon.nanod('env', 'hello', '--show-values')).stdout, /^WORD +text +"open sesame"$/m);
  t.match((await daemon.nanod('env', 'helo')).stderr, /did you mean "hello"/);
});

t.test('a shell completes commands, options and services', async (t) => {
  const daemon = makeDaemon(t, deployment);
  await daemon.json('start');
  const bin = writeFiles(t, {
    files: { nanod: `#!/bin/sh\nexec ${process.execPath} ${LAUNCHER} "$@"\n` },
  });
  chmodSync(join(bin, 'nanod'), 0o755);
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    NANOD_HOME: daemon.home,
    PATH: [bin, process.env['PATH']].join(delimiter),
  };
  const cases: [string, readonly string[]][] = [
    ['sta', ['start', 'startup']],
    ['describe he', ['hello']],
    ['stop ', ['hello', 'back', 'all']],
    ['start --po', ['--port']],
    ['completion z', ['zsh']],
  ];
  const scripts: Record<string, (line: string) => string> = {
    bash: (line) => `
      source <(nanod completion bash)
      COMP_WORDS=(nanod ${line}${line.endsWith(' ') ? " ''" : ''}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _nanod_complete; printf '%s\\n' "\${COMPREPLY[@]}"`,
    fish: (line) => `nanod completion fish | source; complete -C 'nanod ${line}'`,
    // Its completion needs a terminal: the functions it calls are replaced.
    zsh: (line) => `
      compdef() { :; }; _files() { :; }
      _describe() { for each in $candidates; do print -r -- "\${each%%:*}"; done | grep -- "^\${words[CURRENT]}"; }
      source <(nanod completion zsh)
      words=(nanod ${line}${line.endsWith(' ') ? " ''" : ''}); CURRENT=\${#words}; _nanod`,
  };
  for (const [shell, script] of Object.entries(scripts)) {
    await t.test(shell, { skip: !(await isThere(shell)) && `there is no ${shell} here` }, async (t) => {
      for (const [line, expected] of cases) {
        const { output } = await run(shell, ['-c', script(line)], env);
        const found = output
          .split('\n')
          .flatMap((each) => each.split('\t', 1))
          .filter((each) => each !== '');
        t.strictSame(found.toSorted(), [...expected].toSorted(), line);
      }
    });
  }
  await daemon.nanod('kill');
  const silent = await daemon.nanod('__complete', 'stop', '');
  t.match(silent, { status: 0, stdout: '', stderr: '' }, 'silent without a daemon');
});

t.test('every command has examples, and help finds them', async (t) => {
  for (const name of commandNames) {
    const { status, stdout } = await runNanod(t, { args: ['help', name] });
    t.equal(status, 0);
    t.match(stdout, /\nExamples:\n/, name);
    t.notMatch(stdout, /\u001b\[/u, 'no colours outside of a terminal');
  }
  t.match(await runNanod(t, { args: ['strat'] }), { status: 2, stderr: /did you mean "start"\?/ });
  t.match(await runNanod(t, { args: ['ls', '--jsn'] }), { status: 2, stderr: /did you mean "--json"\?/ });
});

t.test('startup writes a unit for the user, and unstartup takes it away', async (t) => {
  const config = writeFiles(t, { files: { 'bin/systemctl': '#!/bin/sh\necho "$*" >> "$CALLS"\n' } });
  chmodSync(join(config, 'bin/systemctl'), 0o755);
  const calls = join(config, 'calls');
  const home = join(config, 'ho me');
  const env = {
    XDG_CONFIG_HOME: config,
    NANOD_HOME: home,
    CALLS: calls,
    PATH: [join(config, 'bin'), process.env['PATH']].join(delimiter),
  };
  const path = join(config, 'systemd/user/nanod.service');
  const shown = await runNanod(t, { env, args: ['startup', '--user', '--print', '--memory-max', '512M'] });
  t.equal(shown.status, 0);
  t.notOk(existsSync(path), 'nothing is installed');
  const { stdout } = await runNanod(t, { env, args: ['startup', '--user', '--memory-max', '512M'] });
  t.match(stdout, `wrote ${path}`);
  t.match(stdout, /now type: systemctl --user start nanod\.service/);
  t.match(stdout, /loginctl enable-linger/);
  const unit = readFileSync(path, 'utf8');
  t.equal(unit, shown.stdout);
  t.match(unit, `Environment="NANOD_HOME=${home}"`);
  t.match(unit, /^MemoryMax=512M$/m);
  t.ok(existsSync(home), 'what systemd makes writable is there');
  t.equal(readFileSync(calls, 'utf8'), '--user daemon-reload\n--user enable nanod.service\n');
  const removed = await runNanod(t, { env, args: ['unstartup', '--user', '--json'] });
  t.match(JSON.parse(removed.stdout), { path, isRemoved: true });
  t.notOk(existsSync(path));
  t.match(readFileSync(calls, 'utf8'), /--user disable --now nanod\.service\n--user daemon-reload\n$/);

  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '[Unit]\n');
  for (const command of ['startup', 'unstartup']) {
    const refused = await runNanod(t, { env, args: [command, '--user'] });
    t.match(refused, { status: 1, stderr: /^error\[STARTUP_FAILED\]: .* nanod has not written it/ });
    t.equal(readFileSync(path, 'utf8'), '[Unit]\n');
  }
  for (const args of [
    ['--user', '--system'],
    ['--user', '--low-ports'],
    ['--user', '--memory-max', 'much'],
  ])
    t.match(await runNanod(t, { env, args: ['startup', ...args] }), { status: 2, stderr: /^error\[USAGE\]/ });
});

const hasAnalyze = await isThere('systemd-analyze');
t.test(
  'systemd finds nothing wrong with the units',
  { skip: !hasAnalyze && 'there is no systemd-analyze here' },
  async (t) => {
    const directory = writeFiles(t, { files: { 'user/.keep': '', 'system/.keep': '' } });
    const env = { ...process.env, XDG_RUNTIME_DIR: directory };
    for (const [scope, threshold] of [
      ['system', 30],
      ['user', 70],
    ] as const) {
      const { stdout } = await runNanod(t, {
        env: { NANOD_HOME: directory },
        args: ['startup', `--${scope}`, '--print', '--low-ports'].slice(0, scope === 'system' ? 4 : 3),
      });
      const path = join(directory, scope, 'nanod.service');
      writeFileSync(path, stdout);
      const verified = await run('systemd-analyze', ['verify', `--${scope}`, path], env);
      t.equal(verified.status, 0, verified.output);
      const args = [
        'security',
        `--${scope}`,
        '--offline=true',
        `--threshold=${threshold}`,
        '--no-pager',
        path,
      ];
      const judged = await run('systemd-analyze', args, env);
      t.equal(judged.status, 0, judged.output.slice(-200));
    }
  },
);
