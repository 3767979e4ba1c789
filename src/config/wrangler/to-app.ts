/** One wrangler file as an app of dialect 1, or as a service of static files where it has no code. Runs in the supervisor. */
import { dirname } from 'node:path';
import { quote } from '../../shared/text.ts';
import { describeValue } from '../plain-copy.ts';
import { formatPath } from '../problems.ts';
import { plain, record, wrong } from '../traced.ts';
import type { Origin, Traced } from '../traced.ts';
import type { Part } from './part.ts';
import { warn } from './settings.ts';
import type { Reading, Settings } from './settings.ts';
import { convertBindings } from './to-bindings.ts';

/** Values beside the file that are bindings of the worker as well, by name. */
export type Secrets = ReadonlyMap<string, Traced>;

/** Where the file stands in dialect 1. */
export interface Converted {
  readonly kind: 'app' | 'service';
  readonly value: Traced;
  /** What routes and sockets call it; `undefined` when its name was wrong. */
  readonly name: string | undefined;
}

type Members = [string, Traced | undefined][];

/** `path`: absolute, of the file. */
export function convertWorker(
  settings: Settings,
  path: string,
  secrets: Secrets,
  reading: Reading,
): Converted {
  const { root, own, get } = settings;
  const directory = dirname(path);
  const name = nameOf(settings);
  const named: Members = [['name', name ?? missing('name', 'the name of the worker', own, reading)]];
  const assets = get('assets');
  if (get('main') === undefined && assets !== undefined) {
    const value = record(
      [...named, ['kind', assets.plain('assets')], ...assetMembers(assets, directory)],
      assets.origin,
    );
    return { kind: 'service', value, name: textOf(name) };
  }
  const members: Members = [
    ...named,
    ['script', get('main')?.file(directory) ?? missing('main', 'the path of a script', own, reading)],
    ['compatibilityDate', get('compatibility_date')?.mirror()],
    ['compatibilityFlags', get('compatibility_flags')?.mirror()],
    ...buildMembers(settings, directory, reading),
    ['bindings', convertBindings(settings, secrets, reading)],
    ['assets', assets && convertAssets(assets, directory)],
    ['limits', convertLimits(get('limits'))],
    ['triggers', convertTriggers(get('triggers'))],
  ];
  return { kind: 'app', value: record(members, own === root ? root.origin : own.origin), name: textOf(name) };
}

function missing(key: string, expected: string, own: Part, { problems }: Reading): Traced {
  problems.report('CONFIG_MISSING', { expected }, { ...own.place, path: formatPath([...own.path, key]) });
  return wrong(own.origin);
}

/** An environment without a name of its own has that of the file with the environment behind it. */
function nameOf({ root, own, environment }: Settings): Traced | undefined {
  const written = own.member('name') ?? root.member('name');
  if (written === undefined || environment === undefined || own.member('name') !== undefined) {
    return written?.mirror();
  }
  return written.text === undefined ? written.mirror() : written.plain(`${written.text}-${environment}`);
}

function textOf(part: Traced | undefined): string | undefined {
  return part?.kind === 'plain' && typeof part.value === 'string' ? part.value : undefined;
}

function buildMembers({ get }: Settings, directory: string, reading: Reading): Members {
  const noBundle = get('no_bundle');
  return [
    ['bundle', noBundle?.value === false ? undefined : not(noBundle)],
    ['baseDir', get('base_dir')?.file(directory)],
    ['findAdditionalModules', get('find_additional_modules')?.mirror()],
    ['rules', convertRules(get('rules'), reading)],
    ['alias', convertAlias(get('alias'), directory)],
    ['define', get('define')?.mirror()],
    ['tsconfig', get('tsconfig')?.file(directory)],
    ['minify', get('minify')?.mirror()],
  ];
}

function not(part: Part | undefined): Traced | undefined {
  return typeof part?.value === 'boolean' ? part.plain(!part.value) : part?.mirror();
}

/** Kinds of modules by wrangler's words for them. */
const ruleKinds: Readonly<Record<string, string>> = {
  ESModule: 'esModule',
  CommonJS: 'commonJs',
  Text: 'text',
  Data: 'data',
  CompiledWasm: 'wasm',
};

function convertRules(rules: Part | undefined, reading: Reading): Traced | undefined {
  if (rules?.items === undefined) return rules?.mirror();
  const items = rules.items.map((rule) => convertRule(rule, reading));
  return items.length === 0 ? undefined : { kind: 'list', items, origin: rules.origin };
}

/** `fallthrough` says nothing here: a rule never keeps others from being looked at. */
function convertRule(rule: Part, { problems }: Reading): Traced {
  if (!rule.isRecord) return rule.mirror();
  const type = rule.member('type');
  const kind = type?.text === undefined ? undefined : ruleKinds[type.text];
  if (type !== undefined && kind === undefined) {
    const expected = `one of ${Object.keys(ruleKinds).join(', ')}`;
    problems.report('CONFIG_VALUE', { expected, found: describeValue(type.value) }, type.place);
  }
  const globs = rule.member('globs');
  const members: Members = [
    ['kind', type && (kind === undefined ? wrong(type.origin) : type.plain(kind))],
    ['globs', globs?.mirror()],
  ];
  return record(members, rule.origin);
}

/** Names of files stand for files beside the configuration, other names for packages. */
function convertAlias(alias: Part | undefined, directory: string): Traced | undefined {
  if (alias?.isRecord !== true) return alias?.mirror();
  const members = alias.members.map(([name, target]): [string, Traced] => {
    const isFile = /^\.{0,2}\//u.test(target.text ?? '');
    return [name, isFile ? target.file(directory) : target.mirror()];
  });
  return record(members, alias.origin);
}

/** Keys of wrangler by their names in dialect 1; others are passed on, and refused there. */
function renamed(part: Part, names: Readonly<Record<string, string>>): [string, Part][] {
  return part.members.map(([key, member]) => [Object.hasOwn(names, key) ? String(names[key]) : key, member]);
}

const assetNames = {
  html_handling: 'htmlHandling',
  not_found_handling: 'notFoundHandling',
  run_worker_first: 'runWorkerFirst',
};

function convertAssets(assets: Part, directory: string): Traced {
  return assets.isRecord ? record(assetMembers(assets, directory), assets.origin) : assets.mirror();
}

function assetMembers(assets: Part, directory: string): Members {
  return renamed(assets, assetNames).map(([key, part]) => [
    key,
    key === 'directory' ? part.file(directory) : part.mirror(),
  ]);
}

function convertLimits(limits: Part | undefined): Traced | undefined {
  if (limits?.isRecord !== true) return limits?.mirror();
  const members = renamed(limits, { cpu_ms: 'cpuMs' });
  return members.length === 0
    ? undefined
    : record(
        members.map(([key, part]) => [key, part.mirror()]),
        limits.origin,
      );
}

function convertTriggers(triggers: Part | undefined): Traced | undefined {
  const crons = triggers?.member('crons');
  return triggers === undefined || triggers.isEmpty || crons?.isEmpty === true
    ? undefined
    : triggers.mirror();
}

const defaultPort = 8787;
const loopback = '127.0.0.1';

/** Where a file is served: what `dev` says, and otherwise where `wrangler dev` listens. */
export function convertAddress(root: Part, reading: Reading): Traced {
  const dev = root.member('dev');
  const ip = dev?.member('ip');
  const port = dev?.member('port');
  const protocol = dev?.member('local_protocol');
  if (protocol?.value === 'https') {
    warn(
      protocol,
      `${quote('https')} is ignored: nanod makes no certificates; name yours in an ecosystem.config.js`,
      reading,
    );
  }
  const origin: Origin = (port ?? ip ?? dev ?? root).origin;
  if (ip !== undefined && ip.text === undefined) return ip.mirror();
  const number = port === undefined ? defaultPort : port.value;
  if (port !== undefined && typeof number !== 'number') return port.mirror();
  const host = ip?.text ?? loopback;
  const written = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return plain(`${written}:${String(number)}`, origin);
}

/** The patterns that lead to a worker. */
export function convertRoutes({ get }: Settings, name: string | undefined): Traced[] {
  const parts = [get('route'), ...(get('routes')?.items ?? [get('routes')])];
  return parts.flatMap((part) => {
    if (part === undefined) return [];
    const pattern = part.isRecord ? part.member('pattern') : part;
    const service = name === undefined ? wrong(part.origin) : part.plain(name);
    return record(
      [
        ['pattern', pattern && convertPattern(pattern)],
        ['service', service],
      ],
      part.origin,
    );
  });
}

/** wrangler permits a scheme, which says nothing about where nanod listens. */
function convertPattern(pattern: Part): Traced {
  return pattern.text === undefined
    ? pattern.mirror()
    : pattern.plain(pattern.text.replace(/^https?:\/\//iu, ''));
}
