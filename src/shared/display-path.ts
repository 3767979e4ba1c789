/** File names for people. Pure; used by everything that names files in messages. */
import { relative } from 'node:path';

/** The path from the working directory where that is shorter, else the absolute path it was given. */
export function displayPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path);
  return fromHere !== '' && fromHere.length < path.length ? fromHere : path;
}
