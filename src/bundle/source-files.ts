/** The user's files as messages show them: their names, and the lines around a position. Runs on the main thread. */

import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { codeFrame } from '../shared/code-frame.ts';
import { displayPath } from '../shared/display-path.ts';
import type { ErrorPlace } from '../shared/errors.ts';
import { describeThrown } from '../shared/text.ts';

/** A position in a file, before its frame is drawn. */
export interface SourcePosition {
  /** An absolute path, or the name of something that is no file. */
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** The text of the file, where it is at hand. */
  readonly content?: string | undefined;
}

/** Modules that nanod makes have names like this in a build. */
const ownSource = /^nanod-[a-z]+:/u;

export interface SourceFilesOptions {
  /** Files within are named relative to it. */
  readonly workingDirectory: string;
  /** What a build names files relative to. */
  readonly directory: string;
  /** Sources that are no files of their own, by the name that a build gives them. */
  readonly virtual: {
    get(source: string): { readonly origin: string; readonly text: string | undefined } | undefined;
  };
}

/** Names files relative to a directory, and draws frames. */
export class SourceFiles {
  readonly #options: SourceFilesOptions;
  /** Errors of one build are often in one file. */
  readonly #contents = new Map<string, string | undefined>();

  constructor(options: SourceFilesOptions) {
    this.#options = options;
  }

  /** A source as a build names it: an absolute path, or the name of something that is no file. */
  locate(source: string): string {
    const { virtual, directory } = this.#options;
    const origin = virtual.get(source)?.origin;
    if (origin !== undefined) return origin;
    return ownSource.test(source) ? source : sourceFile(directory, source);
  }

  /** The text of a source that a configuration holds. */
  content(source: string): string | undefined {
    return this.#options.virtual.get(source)?.text;
  }

  /** `src/api.ts`, where that is shorter than the absolute path. */
  name(file: string): string {
    if (!isAbsolute(file)) return file;
    return displayPath(file, this.#options.workingDirectory);
  }

  /** A position as errors carry it, with its frame. */
  place({ file, line, column, content }: SourcePosition): ErrorPlace {
    const name = this.name(file);
    if (line === undefined) return { file: name };
    const text = content ?? this.#read(file);
    const frame = text === undefined ? undefined : codeFrame(text, { line, column });
    return {
      file: name,
      line,
      ...(column === undefined ? {} : { column }),
      ...(frame === undefined ? {} : { frame }),
    };
  }

  #read(file: string): string | undefined {
    if (!isAbsolute(file)) return undefined;
    if (!this.#contents.has(file)) this.#contents.set(file, readText(file));
    return this.#contents.get(file);
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const fileErrors: Readonly<Record<string, string>> = Object.freeze({
  EACCES: 'it may not be read (permission denied)',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links form a circle',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is no directory',
});

/** Why a file could not be read, in words. */
export function describeFileError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return fileErrors[code] ?? describeThrown(error);
}

/** A source as esbuild names it (relative to its working directory, with a suffix such as `?module`), as an absolute path. */
function sourceFile(directory: string, source: string): string {
  return resolve(directory, source.replace(/(?:\?[^/]*| with \{[^}]*\})$/u, ''));
}
