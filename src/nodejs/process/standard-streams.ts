/** process.stdout and process.stderr: streams whose lines go to the log. */

import type { StreamModule } from '../stream/types.ts';

/** The property, whose stream is made at its first use. */
export function standardStream(name: string, print: (line: string) => void): PropertyDescriptor {
  let made: object | undefined;
  return { configurable: true, enumerable: true, get: () => (made ??= makeStream(name, print)) };
}

function makeStream(name: string, print: (line: string) => void): object {
  // Loaded here, because streams themselves need `process`.
  const { Writable } = require('../stream/stream.ts').default as StreamModule;
  let rest = '';
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding: unknown, done: () => void) {
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) print(line);
      // What ends without a line break is printed at the end of the turn.
      if (rest !== '') queueMicrotask(flush);
      done();
    },
  });
  function flush(): void {
    if (rest === '') return;
    print(rest);
    rest = '';
  }
  return Object.assign(stream, { fd: name === 'stdout' ? 1 : 2, isTTY: false });
}
