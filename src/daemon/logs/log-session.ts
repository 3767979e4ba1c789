/** One reader of the log: first what was logged before, then, if he follows it, what comes, without a gap. Runs in the supervisor. */

import type { LogStream } from '../../control/api.ts';
import { type LogRecord, ownName, toJsonLine } from '../../shared/log-record.ts';
import { count } from '../../shared/text.ts';
import { fits, type HistorySource, type RecordFilter } from './history.ts';
import { HistoryReader } from './history-reader.ts';
import { LiveQueue } from './live-queue.ts';
import type { LogFile } from './log-file.ts';

export interface SessionOptions {
  readonly filter: RecordFilter;
  readonly isWanted: (service: string) => boolean;
  /** Records of the past, at most. */
  readonly lines: number;
  readonly follow: boolean;
  /** Where the past is, with the services whose records are believed there. */
  readonly files: ReadonlyMap<LogFile, readonly string[]>;
  /** See LogStore. */
  readonly hold: () => () => void;
  readonly now: () => number;
  readonly onClose: (session: LogSession) => void;
}

/** How long the disk may take for what waits, and somebody for reading, before it goes on without, in milliseconds. */
const patienceForDisk = 10_000;
const patienceForReader = 10_000;
const mostWaiting = 1024 * 1024;

export class LogSession implements LogStream {
  readonly chunks: AsyncIterable<string>;
  readonly #options: SessionOptions;
  readonly #queue: LiveQueue;
  /** What is in the files and not in the queue: where each file ends at the moment in which the queue begins. */
  readonly #written: readonly Written[];
  readonly #release: () => void;
  #reader: HistoryReader | undefined;
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#queue = new LiveQueue({
      most: mostWaiting,
      droppedLine: (dropped) =>
        toJsonLine({
          level: 40,
          time: options.now(),
          service: ownName,
          dropped,
          msg: `${count(dropped, 'line')} not shown: whoever reads is too slow`,
        }),
    });
    const { files, lines, hold } = options;
    this.#release = hold();
    this.#written =
      lines === 0 ? [] : [...files].map(([file, services]) => ({ file, services, ...file.written() }));
    this.chunks = this.#run();
  }

  /** A record that was written just now. */
  publish(record: LogRecord, line: string): void {
    const { filter, follow, isWanted } = this.#options;
    if (follow && isWanted(record.service) && fits(filter, record)) this.#queue.push(line);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue.close();
    this.#reader?.close();
    this.#release();
    this.#options.onClose(this);
  }

  async *#run(): AsyncGenerator<string> {
    const { lines, follow, filter } = this.#options;
    try {
      if (lines > 0 && !this.#isClosed) yield* this.#past();
      this.#release();
      while (follow && !this.#isClosed) {
        const text = await this.#queue.next();
        if (text === '') break;
        const wanted = filter.grep === undefined ? text : await this.#open().grep(text, filter.grep);
        if (wanted !== '') yield wanted;
      }
    } catch (error) {
      if (!this.#isClosed) throw error;
    } finally {
      this.close();
    }
  }

  async *#past(): AsyncGenerator<string> {
    const { filter, lines } = this.#options;
    const late = setTimeout(this.#release, patienceForReader);
    const reader = this.#open();
    try {
      await Promise.race([Promise.all(this.#written.map(({ done }) => done)), after(patienceForDisk)]);
      const readable = this.#written.filter(({ file }) => file.isRegular);
      await reader.read(readable.map(sourceOf), filter, lines);
    } finally {
      clearTimeout(late);
      this.#release();
    }
    for (let text = await reader.take(); text !== ''; text = await reader.take()) yield text;
    if (filter.grep !== undefined && this.#options.follow) return;
    this.#reader = undefined;
    reader.close();
  }

  #open(): HistoryReader {
    return (this.#reader ??= new HistoryReader());
  }
}

interface Written {
  readonly file: LogFile;
  readonly services: readonly string[];
  readonly end: number;
  readonly done: Promise<void>;
}

function sourceOf({ file, services, end }: Written): HistorySource {
  const rotated = file.rotated.toReversed().map(({ path }) => ({ path }));
  return { services, segments: [{ path: file.path, end }, ...rotated] };
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
