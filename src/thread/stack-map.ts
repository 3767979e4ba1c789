/** Turns positions of bundled code in stacks into positions of the sources, for all workers of a thread. */

import { SourceMap } from 'node:module';
import type { ErrorState } from '../realm/prelude/state.ts';

/** A frame of a worker's code, by the name of its script; see scriptName. A service's name may have any of these characters in it. */
const frame = /(worker:[\w.:@/~-]+@[0-9a-f]{1,12}):(\d+):(\d+)/gu;

/** A map is parsed at the first stack that needs it. */
export class StackMapper {
  readonly #maps = new Map<string, { map: string | SourceMap; users: number }>();

  /** `script`: what frames of a bundle carry. `sourceMap`: its JSON. Returns what forgets it again, to be called once. */
  add(script: string, sourceMap: string): () => void {
    const entry = this.#maps.get(script) ?? { map: sourceMap, users: 0 };
    entry.users++;
    this.#maps.set(script, entry);
    return () => {
      entry.users--;
      if (entry.users === 0) this.#maps.delete(script);
    };
  }

  /** The error with positions of the sources in its stack. */
  describe({ name, message, stack }: ErrorState): { name: string; message: string; stack: string } {
    return { name, message, stack: this.map(stack) };
  }

  /** The text with the positions of sources in it, where they are known. */
  map(text: string): string {
    if (!text.includes('worker:')) return text;
    return text.replace(frame, (found, script: string, line: string, column: string) => {
      return this.#place(script, Number(line), Number(column)) ?? found;
    });
  }

  #place(script: string, line: number, column: number): string | undefined {
    const entry = this.#mapOf(script)?.findEntry(line - 1, column - 1);
    if (entry === undefined || !('originalSource' in entry)) return undefined;
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  }

  #mapOf(script: string): SourceMap | undefined {
    const entry = this.#maps.get(script);
    if (entry === undefined) return undefined;
    if (typeof entry.map === 'string')
      entry.map = new SourceMap(JSON.parse(entry.map) as ConstructorParameters<typeof SourceMap>[0]);
    return entry.map;
  }
}
