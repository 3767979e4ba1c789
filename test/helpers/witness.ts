/** Tells who makes code of a realm run: the file of the frame below the trap that asks, by way of a function of its own. */

import type { Context } from 'node:vm';

/** What was seen. */
export interface Witness {
  /** Looks by a file that is neither the prelude nor a worker, as `what (file)`. */
  readonly looks: Set<string>;
  /** How often the witness was called at all. */
  count(): number;
  /** Gives the realm the function `witness(what)`. */
  install(context: Context): void;
}

export function makeWitness(): Witness {
  const looks = new Set<string>();
  let count = 0;
  const witness = (what: unknown): void => {
    count++;
    const caller = callerOf(witness);
    if (caller !== undefined && !/^(?:nanod:prelude|worker:)/u.test(caller))
      looks.add(`${String(what)} (${caller})`);
  };
  return {
    looks,
    count: () => count,
    install(context) {
      Object.defineProperty(context, 'witness', { value: witness, configurable: true });
    },
  };
}

/** The file that called what called `fn`, native code left out; undefined at the end of the stack. */
function callerOf(fn: (...args: never[]) => unknown): string | undefined {
  const { prepareStackTrace } = Error;
  let files: (string | null)[] = [];
  Error.prepareStackTrace = (_error, sites) => {
    files = sites.map((site) => site.getFileName() ?? null);
  };
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, fn);
  void holder.stack;
  Error.prepareStackTrace = prepareStackTrace;
  // The first two are the trap's.
  return files.slice(2).find((file) => file !== null) ?? undefined;
}
