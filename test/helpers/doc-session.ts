/** Runs the sessions of a page as its reader would: `nanod check`, `nanod serve`, `node` and `curl`, in a directory with the page's files. */

import process from 'node:process';
import type { Test } from 'tap';
import { startChild } from './child.ts';
import { runNanod, serve, writeFiles } from './nanod.ts';
import type { Nanod } from './nanod.ts';

/** One command of a session, and what the page says that it prints. */
export interface Step {
  readonly command: string;
  readonly expected: string;
}

/** The address that pages show. Here the system chooses a port. */
const shownAddress = '127.0.0.1:8787';
const ownAddress = '127.0.0.1:0';

/** What a session of a page works on. */
export interface Project {
  readonly files: Readonly<Record<string, string>>;
}

/** The steps of a `console` block. Throws for a line before the first command. */
export function stepsOf(text: string): readonly Step[] {
  const [before = '', ...parts] = text.split(/^\$ /mu);
  if (before !== '') throw new Error(`not the output of any command: ${before}`);
  return parts.map((part) => {
    const end = part.indexOf('\n');
    return { command: part.slice(0, end), expected: part.slice(end + 1).trimEnd() };
  });
}

/** The pattern for an expected output. */
export function patternOf(expected: string): RegExp {
  return new RegExp(`^${expected.split('…').map(RegExp.escape).join('[^\\n]*')}$`, 'u');
}

/** A session: commands one after the other; a server that one starts answers those that follow. */
export class Session {
  readonly #t: Test;
  readonly #files: Readonly<Record<string, string>>;
  #server: Nanod | undefined;

  constructor(t: Test, { files }: Project) {
    this.#t = t;
    const entries = Object.entries(files);
    this.#files = Object.fromEntries(
      entries.map(([path, text]) => [path, text.replaceAll(shownAddress, ownAddress)]),
    );
  }

  /** Starts the server, as `nanod serve` does. Resolves with what it has printed. */
  async serve(): Promise<string> {
    this.#server = await serve(this.#t, { files: this.#files, args: ['--threads', '2'] });
    return this.#server.stdout().replaceAll(new URL(this.#server.url).host, shownAddress);
  }

  /** Runs a command. Resolves with what it prints, without the line's end. */
  async run(command: string): Promise<string> {
    const [program, ...args] = splitWords(command);
    if (program === 'curl') return (await this.#curl(args)).trimEnd();
    if (program === 'node') return (await this.#node(args)).trimEnd();
    if (program !== 'nanod') throw new Error(`pages run nanod, node and curl, not ${command}`);
    if (args.join(' ') === 'serve') return (await this.serve()).trimEnd();
    const { stdout, stderr } = await runNanod(this.#t, { files: this.#files, args });
    return (stdout + stderr).replaceAll(ownAddress, shownAddress).trimEnd();
  }

  /** Ends the server, if there is one. Resolves with its exit status. */
  async end(): Promise<number | null> {
    return this.#server === undefined ? 0 : (await this.#server.stop('SIGINT')).status;
  }

  /** `node PROGRAM`, which finds this nanod as the package. */
  async #node(args: readonly string[]): Promise<string> {
    const entry = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href);
    const files = Object.entries(this.#files).map(([path, text]) => [path, text.replace(/'nanod'/u, entry)]);
    const cwd = writeFiles(this.#t, { files: Object.fromEntries(files) as Record<string, string> });
    const child = startChild(this.#t, process.execPath, args, { cwd });
    await child.ended;
    return child.stdout + child.stderr;
  }

  /** `curl [-X METHOD] URL` */
  async #curl(args: readonly string[]): Promise<string> {
    if (this.#server === undefined) throw new Error('nothing is being served yet');
    const method = args[0] === '-X' ? args[1] : undefined;
    const url = new URL(args.at(-1) ?? '');
    if (url.host !== shownAddress) throw new Error(`pages show ${shownAddress}, not ${url.host}`);
    const target = new URL(url.pathname + url.search, this.#server.url);
    const response = await fetch(target, method === undefined ? {} : { method });
    return response.text();
  }
}

/** Words as a shell splits them; only single quotes are known. */
function splitWords(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/gu)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
