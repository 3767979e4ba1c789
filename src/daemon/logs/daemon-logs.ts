/**
 * The log of the daemon: takes records of threads and its own, brings each to the files of its service and to whoever follows, and answers
 * what is asked of the log. Runs in the supervisor.
 */

import { basename, join } from 'node:path';
import type { FlushReport, LogsReport, LogsRequest, LogStream } from '../../control/api.ts';
import { defaultLogs, type LogLimits, type ServiceLogs } from '../../config/log-settings.ts';
import { type Config, internetService } from '../../config/types.ts';
import type { LogMessage } from '../../messages/log.ts';
import {
  errorLevel,
  levelNames,
  type LogRecord,
  ownName,
  toJsonLine,
  toPrettyLine,
} from '../../shared/log-record.ts';
import { count } from '../../shared/text.ts';
import { recordOf } from '../../supervisor/log-writer.ts';
import { select } from '../selectors.ts';
import type { LogFile } from './log-file.ts';
import type { LogFs } from './log-fs.ts';
import { LogSession } from './log-session.ts';
import { defaultFileName, LogStore } from './log-store.ts';

export interface DaemonLogsPowers {
  /** Absolute. */
  readonly directory: string;
  /** The least that is written; see leastLevel. */
  readonly level: number;
  readonly fs: LogFs;
  /** Milliseconds since 1970; may jump. */
  readonly now: () => number;
  /** Milliseconds, monotonic. */
  readonly uptime: () => number;
}

/** Where the records of a service go. */
interface Route {
  readonly out: LogFile | undefined;
  readonly error: LogFile | undefined;
  /** Of both. */
  readonly all: LogFile | undefined;
  readonly isPretty: boolean;
}

const usualLines = 15;
/** Where it is said since when. */
const mostLines = 100_000;

export class DaemonLogs {
  readonly #powers: DaemonLogsPowers;
  readonly #store: LogStore;
  readonly #sessions = new Set<LogSession>();
  #shared: LogLimits = {};
  #services: ReadonlyMap<string, ServiceLogs> = new Map();
  /** By service. */
  readonly #routes = new Map<string, Route>();
  /** Files whose records are for people. */
  readonly #pretty = new Set<LogFile>();
  #droppedByLimit = 0;

  constructor(powers: DaemonLogsPowers) {
    this.#powers = powers;
    const { directory, fs, now, uptime } = powers;
    this.#store = new LogStore(defaultLogs, {
      directory,
      fs,
      now,
      uptime,
      droppedLine: (file, service, dropped) => this.#droppedLine(file, service, dropped),
      report: (level, text, details) => this.log(level, text, details),
    });
  }

  /** Takes in the files that are there. */
  async start(): Promise<void> {
    await this.#store.scan(defaultLogs);
  }

  /** A record of a thread. */
  readonly write = (message: LogMessage): void => {
    this.#droppedByLimit += message.dropped ?? 0;
    this.#append(recordOf(message));
  };

  /** A record of the supervisor; one whose details name a service goes to the log of that service. */
  readonly log = (
    level: 'info' | 'warn' | 'error',
    text: string,
    details: Record<string, unknown> = {},
  ): void => {
    const time = this.#powers.now();
    const number = levelNames.get(level) ?? errorLevel;
    const record = { level: number, time, service: ownName, ...details, msg: text };
    this.#append({ ...record, level: number, service: String(record.service) });
  };

  /** What a configuration says, from now on. */
  configure({ logs = {}, services }: Config): void {
    const { maxTotalBytes = defaultLogs.maxTotalBytes, minFreeBytes = defaultLogs.minFreeBytes } = logs;
    this.#store.limits = { maxTotalBytes, minFreeBytes };
    this.#shared = logs;
    this.#services = new Map(
      services.flatMap((service) =>
        service.kind === 'worker' && service.logs !== undefined
          ? [[service.name, service.logs] as const]
          : [],
      ),
    );
    this.#routes.clear();
    this.#pretty.clear();
    for (const file of this.#store.files) file.limits = { ...defaultLogs, ...logs };
    for (const { name } of services) this.#route(name);
    this.#route(ownName);
  }

  /** Every file is opened anew. */
  async reopen(): Promise<void> {
    await this.#store.reopen();
    this.log('info', 'the log files are opened anew');
  }

  /** To be called every few seconds. */
  tick(): Promise<void> {
    return this.#store.tick();
  }

  report(): LogsReport {
    const { paused, failing, totalBytes, dropped } = this.#store;
    const [failed] = failing;
    const reason = paused ?? (failed && `${basename(failed[0])}: ${failed[1]}`);
    return {
      state: paused !== undefined ? 'paused' : failing.size > 0 ? 'failing' : 'writing',
      ...(reason === undefined ? {} : { reason }),
      bytes: totalBytes,
      droppedByLimit: this.#droppedByLimit,
      droppedByDisk: dropped,
    };
  }

  /** `names`: of the services that are deployed. Rejects with SELECTOR_UNMATCHED. */
  async open(request: LogsRequest, names: readonly string[]): Promise<LogStream> {
    const { selectors = [], since, level, stream, grep, follow = false } = request;
    const services = this.#select(selectors, names);
    const isEverything = selectors.length === 0 || selectors.includes('all');
    const wanted = new Set(services);
    const files = this.#filesOf(services);
    await Promise.all([...files.keys()].map((file) => file.load()));
    const session = new LogSession({
      filter: { since, level, stream, grep },
      isWanted: (service) => isEverything || wanted.has(service),
      lines: request.lines ?? (since === undefined ? usualLines : mostLines),
      follow,
      files,
      hold: () => this.#store.hold(),
      now: this.#powers.now,
      onClose: (closed) => this.#sessions.delete(closed),
    });
    this.#sessions.add(session);
    return session;
  }

  /** Empties the files of services. `names`: as of `open`. Rejects with errors of node:fs. */
  async flush(selectors: readonly string[] = [], names: readonly string[]): Promise<FlushReport> {
    const services = this.#select(selectors, names);
    let bytes = 0;
    for (const file of this.#filesOf(services, true).keys()) bytes += await file.clear();
    return { services, bytes };
  }

  /** Ends what reads. */
  closeSessions(): void {
    for (const session of this.#sessions) session.close();
  }

  /** Writes what waits, as far as the disk takes it within some milliseconds. */
  close(patience: number): Promise<void> {
    return this.#store.close(patience);
  }

  #append(record: LogRecord): void {
    if (record.level < this.#powers.level) return;
    const { service, level } = record;
    const line = toJsonLine(record);
    for (const session of this.#sessions) session.publish(record, line);
    const { out, error, all, isPretty } = this.#route(service);
    const own = level >= errorLevel ? error : out;
    const text = isPretty && (own ?? all) !== undefined ? toPrettyLine(record) : line;
    if (own !== undefined) this.#store.append(own, service, text);
    if (all !== undefined) this.#store.append(all, service, text);
  }

  #route(service: string): Route {
    const known = this.#routes.get(service);
    if (known !== undefined) return known;
    const { directory } = this.#powers;
    const settings = this.#services.get(service) ?? this.#shared;
    const { outFile, errorFile, logFile } = this.#services.get(service) ?? {};
    const limits = { ...defaultLogs, ...settings };
    const file = (path: string | null): LogFile | undefined => {
      if (path === null) return undefined;
      const found = this.#store.file(path, limits);
      found.limits = limits;
      if (limits.format === 'pretty') this.#pretty.add(found);
      return found;
    };
    const route: Route = {
      out: file(outFile === undefined ? join(directory, defaultFileName(service, 'out')) : outFile),
      error: file(errorFile === undefined ? join(directory, defaultFileName(service, 'error')) : errorFile),
      all: file(logFile ?? null),
      isPretty: limits.format === 'pretty',
    };
    this.#routes.set(service, route);
    return route;
  }

  /** Services that are deployed no more can still be read about. */
  #select(selectors: readonly string[], names: readonly string[]): string[] {
    const written = this.#store.files.flatMap(({ path }) => {
      const [, name] = /^(.+)-(?:out|error)\.log$/u.exec(basename(path)) ?? [];
      return name !== undefined && path.startsWith(this.#powers.directory) ? [name] : [];
    });
    const all = [...new Set([...names, internetService, ownName, ...written])];
    return selectors.length === 0 ? all : select(selectors, all);
  }

  /** Each file with the services that write to it. A file for all records repeats what is in the two others. */
  #filesOf(services: readonly string[], repeated = false): Map<LogFile, string[]> {
    const files = new Map<LogFile, string[]>();
    for (const service of services) {
      const { out, error, all } = this.#route(service);
      const isRepeated = out !== undefined && error !== undefined;
      const own = [out, error, ...(repeated || !isRepeated ? [all] : [])];
      for (const file of new Set(own)) {
        if (file !== undefined) files.set(file, [...(files.get(file) ?? []), service]);
      }
    }
    return files;
  }

  #droppedLine(file: LogFile, service: string, dropped: number): string {
    const msg = `dropped ${count(dropped, 'line')}: the disk did not take them`;
    const record: LogRecord = { level: 40, time: this.#powers.now(), service, dropped, msg };
    return this.#pretty.has(file) ? toPrettyLine(record) : toJsonLine(record);
  }
}
