/** The thread that reads the past of the log for one reader: the entry that history-reader.ts starts. */

import { type MessagePort, workerData } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { nodeEndpoint } from '../../messages/endpoint.ts';
import { parseJsonLine } from '../../shared/log-record.ts';
import { type HistorySource, makeGrep, readHistory, type RecordFilter } from './history.ts';

/** What is asked of the thread. */
export interface HistoryThread {
  /** Reads; resolves with how many records there are to take. */
  read(sources: readonly HistorySource[], filter: RecordFilter, lines: number): Promise<number>;
  /** The next records as lines of JSON; '' when there are no more. */
  take(): string;
  /** Those of some lines of JSON whose text fits. */
  grep(lines: string, pattern: string): string;
}

/** Characters that are handed over at once. */
const batch = 256 * 1024;

let records: string[] = [];
let taken = 0;

const thread: HistoryThread = {
  async read(sources, filter, lines) {
    records = await readHistory(sources, filter, lines);
    taken = 0;
    return records.length;
  },
  take() {
    let text = '';
    while (taken < records.length && text.length < batch) text += records[taken++] ?? '';
    if (text === '') records = [];
    return text;
  },
  grep(lines, pattern) {
    const matches = makeGrep(pattern);
    const wanted = (line: string): boolean => {
      const record = parseJsonLine(line);
      return record !== undefined && matches(record);
    };
    return lines.replaceAll(/[^\n]*\n/gu, (line) => (wanted(line) ? line : ''));
  },
};

Comlink.expose(thread, nodeEndpoint(workerData as MessagePort));
