/** What `nanod doctor` thinks of what it has seen. Pure. */

import type { Finding } from '../control/contract.ts';
import { count } from '../shared/text.ts';
import type { Facts } from './facts.ts';
import { startedBy } from './systemd-unit.ts';

/** The oldest Node.js that runs nanod. */
const oldestNode = 24;
/** Files that a thread may have open at once: connections, mostly. */
const filesPerThread = 1024;

const MB = 1024 * 1024;

type Check = (facts: Facts) => Omit<Finding, 'check'> | undefined;

const ok = (text: string): Omit<Finding, 'check'> => ({ status: 'ok', text });
const warn = (text: string, hint: string): Omit<Finding, 'check'> => ({ status: 'warn', text, hint });
const fail = (text: string, hint: string): Omit<Finding, 'check'> => ({ status: 'fail', text, hint });

const checks: Readonly<Record<string, Check>> = {
  runtime({ node, pinnedNode }) {
    if (Number.parseInt(node, 10) < oldestNode)
      return fail(`Node.js ${node}`, `nanod needs ${oldestNode} or newer: npm rebuild node`);
    if (pinnedNode === undefined || pinnedNode === node) return ok(`Node.js ${node}`);
    return warn(
      `Node.js ${node}, tested with ${pinnedNode}`,
      'run "npm rebuild node" where nanod is installed',
    );
  },
  home({ home, uid }) {
    const { directory, mode, owner, isWritable } = home;
    if (mode === undefined) return ok(`${directory} is not there yet, and will be made`);
    if (uid !== undefined && owner !== uid)
      return fail(`${directory} belongs to somebody else`, 'set NANOD_HOME to a directory of yours');
    if (!isWritable) return fail(`${directory} cannot be written to`, `chmod u+rwx ${directory}`);
    if ((mode & 0o077) !== 0) return warn(`others may enter ${directory}`, `chmod 700 ${directory}`);
    return ok(directory);
  },
  daemon({ daemon, version }) {
    if (daemon === undefined) return warn('no daemon is running', 'nanod start, or nanod resurrect');
    if ('reason' in daemon)
      return fail(`the daemon does not answer: ${daemon.reason}`, 'see logs/nanod.log of its home');
    if (daemon.version !== version)
      return warn(`the daemon is nanod ${daemon.version}, this is ${version}`, 'nanod update');
    return ok(`nanod ${daemon.version}, process ${daemon.pid}`);
  },
  state({ state }) {
    if (state.kind === 'absent') return ok('nothing is deployed');
    if (state.kind === 'unreadable')
      return fail(
        `state.json cannot be read: ${state.reason}`,
        'the next start sets it aside: move it first, if you need it',
      );
    return ok(count(state.state.sources.length, 'configuration'));
  },
  disk({ freeBytes }) {
    if (freeBytes === undefined) return undefined;
    const text = `${Math.floor(freeBytes / MB)} MB are free`;
    if (freeBytes < 100 * MB) return fail(text, 'the state and the logs need more: make room');
    return freeBytes < 1024 * MB ? warn(text, 'logs and versions may fill that') : ok(text);
  },
  files({ openFiles, ...facts }) {
    if (openFiles === undefined) return undefined;
    const threads = threadsOf(facts);
    const text = `${openFiles === Infinity ? 'any number of' : openFiles} open files for ${count(threads, 'thread')}`;
    return openFiles < threads * filesPerThread
      ? warn(text, 'raise the limit: ulimit -Hn, or LimitNOFILE= of the unit')
      : ok(text);
  },
  ports({ ports, firstFreePort, uid }) {
    const taken = ports.find(({ problem }) => problem === 'EADDRINUSE');
    if (taken !== undefined)
      return fail(
        `another process listens on ${taken.address}`,
        `see who it is: ss -ltnp 'sport = :${taken.port}'`,
      );
    const low = ports.find(
      ({ port, problem }) => problem === 'EACCES' || (uid !== 0 && port < firstFreePort),
    );
    if (low !== undefined)
      return warn(
        `${low.address} is a port that not everybody may listen on`,
        `nanod startup --system --low-ports, or sysctl net.ipv4.ip_unprivileged_port_start=${low.port}`,
      );
    const wrong = ports.find(({ problem }) => problem !== undefined);
    if (wrong !== undefined)
      return fail(`${wrong.address}: ${String(wrong.problem)}`, 'give the socket another address');
    return ok(count(ports.length, 'port'));
  },
  kernel({ migratesRequests }) {
    if (migratesRequests === undefined) return undefined;
    return migratesRequests
      ? ok('net.ipv4.tcp_migrate_req is set')
      : warn(
          'net.ipv4.tcp_migrate_req is not set: nanod scale to fewer threads may reset a connection',
          'sysctl net.ipv4.tcp_migrate_req=1',
        );
  },
  systemd({ units, launcher }) {
    const [unit] = units;
    if (unit === undefined) return warn('nothing starts nanod with the machine', 'nanod startup');
    if (unit.missing.length > 0)
      return fail(
        `${unit.path} starts ${unit.missing.join(' and ')}, which is not there`,
        'nanod startup writes it anew',
      );
    if (!(startedBy(unit.text) ?? []).includes(launcher))
      return warn(`${unit.path} starts another nanod than this one`, 'nanod startup writes it anew');
    return ok(unit.path);
  },
  memory(facts) {
    const needed = threadsOf(facts) * threadMemoryOf(facts);
    const limit = Math.min(facts.memory, memoryMaxOf(facts)) / MB;
    const text = `threads may take ${needed} MB of ${Math.floor(limit)} MB`;
    return needed > limit
      ? warn(text, 'fewer threads, a smaller threadMemoryMb, or a larger MemoryMax')
      : ok(text);
  },
  processors(facts) {
    const threads = threadsOf(facts);
    const text = `${count(threads, 'thread')} on ${count(facts.cores, 'processor')}`;
    return threads > facts.cores * 2
      ? warn(text, 'more threads than processors take turns: nanod scale')
      : ok(text);
  },
  clock({ now, installedAt, state }) {
    const newest =
      state.kind === 'read' ? Math.max(0, ...state.state.history.map((each) => each.deployedAt)) : 0;
    if (now < installedAt - 86_400_000)
      return fail(
        `it is ${new Date(now).toISOString()}, before nanod was installed`,
        'set the clock: timedatectl',
      );
    return newest > now + 60_000
      ? warn(
          'something was deployed in the future: the clock has been set back',
          'timedatectl shows whether it is kept right',
        )
      : ok(new Date(now).toISOString());
  },
};

/** In the order of the checks. */
export function findingsOf(facts: Facts): Finding[] {
  return Object.entries(checks).flatMap(([check, judge]) => {
    const finding = judge(facts);
    return finding === undefined ? [] : [{ check, ...finding }];
  });
}

/** Of all groups that are deployed; of one group where nothing is. */
function threadsOf({ state, cores }: Pick<Facts, 'state' | 'cores'>): number {
  if (state.kind !== 'read') return cores;
  const { sources, threads } = state.state;
  const groups = new Map<string, number>();
  for (const { name, threads: wanted } of sources.flatMap(({ config }) => config.groups)) {
    const number = threads[name] ?? (wanted === 'auto' ? cores : wanted);
    groups.set(name, Math.max(groups.get(name) ?? 0, number));
  }
  return groups.size === 0 ? cores : [...groups.values()].reduce((sum, each) => sum + each, 0);
}

function threadMemoryOf({ state }: Facts): number {
  if (state.kind !== 'read') return 0;
  return Math.max(0, ...state.state.sources.map(({ config }) => config.threadMemoryMb));
}

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: MB, G: 1024 * MB, T: MB * MB };

/** In bytes. */
function memoryMaxOf({ units: found, memory }: Facts): number {
  const [, number, unit = ''] = /^MemoryMax=([\d.]+)([KMGT%]?)$/mu.exec(found[0]?.text ?? '') ?? [];
  if (number === undefined) return Infinity;
  return unit === '%' ? (memory * Number(number)) / 100 : Number(number) * (units[unit] ?? 1);
}
