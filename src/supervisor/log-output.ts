/**
 * Standard error as the place of a log: who reads it may be slow, or have stopped. Then lines are counted instead of kept, and nothing waits.
 * Runs on the main thread of `nanod serve`.
 */

/** A stream of the process whose writes do not wait. */
export interface OutputStream {
  readonly writableLength: number;
  write(text: string): unknown;
}

export interface LogOutputOptions {
  readonly stream: OutputStream;
  /** Bytes that may wait in the stream. */
  readonly most?: number;
  /** The line that says how many are missing. */
  readonly droppedLine: (count: number) => string;
}

const usualMost = 4 * 1024 * 1024;

/** What takes the lines. */
export function makeLogOutput({ stream, most = usualMost, droppedLine }: LogOutputOptions): {
  write(line: string): void;
} {
  let dropped = 0;
  return {
    write(line) {
      if (stream.writableLength + line.length > most) {
        dropped++;
        return;
      }
      if (dropped > 0) stream.write(droppedLine(dropped));
      dropped = 0;
      stream.write(line);
    },
  };
}
