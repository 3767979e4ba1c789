/** Several configurations as one: what the daemon runs is everything that was deployed. Pure. */

import {
  placeholderConfig,
  type Admin,
  type Config,
  type Group,
  type Service,
  type Socket,
} from '../config/types.ts';
import type { LogSettings } from '../config/log-settings.ts';
import { formatAddress } from '../config/address.ts';
import { makeError, type NanodError } from '../shared/errors.ts';
import { configWithNew } from './shares.ts';
import { living } from './state-changes.ts';
import type { SavedSource } from './state-file.ts';

/** What runs as a whole; throws an AggregateError of what does not fit together. `threads`: of groups that were scaled. */
export function mergeConfigs(all: readonly SavedSource[], threads: Readonly<Record<string, number>>): Config {
  const sources = living(all).map((source) => ({ ...source, config: configWithNew(source) }));
  const errors: NanodError[] = [];
  const config: Config = {
    ...placeholderConfig,
    preload: mergePreload(sources),
    threadMemoryMb: mergeMemory(sources),
    groups: mergeGroups(sources, threads),
    services: mergeServices(sources, errors),
    sockets: mergeSockets(sources, errors),
    admin: mergeAdmin(sources),
    logs: mergeLogs(sources),
  };
  if (errors.length > 0) throw new AggregateError(errors);
  return config;
}

function mergeMemory(sources: readonly SavedSource[]): number {
  if (sources.length === 0) return placeholderConfig.threadMemoryMb;
  return Math.max(...sources.map(({ config }) => config.threadMemoryMb));
}

/** Of what is said of the whole disk, the most careful; of the rest, what was said first. */
function mergeLogs(sources: readonly SavedSource[]): LogSettings {
  const all = sources.flatMap(({ config }) => config.logs ?? []);
  const totals = all.flatMap(({ maxTotalBytes }) => maxTotalBytes ?? []);
  const free = all.flatMap(({ minFreeBytes }) => minFreeBytes ?? []);
  return {
    ...all[0],
    ...(totals.length === 0 ? {} : { maxTotalBytes: Math.min(...totals) }),
    ...(free.length === 0 ? {} : { minFreeBytes: Math.max(...free) }),
  };
}

function mergePreload(sources: readonly SavedSource[]): Config['preload'] {
  const wanted = new Set(sources.map(({ config }) => config.preload));
  return wanted.has('all') ? 'all' : wanted.has('auto') ? 'auto' : 'none';
}

/** Of two that say how many threads a group has, the larger number. */
function mergeGroups(sources: readonly SavedSource[], scaled: Readonly<Record<string, number>>): Group[] {
  const groups = new Map<string, Group>();
  for (const { name, threads } of sources.flatMap(({ config }) => config.groups)) {
    const known = groups.get(name)?.threads;
    const numbers = [known, threads].filter((each) => typeof each === 'number');
    const own = scaled[name];
    groups.set(name, { name, threads: own ?? (numbers.length > 0 ? Math.max(...numbers) : 'auto') });
  }
  return [...groups.values()];
}

function mergeServices(sources: readonly SavedSource[], errors: NanodError[]): Service[] {
  const services = new Map<string, { readonly service: Service; readonly source: string }>();
  for (const { source, config } of sources) {
    for (const service of config.services) {
      const { name } = service;
      const known = services.get(name);
      if (known === undefined) services.set(name, { service, source });
      else if (JSON.stringify(known.service) !== JSON.stringify(service))
        errors.push(makeError('SERVICE_TAKEN', { service: name, source: known.source }, { file: source }));
      else if (service.kind === 'worker')
        errors.push(makeError('SERVICE_TAKEN', { service: name, source: known.source }, { file: source }));
    }
  }
  return [...services.values()].map(({ service }) => service);
}

/** Several configurations can share an admin socket: it tells of everything. */
function mergeAdmin(sources: readonly SavedSource[]): Admin[] {
  const admins = new Map<string, Admin>();
  for (const { address, metrics } of sources.flatMap(({ config }) => config.admin)) {
    const key = formatAddress(address);
    admins.set(key, { address, metrics: metrics || admins.get(key)?.metrics === true });
  }
  return [...admins.values()];
}

/** Names of sockets are those of their file: two files may use the same. */
function mergeSockets(sources: readonly SavedSource[], errors: NanodError[]): Socket[] {
  const sockets = new Map<string, Socket>();
  const addresses = new Map<string, string>();
  for (const { source, config } of sources) {
    for (const socket of config.sockets) {
      const address = formatAddress(socket.address);
      const first = addresses.get(address);
      if (first !== undefined && !(socket.address.kind === 'tcp' && socket.address.port === 0)) {
        errors.push(
          makeError('CONFIG_DUPLICATE', { what: 'address', name: address, first }, { file: source }),
        );
        continue;
      }
      addresses.set(address, `a socket of ${source}`);
      const name = freeName(socket.name, sockets);
      sockets.set(name, { ...socket, name });
    }
  }
  return [...sockets.values()];
}

function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  for (let i = 2, free = name; ; free = `${name}-${i++}`) if (!taken.has(free)) return free;
}
