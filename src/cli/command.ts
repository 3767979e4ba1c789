/** What a command is, and what it is handed: it touches neither `process` nor the supervisor. */

import type { Argv } from 'yargs';
import type { Operations } from '../control/contract.ts';

/** The parts of the process that commands use. */
export interface CliPowers {
  readonly operations: Operations;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Standard error is a terminal: progress may be shown. */
  readonly interactive: boolean;
  /** Standard output is a terminal, and colours are welcome. */
  readonly color: boolean;
  /** Standard input and output are a terminal. */
  readonly terminal: boolean;
  /** Resolves when what was printed has been taken. */
  readonly outputTaken: () => Promise<void>;
  /** Resolves when nobody reads the output any more. */
  readonly outputClosed: () => Promise<void>;
  /** Resolves with the name of the next signal that asks to stop. */
  readonly stopSignal: () => Promise<'SIGINT' | 'SIGTERM'>;
}

/** A command; each has a file of its own. */
export interface Command<Args> {
  /** yargs' form: `serve [config]`. */
  readonly usage: string;
  /** Other names. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly build: (yargs: Argv) => Argv<Args>;
  /** Resolves with the exit status. Throws CommandFailure. */
  readonly run: (args: Args, powers: CliPowers) => Promise<number>;
}
