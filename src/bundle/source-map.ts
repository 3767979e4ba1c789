/** Source maps: making the one of code that was not moved, moving esbuild's by a line, and reading positions from either. */

import { SourceMap } from 'node:module';
import type { SourceMapData } from './bundle.ts';

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** One number as a Base64 VLQ. */
function encode(number: number): string {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let text = '';
  do {
    const more = rest > 31 ? 32 : 0;
    text += base64.charAt((rest & 31) | more);
    rest >>>= 5;
  } while (rest > 0);
  return text;
}

/** The numbers of a segment. */
function decode(segment: string): number[] {
  const numbers: number[] = [];
  let number = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = base64.indexOf(character);
    number |= (digit & 31) << shift;
    shift += 5;
    if (digit > 31) continue;
    numbers.push((number & 1) === 1 ? -(number >>> 1) : number >>> 1);
    number = shift = 0;
  }
  return numbers;
}

/** `[columns, same source, same line, columns]`, for the steps within a line that occur all the time. */
const steps = Array.from({ length: 128 }, (_, columns) => `,${encode(columns)}AA${encode(columns)}`);

/**
 * The map of a text onto itself. A position is found exactly if it is the beginning of a word or of anything else that is no space,
 * which is where stack traces point.
 */
export function identityMap(text: string, source: string): SourceMapData {
  return {
    version: 3,
    sources: [source],
    sourcesContent: [text],
    mappings: identityMappings(text),
    names: [],
  };
}

function identityMappings(text: string): string {
  let mappings = 'AAAA';
  let column = 0;
  let mappedColumn = 0;
  let inWord = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isLineEnd(code, text, i)) {
      mappings += `;AAC${encode(-mappedColumn)}`;
      column = mappedColumn = 0;
      inWord = false;
      continue;
    }
    const isWord = isWordCharacter(code);
    if (column > mappedColumn && code > 32 && !(isWord && inWord)) {
      const step = column - mappedColumn;
      mappings += steps[step] ?? `,${encode(step)}AA${encode(step)}`;
      mappedColumn = column;
    }
    inWord = isWord;
    column += 1;
  }
  return mappings;
}

/** As V8 counts lines. */
function isLineEnd(code: number, text: string, at: number): boolean {
  if (code === 10 || code === 0x2028 || code === 0x2029) return true;
  return code === 13 && text.charCodeAt(at + 1) !== 10;
}

function isWordCharacter(code: number): boolean {
  if (code > 127) return true;
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 36 ||
    code === 95
  );
}

/** The same map for code that has been moved down by whole lines. */
export function moveDown(map: SourceMapData, lines: number): SourceMapData {
  return { ...map, mappings: ';'.repeat(lines) + map.mappings };
}

/** The map of two texts, one behind the other, of which the second begins `lines` lines down. */
export function joinMaps(first: SourceMapData, second: SourceMapData, lines: number): SourceMapData {
  // Of each segment: column, source, line, column of the source, name; all but the first go on from segment to segment.
  const end = [0, 0, 0, 0, 0];
  for (const [segment] of first.mappings.matchAll(/[^;,]+/gu)) {
    for (const [field, delta] of decode(segment).entries()) end[field] = (end[field] ?? 0) + delta;
  }
  const start = [0, first.sources.length, 0, 0, first.names.length];
  const isAdjusted = [true, false, false, false, false];
  const moved = second.mappings.replace(/[^;,]+/gu, (segment) => {
    const fields = decode(segment);
    for (const [field, delta] of fields.entries()) {
      if (isAdjusted[field] === true) continue;
      isAdjusted[field] = true;
      fields[field] = delta + (start[field] ?? 0) - (end[field] ?? 0);
    }
    return fields.map(encode).join('');
  });
  const gap = lines - (first.mappings.split(';').length - 1);
  return {
    version: 3,
    sources: [...first.sources, ...second.sources],
    sourcesContent: [...first.sourcesContent, ...second.sourcesContent],
    mappings: first.mappings + ';'.repeat(gap) + moved,
    names: [...first.names, ...second.names],
  };
}

/** A position in a source of a map. The numbers count from 1. */
export interface OriginalPosition {
  readonly source: string;
  readonly content: string | undefined;
  readonly line: number;
  readonly column: number;
}

/** A look-up function from positions of the mapped code (from 1) to those of its sources. Decodes the map at the first look-up. */
export function originalPositions(
  map: SourceMapData,
): (line: number, column: number) => OriginalPosition | undefined {
  let decoded: SourceMap | undefined;
  return (line, column) => {
    decoded ??= new SourceMap({ ...map, file: '', sourceRoot: '' } as unknown as SourceMap['payload']);
    const entry = decoded.findEntry(line - 1, column - 1);
    if (!('originalSource' in entry)) return undefined;
    const content = map.sourcesContent[map.sources.indexOf(entry.originalSource)];
    return {
      source: entry.originalSource,
      content: content ?? undefined,
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  };
}
