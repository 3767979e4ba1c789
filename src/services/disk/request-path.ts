/** From the URL of a request to the names that lead to a file. Pure; used in threads. */

/** The start of the names of files that are being written: nobody reads or writes them by name. */
export const temporaryPrefix = '.nanod-put-';

/**
 * The names of directories and, last, of what is asked for, from the root of a disk service; none for the root itself. Undefined for a
 * path that leads nowhere: one with `..`, with a name that is no UTF-8, or that holds what would be taken for a separator by somebody.
 */
export function requestPath(url: string, allowDotfiles: boolean): readonly string[] | undefined {
  const path = URL.parse(url)?.pathname ?? '';
  const names: string[] = [];
  for (const part of path.split('/')) {
    if (part === '') continue;
    const name = decode(part);
    if (name === undefined || !isName(name) || (!allowDotfiles && name.startsWith('.'))) return undefined;
    names.push(name);
  }
  const length = names.reduce((sum, name) => sum + Buffer.byteLength(name) + 1, 0);
  return names.length > mostNames || length > longestPath ? undefined : names;
}

/** Deeper trees, and longer paths in bytes, are what tools cannot remove any more. */
const mostNames = 64;
const longestPath = 2048;

/** Longest name of a file, in bytes, wherever nanod runs. */
const longestName = 255;

function isName(name: string): boolean {
  if (name === '.' || name === '..' || name.startsWith(temporaryPrefix)) return false;
  return !/[/\\\0-\x1f\x7f]/u.test(name) && Buffer.byteLength(name) <= longestName;
}

/** Once, and strictly: overlong forms and halves of surrogate pairs are no UTF-8. */
function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
