/** Turns positions of bundled code in a stack into positions of the sources. */

import { SourceMap } from 'node:module';

/** Maps the frames of one worker's stacks. The source map is parsed at the first stack. */
export interface StackMapper {
  map(stack: string): string;
}

/** `scriptName`: what frames of the bundle carry. `sourceMap`: its JSON. */
export function makeStackMapper(scriptName: string, sourceMap: string): StackMapper {
  let map: SourceMap | undefined;
  return {
    map(stack) {
      if (!stack.includes(scriptName)) return stack;
      map ??= new SourceMap(JSON.parse(sourceMap) as ConstructorParameters<typeof SourceMap>[0]);
      const known = map;
      return stack
        .split('\n')
        .map((line) => mapLine(line, scriptName, known))
        .join('\n');
    },
  };
}

function mapLine(line: string, scriptName: string, map: SourceMap): string {
  const start = line.indexOf(scriptName);
  if (start === -1) return line;
  const position = /^:(\d+):(\d+)/.exec(line.slice(start + scriptName.length));
  if (position === null) return line;
  const entry = map.findEntry(Number(position[1]) - 1, Number(position[2]) - 1);
  if (!('originalSource' in entry)) return line;
  const end = start + scriptName.length + position[0].length;
  const place = `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  return line.slice(0, start) + place + line.slice(end);
}
