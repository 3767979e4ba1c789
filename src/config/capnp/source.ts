/** A file of the capnp dialect while it is read: its text, its positions, and the limits that hold for all files. Runs in the supervisor. */
import { codeFrame, lineIndex } from '../../shared/code-frame.ts';
import { makeError } from '../../shared/errors.ts';
import type { ErrorPlace, NanodError } from '../../shared/errors.ts';

/** A file and its text. */
export class Source {
  /** Absolute. */
  readonly path: string;
  /** As messages name it. */
  readonly shown: string;
  readonly text: string;
  #positionOf: ((offset: number) => { line: number; column: number }) | undefined;

  constructor(path: string, shown: string, text: string) {
    this.path = path;
    this.shown = shown;
    this.text = text;
  }

  /** Where a UTF-16 offset stands. */
  place(offset: number): ErrorPlace {
    this.#positionOf ??= lineIndex(this.text);
    return { file: this.shown, ...this.#positionOf(offset) };
  }

  /** The same, with the lines around it: for errors that end the reading of the file. */
  frame(offset: number): ErrorPlace {
    const { line = 1, column, file = this.shown } = this.place(offset);
    const frame = codeFrame(this.text, { line, column });
    return { file, line, column, ...(frame === undefined ? {} : { frame }) } as ErrorPlace;
  }
}

/** A place in a file: a UTF-16 offset. */
export interface At {
  readonly source: Source;
  readonly offset: number;
}

/** What one configuration may consist of, all of its files together. */
export const limits = Object.freeze({
  /** Lists and tuples within each other. */
  depth: 64,
  /** Values written down in one file. */
  expressions: 500_000,
  /** Files that import each other. */
  files: 64,
  /** Imports of these files. */
  imports: 1000,
  /** Errors of syntax that one file is read on after. */
  syntaxErrors: 20,
  /** Bytes of the embedded files that are read. */
  embedded: 64 * 1024 * 1024,
  /** Values of the configuration, each counted as often as it is referred to. */
  values: 500_000,
});

/** Ends the reading of a configuration: there is more of something than is read. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
  readonly error: NanodError;

  constructor(what: string, limit: string, { source, offset }: At) {
    super(what);
    this.error = makeError('CONFIG_TOO_LARGE', { what, limit }, source.frame(offset));
  }
}
