/** Globs over names: `*` is any text, `?` any one character. Pure. */

/** A name means itself, whatever characters are in it. */
export function matchesGlob(glob: string, name: string): boolean {
  if (glob === name) return true;
  if (!/[*?]/u.test(glob)) return false;
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/gu, '\\$&')
    .replace(/\*+/gu, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 'su').test(name);
}
