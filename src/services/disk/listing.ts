/** What is in a directory, as workerd writes it. Runs in a thread. */

import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { temporaryPrefix } from './request-path.ts';

/** JSON: `[{"name":"a","type":"file"},…]`, by name. */
export async function listDirectory(path: string, allowDotfiles: boolean): Promise<string> {
  const entries = await readdir(path, { withFileTypes: true });
  const shown = entries.filter(
    ({ name }) => !name.startsWith(temporaryPrefix) && (allowDotfiles || !name.startsWith('.')),
  );
  shown.sort((a, b) => (a.name < b.name ? -1 : 1));
  return JSON.stringify(shown.map((entry) => ({ name: entry.name, type: typeOf(entry) })));
}

function typeOf(entry: Dirent): string {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isBlockDevice()) return 'blockDevice';
  if (entry.isCharacterDevice()) return 'characterDevice';
  if (entry.isFIFO()) return 'namedPipe';
  return entry.isSocket() ? 'socket' : 'other';
}
