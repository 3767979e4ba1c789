/** Names as errors list them. Pure functions. */

const mostNamesListed = 12;

/** `"a", "b" and 3 more` */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, mostNamesListed).map((name) => `"${name}"`);
  const hidden = names.length - shown.length;
  return hidden === 0 ? shown.join(', ') : `${shown.join(', ')} and ${hidden} more`;
}
