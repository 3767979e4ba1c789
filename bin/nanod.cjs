#!/usr/bin/env node
/**
 * The launcher: finds a Node.js that can run nanod, and hands the command line over to it. It owns nothing of nanod itself.
 *
 * Plain JavaScript that a Node.js of any age (12 and newer) can parse, because it is what tells the owner of an old one what is wrong: no `?.`,
 * no `??`, no `node:` prefixes. The runtime pinned as a dependency (npm package `node`) comes first, then the running one.
 * The wording of its errors is that of the error table, src/shared/errors.ts.
 */
'use strict';

const childProcess = require('child_process');
const fs = require('fs');
const nodeModule = require('module');
const os = require('os');
const path = require('path');
const url = require('url');

/** The oldest Node.js major version that runs nanod. */
const OLDEST_MAJOR = 24;

/** Flags that nanod's process needs. A runtime that runs without them is replaced, even if it is new enough. */
const EXEC_ARGV = [];

/** Names the file descriptor by whose close a child learns that its launcher has gone; see src/launched.ts. */
const TIE_VARIABLE = 'NANOD_LAUNCHER_FD';

/** Signals that are meant for nanod, not for the launcher in front of it. SIGTSTP is stopped in `passOnSignals`. */
const FORWARDED_SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGCONT',
];

launch();

function launch() {
  delete process.env[TIE_VARIABLE];
  const main = findMain();
  if (path.extname(main) === '.ts') keepCompiled();
  const pinned = findPinnedRuntime();
  if (pinned === undefined && majorOf(process.versions.node) < OLDEST_MAJOR) {
    fail(
      'NODE_TOO_OLD',
      'nanod needs Node.js ' +
        OLDEST_MAJOR +
        ' or newer; this is ' +
        process.versions.node +
        ', and no runtime is pinned',
      'run "npm rebuild node" where nanod is installed (npm downloads the pinned runtime with an install script, ' +
        'which must be allowed to run), or install a newer Node.js',
    );
  }
  const runtime = pinned === undefined ? process.execPath : pinned;
  if (isRunning(runtime)) runHere(main);
  else handOver(runtime, main);
}

/** The program: its source in a clone of the repository, what was compiled from it in a package. */
function findMain() {
  const root = path.dirname(__dirname);
  const candidates = [path.join(root, 'src', 'main.ts'), path.join(root, 'dist', 'main.js')];
  const main = candidates.find((file) => fs.existsSync(file));
  if (main === undefined) {
    fail('PACKAGE_INCOMPLETE', 'neither src/main.ts nor dist/main.js is in ' + root, 'install nanod again');
  }
  return main;
}

/**
 * In a clone, Node.js removes types at each start, in each thread, which takes time and 17 MB. What has come of it is kept beside the
 * dependencies. A variable, because that reaches a runtime that takes this one's place.
 */
function keepCompiled() {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return;
  process.env.NODE_COMPILE_CACHE = path.join(
    path.dirname(__dirname),
    'node_modules',
    '.cache',
    'nanod',
    'compiled',
  );
}

/** The binary of the pinned runtime, wherever the package manager has put it; undefined if there is none of use. */
function findPinnedRuntime() {
  const manifest = resolveFrom('node/package.json', __dirname);
  if (manifest === undefined || majorOf(readVersion(manifest)) < OLDEST_MAJOR) return undefined;
  const folder = path.dirname(manifest);
  // The package `node` links its binary from a second package, one for each platform.
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const platformManifest = resolveFrom([prefix, platform, process.arch].join('-') + '/package.json', folder);
  const folders = platformManifest === undefined ? [folder] : [folder, path.dirname(platformManifest)];
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return folders.map((each) => path.join(each, 'bin', name)).find(isExecutable);
}

function resolveFrom(request, folder) {
  try {
    return require.resolve(request, { paths: [folder] });
  } catch (error) {
    return undefined;
  }
}

function readVersion(manifest) {
  try {
    return String(JSON.parse(fs.readFileSync(manifest, 'utf8')).version);
  } catch (error) {
    return '0';
  }
}

function majorOf(version) {
  return parseInt(version, 10);
}

function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch (error) {
    return false;
  }
}

/** True if this process is that runtime already, with the flags that nanod needs. */
function isRunning(runtime) {
  const flagged = EXEC_ARGV.every((flag) => process.execArgv.indexOf(flag) !== -1);
  return flagged && fs.realpathSync(runtime) === fs.realpathSync(process.execPath);
}

function runHere(main) {
  // The variable was not there yet when this process started.
  if (process.env.NODE_COMPILE_CACHE !== undefined && nodeModule.enableCompileCache !== undefined)
    nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  import(url.pathToFileURL(main).href).catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

/** Replaces this process by the runtime where Node.js can do that, and otherwise stands in front of it. */
function handOver(runtime, main) {
  const args = EXEC_ARGV.concat(process.execArgv, main, process.argv.slice(2));
  if (typeof process.execve !== 'function' || process.platform === 'win32') {
    runChild(runtime, args);
    return;
  }
  try {
    process.execve(runtime, [runtime].concat(args), process.env);
  } catch (error) {
    failToStart(runtime, error);
  }
}

/**
 * Runs the runtime as a child that can be told from this process only by its id: the same terminal, every signal exactly once, the
 * same end, and no life after this process's.
 */
function runChild(runtime, args) {
  const descriptors = activatedDescriptors();
  const tie = 3 + descriptors.length;
  const env = Object.assign({}, process.env, { [TIE_VARIABLE]: String(tie) });
  // They are the child's now, whose id nobody knows yet.
  if (descriptors.length > 0) delete env.LISTEN_PID;
  const child = childProcess.spawn(runtime, args, {
    // The child sees the end of the last, a socket, when this process ends in whatever way, SIGKILL included.
    stdio: ['inherit', 'inherit', 'inherit'].concat(descriptors, 'pipe'),
    env,
    // A session of its own: a terminal sends its signals (Ctrl-C) to the whole foreground group, and a child in that group would
    // get them twice, once from the terminal and once from here. On Windows this would open a second console.
    detached: process.platform !== 'win32',
  });
  child.on('error', (error) => failToStart(runtime, error));
  child.on('exit', endLike);
  child.stdio[tie].on('error', () => {});
  passOnSignals(child);
}

/** What a service manager has handed to this process (sd_listen_fds): to be handed on. */
function activatedDescriptors() {
  const count = /^\d{1,4}$/.test(process.env.LISTEN_FDS || '') ? Number(process.env.LISTEN_FDS) : 0;
  const isMeant = [undefined, String(process.pid)].indexOf(process.env.LISTEN_PID) !== -1;
  return isMeant ? Array.from({ length: count }, (_, index) => 3 + index) : [];
}

function passOnSignals(child) {
  if (process.platform === 'win32') {
    // The console has told the child already.
    process.on('SIGINT', () => {});
    return;
  }
  FORWARDED_SIGNALS.forEach((signal) => process.on(signal, () => child.kill(signal)));
  // Ctrl-Z. The child's session has no terminal, where SIGTSTP means nothing.
  process.on('SIGTSTP', () => {
    child.kill('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
}

/** Ends this process with the same status, or by the same signal. */
function endLike(status, signal) {
  if (signal === null) process.exit(status);
  process.removeAllListeners(signal);
  try {
    process.kill(process.pid, signal);
  } finally {
    // Still here only if the signal does not end this process; then say what a shell would.
    setImmediate(() => process.exit(128 + os.constants.signals[signal]));
  }
}

function failToStart(runtime, error) {
  const message = runtime + ' cannot be run: ' + error.message;
  fail('RUNTIME_NOT_STARTED', message, 'run "npm rebuild node" where nanod is installed');
}

function fail(code, message, hint) {
  fs.writeSync(2, 'error[' + code + ']: ' + message + '\n  hint: ' + hint + '\n');
  process.exit(1);
}
