/**
 * The unit under which systemd runs the daemon, with the sandbox that docs/security.md asks for (docs/decisions/systemd.md says why each line is there,
 * and which are not). Pure; runs in the command line.
 */

import type { StartupScope } from '../control/contract.ts';

export interface UnitOptions {
  readonly scope: StartupScope;
  /** Who it runs as; for the machine's systemd only. */
  readonly user: string;
  /** The daemon's home. Absolute, as all paths here. */
  readonly home: string;
  readonly runtime: string;
  /** bin/nanod.cjs */
  readonly launcher: string;
  /** Further variables of the daemon. */
  readonly environment: Readonly<Record<string, string>>;
  /** As systemd writes it: `80%`, `2G`. */
  readonly memoryMax: string;
  /** Directories besides the home that may be written to. */
  readonly writable: readonly string[];
  /** It may listen on ports below 1024. */
  readonly lowPorts: boolean;
}

/** The first line, by which a unit of nanod's is known. */
export const unitMark = '# Written by nanod startup.';

/** How long threads may take to drain, and then some, in seconds. */
const stopSeconds = 30;

/** The text of the unit file. */
export function formatUnit(options: UnitOptions): string {
  const { scope } = options;
  const isSystem = scope === 'system';
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [
      'Unit',
      [
        'Description=nanod, small services in one process',
        ...(isSystem ? ['Wants=network-online.target', 'After=network-online.target'] : []),
        '# It is never given up.',
        'StartLimitIntervalSec=0',
      ],
    ],
    ['Service', [...serviceLines(options), '', ...sandboxLines(options)]],
    ['Install', [`WantedBy=${isSystem ? 'multi-user' : 'default'}.target`]],
  ];
  const text = sections.map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`).join('\n');
  return `${unitMark} "nanod unstartup" takes it away; changes belong into a drop-in (systemctl edit).\n\n${text}`;
}

function serviceLines(options: UnitOptions): string[] {
  const { scope, user, home, runtime, launcher, memoryMax } = options;
  const variables = Object.entries({ NANOD_HOME: home, ...options.environment });
  return [
    'Type=notify',
    '# systemd-notify speaks for the daemon, and a successor for itself (nanod update).',
    'NotifyAccess=all',
    ...(scope === 'system' ? [`User=${user}`] : []),
    `WorkingDirectory=${escapeSpecifiers(home)}`,
    ...variables.map(([name, value]) => `Environment=${quoteWord(`${name}=${value}`)}`),
    `ExecStart=${[runtime, launcher, 'daemon'].map(quoteArgument).join(' ')}`,
    '# Reads every configuration again.',
    'ExecReload=/bin/kill -HUP $MAINPID',
    'Restart=always',
    'RestartSec=2',
    'TimeoutStartSec=120',
    '# Requests under way may end.',
    `TimeoutStopSec=${stopSeconds}`,
    'KillMode=control-group',
    'WatchdogSec=30',
    'LimitNOFILE=65536',
    'TasksMax=4096',
    `MemoryMax=${memoryMax}`,
    'UMask=0077',
  ];
}

function sandboxLines(options: UnitOptions): string[] {
  const { scope, home, writable, lowPorts } = options;
  const paths = [home, ...writable].map((path) => quoteWord(path));
  return [
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    `ReadWritePaths=${paths.join(' ')}`,
    `ProtectHome=${protectHome(options)}`,
    'PrivateTmp=yes',
    'ProtectKernelTunables=yes',
    'ProtectControlGroups=yes',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallFilter=~@privileged',
    'SystemCallErrorNumber=EPERM',
    '# Not MemoryDenyWriteExecute: V8 makes machine code.',
    ...(scope === 'system' ? privilegedLines(lowPorts) : []),
  ];
}

/** What only the machine's systemd can do: others may not change these sets, and the unit would not start. */
function privilegedLines(lowPorts: boolean): string[] {
  const capabilities = lowPorts ? 'CAP_NET_BIND_SERVICE' : '';
  return [
    `CapabilityBoundingSet=${capabilities}`,
    `AmbientCapabilities=${capabilities}`,
    'PrivateDevices=yes',
    'ProtectClock=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectProc=invisible',
    'RemoveIPC=yes',
  ];
}

/** Directories that ProtectHome= hides. */
const hiddenHomes = ['/home', '/root', '/run/user'];

/** Hidden, where nothing of nanod lies there; what the daemon reads and runs must stay visible otherwise. */
function protectHome({ home, runtime, launcher, writable }: UnitOptions): string {
  const isHidden = (path: string): boolean =>
    hiddenHomes.some((hidden) => path === hidden || path.startsWith(`${hidden}/`));
  return [home, runtime, launcher, ...writable].some(isHidden) ? 'read-only' : 'yes';
}

/** systemd.syntax(7): quotes, and no specifiers. */
function quoteWord(text: string): string {
  const escaped = escapeSpecifiers(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return /[\s"'\\;]/u.test(text) ? `"${escaped}"` : escaped;
}

/** Of a command line, in which variables are replaced as well. */
function quoteArgument(text: string): string {
  return quoteWord(text).replaceAll('$', '$$$$');
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** The program and the script that a unit starts; undefined where it has no such line. */
export function startedBy(unit: string): readonly string[] | undefined {
  const line = /^ExecStart=(.*)$/mu.exec(unit)?.[1];
  if (line === undefined) return undefined;
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/gu)].map((match) => match[1] ?? match[2] ?? '');
  return words
    .slice(0, 2)
    .map((word) => word.replaceAll(/\\(.)/gu, '$1').replaceAll('%%', '%').replaceAll('$$', '$'));
}
