/** The supervisor's end of the thread that reads the past of the log. */

import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { nodeEndpoint } from '../../messages/endpoint.ts';
import type { HistorySource, RecordFilter } from './history.ts';
import type { HistoryThread } from './history-thread.ts';

const entry = new URL(`./history-thread${extname(import.meta.url)}`, import.meta.url);

/** Megabytes of its heap: what it keeps is bounded, and what it parses is not much. */
const memory = 512;

export class HistoryReader {
  readonly #worker: Worker;
  readonly #thread: Comlink.Remote<HistoryThread>;
  /** Rejects when the thread has ended. */
  readonly #gone: Promise<never>;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#worker = new Worker(entry, {
      workerData: port1,
      transferList: [port1],
      env: {},
      execArgv: ['--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb: memory },
    });
    this.#gone = new Promise((_, reject) => {
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => reject(new Error('the thread that reads the log has ended')));
    });
    this.#gone.catch(() => {});
    this.#thread = Comlink.wrap<HistoryThread>(nodeEndpoint(port2));
  }

  /** Resolves with how many records there are to take. These methods reject when the reader is closed. */
  read(sources: readonly HistorySource[], filter: RecordFilter, lines: number): Promise<number> {
    return Promise.race([this.#thread.read(sources, filter, lines), this.#gone]);
  }

  take(): Promise<string> {
    return Promise.race([this.#thread.take(), this.#gone]);
  }

  grep(lines: string, pattern: string): Promise<string> {
    return Promise.race([this.#thread.grep(lines, pattern), this.#gone]);
  }

  /** Ends the thread, whatever it does. */
  close(): void {
    void this.#worker.terminate();
  }
}
